import GRDB
import Synchronization
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct HitListingTests {
  let folder = try! TestFolder()

  /// Ids of a text's hits by the view, after the check that list and rows agree; the mark.
  private func hits(_ file: SQLiteFile, ofJob job: Int64) async throws -> [Int64] {
    try await file.read { db in
      #expect(try FiguresCheck(db).differences.filter { $0.figure.hasPrefix("link_hits_listed") } == [])
      return try Int64.fetchAll(
        db, sql: "SELECT hit_id FROM link_hits_of_jobs WHERE send_job_id = ? ORDER BY 1", arguments: [job])
    }
  }

  private func mark(_ file: SQLiteFile) async throws -> Int64? {
    try await file.read { db in try Int64.fetchOne(db, sql: "SELECT listed_up_to FROM link_hits_mark") }
  }

  private func list(_ file: SQLiteFile) async throws {
    try await file.write { db in while try HitListing.listedSome(db, leaving: 0) {} }
  }

  @Test func aTextsHitsAreFoundListedOrNot() async throws {
    let clicked = try await ClickedCampaign(folder)
    let file = clicked.runtime.file
    try await clicked.apply(
      clicked.hit(job: 1, minute: 1), clicked.hit(job: 2, minute: 1))
    #expect(try await hits(file, ofJob: 1) == [1])
    try await list(file)
    #expect(try await mark(file) == 2)
    try await clicked.apply(clicked.hit(job: 1, minute: 2))
    #expect(try await hits(file, ofJob: 1) == [1, 3])
    #expect(try await hits(file, ofJob: 2) == [2])
    #expect(try await hits(file, ofJob: 3) == [])
    try await list(file)
    #expect(try await hits(file, ofJob: 1) == [1, 3])
  }

  @Test func whatIsDeletedIsListedNoMoreAndAnIdGivenAgainIsListedAgain() async throws {
    let clicked = try await ClickedCampaign(folder)
    let file = clicked.runtime.file
    try await clicked.apply((0..<6).map { clicked.hit(job: $0 % 2 + 1, minute: Double($0)) })
    try await list(file)
    try await file.write { db in try db.execute(sql: "DELETE FROM link_hits WHERE id IN (1, 5, 6)") }
    #expect(try await hits(file, ofJob: 1) == [3])
    #expect(try await hits(file, ofJob: 2) == [2, 4])
    #expect(try await mark(file) == 4)
    try await clicked.apply(clicked.hit(job: 3, minute: 9), clicked.hit(job: 1, minute: 9))
    #expect(try await hits(file, ofJob: 3) == [5])
    #expect(try await hits(file, ofJob: 1) == [3, 6])
    try await list(file)
    #expect(try await hits(file, ofJob: 3) == [5])
    #expect(try await hits(file, ofJob: 1) == [3, 6])
    try await file.write { db in try db.execute(sql: "DELETE FROM link_hits") }
    #expect(try await mark(file) == 0)
    #expect(try await hits(file, ofJob: 1) == [])
  }

  @Test func aGapLongerThanASliceHoldsNothingUp() async throws {
    let clicked = try await ClickedCampaign(folder)
    let file = clicked.runtime.file
    try await clicked.apply(clicked.hit(job: 1, minute: 1))
    try await file.write { db in try db.execute(sql: "UPDATE link_hits SET id = 5000000") }
    try await clicked.apply(clicked.hit(job: 1, minute: 2))
    try await list(file)
    #expect(try await mark(file) == 5_000_001)
    #expect(try await hits(file, ofJob: 1) == [5_000_000, 5_000_001])
  }

  @Test func theListWaitsForTheStormsEndButNotForEver() async throws {
    let clicked = try await ClickedCampaign(folder)
    let (runtime, file) = (clicked.runtime, clicked.runtime.file)
    func come(_ count: Int64) async throws {
      try await file.write { db in
        try db.execute(
          sql: """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
            INSERT INTO link_hits (at, short_link_id, send_job_id, verdict, reasons, method, address, is_secure, is_complete, recipients, rules)
            SELECT 0, 1, i % 3 + 1, 'unknown', '', 'GET', '', 0, 1, 1, 1 FROM n
            """, arguments: [count])
      }
      runtime.listHitsIfMany(Int(count))
    }
    try await come(HitListing.many - 1)
    #expect(try await runtime.takeTurn(.listingHits) == .whenNudged)
    try await come(1)
    guard case .at = try await runtime.takeTurn(.listingHits) else { throw Refusal.notFound("a pause") }
    #expect(try await mark(file) == 0)
    runtime.hitAt.store(0, ordering: .relaxed)
    #expect(try await runtime.takeTurn(.listingHits) == .now)
    #expect(try await mark(file) == HitListing.many)
    #expect(try await runtime.takeTurn(.listingHits) == .whenNudged)
    try await come(HitListing.most)
    #expect(try await runtime.takeTurn(.listingHits) == .now, "so many are listed in the storm, too")
    guard case .at = try await runtime.takeTurn(.listingHits) else { throw Refusal.notFound("a pause") }
    #expect(try await hits(file, ofJob: 1).count == 6_666 + 66_666)
  }

  @Test func aPersonsRecordShowsAndTheirErasureTakesHitsListedOrNot() async throws {
    let clicked = try await ClickedCampaign(folder)
    let file = clicked.runtime.file
    let phone = PhoneNumber(digits: 14_157_000_001)!
    let contact = try await file.write { db in
      try Contact.upsert(db, phone: phone, Contact.Values(), importID: nil, at: ClickedCampaign.sent).id
    }
    try await clicked.apply(clicked.hit(job: 1, minute: 1, agent: "A"), clicked.hit(job: 2, minute: 1, agent: "B"))
    try await list(file)
    try await clicked.apply(clicked.hit(job: 1, minute: 2, agent: "A"), clicked.hit(job: 2, minute: 2, agent: "C"))
    let list = try #require(ContactRecord.lists.first { $0.name == "clicks" })
    let clicks = try await file.read { db in
      let numbers = try ContactRecord.head(db, contact: contact).numbers
      var (found, place) = ([JSON](), ContactRecord.Place?.some(.init()))
      while let from = place {
        let page = try ContactRecord.page(db, list, contact: contact, of: numbers, at: from, atMost: 1)
        found += page.entries
        place = page.next
      }
      return found
    }
    #expect(clicks.compactMap { $0["user_agent"]?.text } == ["A", "A"])
    #expect(clicks.allSatisfy { $0["address"]?.text == "198.51.100.0/24" })
    let left = try await file.write { db in
      _ = try ContactErasure.erase(db, contact: contact, at: ClickedCampaign.sent)
      return try String.fetchAll(
        db,
        sql: """
          SELECT h.id || ' ' || h.address || ' ' || ifnull(c.user_agent, '-') FROM link_hits h
          LEFT JOIN hit_clients c ON c.id = h.client_id ORDER BY h.id
          """) + String.fetchAll(db, sql: "SELECT user_agent FROM hit_clients ORDER BY 1")
    }
    #expect(left == ["1  -", "2 198.51.100.0/24 B", "3  -", "4 198.51.100.0/24 C", "B", "C"])
  }
}
