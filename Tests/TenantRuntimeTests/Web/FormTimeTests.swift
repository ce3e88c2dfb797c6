import Foundation
import Testing

@testable import TenantRuntime

/// Times as a browser's field writes them, on the tenant's clock.
@Suite struct FormTimeTests {
  private static let body = BodyDeclaration.json([Documented("send_at", .moment)])
  private static let denver = TimeZone(identifier: "America/Denver")!

  /// What is none stays as it was written, and is refused by its name.
  @Test(
    arguments: [
      ("2026-11-29T10:00", "2026-11-29T17:00:00.000Z"), ("2026-07-01T10:00:30", "2026-07-01T16:00:00.000Z"),
      ("2026-02-31T10:00", nil), ("2026-13-01T10:00", nil), ("2026-11-29T25:00", nil), ("2026-11-29T10:60", nil),
      // The clocks go from 2 to 3 o'clock.
      ("2026-03-08T02:30", nil), ("2026-03-08T03:30", "2026-03-08T09:30:00.000Z"),
    ] as [(String, String?)])
  func aTimeIsTheOneThatWasWrittenOrNone(_ text: String, _ moment: String?) {
    let json = FormJSON(Self.body, zone: Self.denver, language: .en).json([("send_at", text)])
    #expect(json["send_at"]?.text == moment ?? text)
  }
}
