import GRDB
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct InboxTests {
  let folder = try! TestFolder()
  let number = PhoneNumber(digits: 14_155_550_100)!
  let phone = PhoneNumber(digits: 14_158_675_309)!
  let now = Moment(milliseconds: 1_800_000_000_000)

  private func text(_ sid: String, _ db: Database) throws {
    var effects = Effects()
    try InboundText(
      sid: sid, from: phone, to: number, body: sid, mediaCount: 0,
      reading: InboundReading(body: sid, optOutType: nil, words: .standard, languages: ["en"]), at: now, raw: ""
    ).apply(db, &effects)
    #expect(effects.inbox)
  }

  @Test func whatChangedOftenIsToldOnceAndAsItIsNow() throws {
    try folder.tenantFile().writeNow { db in
      for sid in ["SM1", "SM2", "SM3"] { try text(sid, db) }
      let page = try InboxLog.page(db, after: 0)
      #expect(page.items.map(\.event) == ["message", "message", "message", "conversation"])
      #expect(page.items.last?.data["unread"]?.int == 3)
      #expect(page.last == 6)
      #expect(try InboxLog.page(db, after: 6).items == [])
    }
  }

  @Test func theLogIsBoundedAndWhoIsTooFarBehindIsToldToReadAnew() throws {
    try folder.tenantFile().writeNow { db in
      for _ in 0..<10_050 { try InboxLog.append(db, .message, 1) }
      #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM inbox_log") == 10_000)
      for after: Int64 in [0, 49, 10_051] {
        let page = try InboxLog.page(db, after: after)
        #expect(page.items.map(\.event) == ["reset"] && page.last == 10_050)
      }
      #expect(try InboxLog.page(db, after: 50).hasMore)
    }
  }

  @Test func aRingBeforeTheWaitIsNotLost() async {
    let bell = InboxBell()
    let seen = bell.rings
    bell.ring()
    await bell.wait(since: seen, atMost: .seconds(3600))
    let later = bell.rings
    async let woken: Void = bell.wait(since: later, atMost: .seconds(3600))
    bell.ring()
    await woken
    await bell.wait(since: bell.rings, atMost: .milliseconds(1))
  }

  /// Every way to list reads along an index, without sorting.
  @Test(arguments: [
    "WHERE (v.last_message_at, v.id) < (5, 5)", "WHERE v.state = 'open' AND (v.last_message_at, v.id) < (5, 5)",
    "WHERE v.unread > 0", "WHERE v.assignee IS NULL", "WHERE v.number = 5 AND v.state = 'closed'",
  ])
  func aListOfConversationsIsReadInItsOrder(_ condition: String) throws {
    try folder.tenantFile().writeNow { db in
      let plan = try Row.fetchAll(
        db,
        sql:
          "EXPLAIN QUERY PLAN \(ConversationJSON.select) \(condition) ORDER BY v.last_message_at DESC, v.id DESC LIMIT 101"
      ).map { $0["detail"] as String }
      #expect(plan.contains { $0.contains("v USING INDEX conversations_") }, "\(plan)")
      #expect(!plan.contains { $0.contains("TEMP B-TREE") || $0.contains("SCAN") && !$0.contains("INDEX") }, "\(plan)")
    }
  }
}
