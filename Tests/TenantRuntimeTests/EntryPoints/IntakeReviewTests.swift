import TestKit
import Testing

@testable import TenantRuntime

/// What somebody wrote holds from the moment it was answered, whatever of older rows is applied meanwhile.
@Suite struct IntakeReviewTests {
  private let folder = try! TestFolder()
  private let person = PhoneNumber(e164: "+14155550123")!
  private let number = PhoneNumber(e164: "+14155550999")!
  private let at = Moment(iso8601: "2026-11-23T17:00:00Z")!

  private func wrote(_ body: String, _ sid: String) -> InboundText {
    InboundText(
      sid: sid, from: person, to: number, body: body, mediaCount: 0,
      reading: InboundReading(body: body, optOutType: nil, words: .standard, languages: []), at: at, raw: "")
  }

  private func isLet(_ runtime: Runtime) -> Bool {
    runtime.gate.isAllowed(SendGate.Text(phone: person, number: number, campaign: 1, scope: .marketing, cost: 0))
  }

  @Test(arguments: [[1, 2], [2]]) func anOlderStartDoesNotEndTheQuestionWhetherSomebodyWantsToStop(_ together: [Int])
    async throws
  {
    let runtime = try TestRuntime.open(try folder.tenantFile("acme"), folder)
    let rows: [(id: Int64, event: IntakeEvent)] = [
      (1, .inbound(wrote("START", "SM1"))), (2, .inbound(wrote("please stop texting me", "SM2"))),
    ]
    for row in rows { _ = runtime.gate.hold(try #require(row.event.revocation), id: row.id) }
    #expect(!isLet(runtime))
    if together == [2] { _ = try await runtime.apply([rows[0]], intakeInstance: "i") }
    #expect(!isLet(runtime))
    _ = try await runtime.apply(together == [2] ? [rows[1]] : rows, intakeInstance: "i")
    #expect(!isLet(runtime))
    #expect(try runtime.file.readNow { db in try OptOutReview.isOpen(db, person) })
    // A person decides: all that was written until then.
    try await runtime.transact(.worker("test")) { change in
      try OptOutReview.settle(change.db, person, optedOut: false, by: "u", at: at)
      try change.effects.endReview(change.db, person)
    }
    #expect(isLet(runtime))
  }
}
