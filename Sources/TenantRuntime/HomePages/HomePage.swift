import GRDB

/// What needs attention first, then how it stands.
struct HomePage: Page {
  static let template = "home"
  let title: String
}

package enum HomePages {
  package static let all: [PageView<Runtime>] = [
    PageView("", needs: .readCampaigns) { visit in HomePage(title: visit.words("Home")) }
  ]
}
