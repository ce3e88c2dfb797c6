import ControlPlane
import Foundation
import Hummingbird
import TenantRuntime

/// Every part of pages in every state, on one page: for who builds them, and for the browser tests.
extension Site {
  /// Never part of what operators run.
  private static var showsKit: Bool {
    #if DEBUG
      true
    #else
      ProcessInfo.processInfo.environment["ROUNDHOUSE_PAGES"] != nil
    #endif
  }

  func mountKit(on router: Hummingbird.Router<RoundhouseContext>) {
    guard Self.showsKit else { return }
    router.get("/kit") { _, _ in
      let chart = Chart(Words(.en, zone: .gmt, now: controlPlane.now()))
      let days = (1...8).map { "Day \($0)" }
      let series = [
        Chart.Series("brand", "Sent", [100, 250, 487, 512, 0, 0, 0, 0]),
        Chart.Series("quiet", "Allowed", [0, 0, 13, 238, 1_500, 2_250, 3_000, 7_500]),
      ]
      let caption = "Texts allowed a day while the number warms up"
      let parts = [
        Chart.Part(64_143, "go", "delivered"), Chart.Part(2_360, "stop", "failed"),
        Chart.Part(19_040, "wait", "waiting"), Chart.Part(5_560, "quiet", "skipped"),
      ]
      let values: [String: Any] = [
        "chart": chart.columns(days, series, caption: caption),
        "table": chart.table(days, series, head: "Day", caption: caption), "bar": chart.split(parts, isTall: true),
        "budgetBar": chart.share(0.42, label: "42 percent of the budget used"),
      ]
      return PageRequestContext.html(PageLibrary.current().templates(in: .en).render("kit", values))
    }
  }
}
