import GRDB
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct ClientDictionaryTests {
  let folder = try! TestFolder()

  private func kept(_ clicked: ClickedCampaign) async throws -> [String] {
    try await clicked.runtime.file.read { db in
      #expect(try FiguresCheck(db).differences.filter { $0.figure.hasPrefix("hit") } == [])
      return try String.fetchAll(db, sql: "SELECT user_agent || ' ' || hits FROM hit_clients ORDER BY user_agent")
    }
  }

  @Test func aClientIsStoredOnceForAllItsHits() async throws {
    let clicked = try await ClickedCampaign(folder)
    try await clicked.apply(
      clicked.hit(job: 1, minute: 1, agent: "A"), clicked.hit(job: 2, minute: 2, agent: "B"),
      clicked.hit(job: 3, minute: 3, agent: "A"))
    // In another transaction, and told apart although the digest is the same.
    try await clicked.runtime.file.write { db in
      try db.execute(sql: "UPDATE hit_clients SET digest = (SELECT digest FROM hit_clients WHERE user_agent = 'A')")
    }
    try await clicked.apply(clicked.hit(job: 1, minute: 5, agent: "A"))
    #expect(try await kept(clicked) == ["A 3", "B 1"])
  }

  @Test func itGoesWithItsLastHit() async throws {
    let clicked = try await ClickedCampaign(folder)
    try await clicked.apply(
      clicked.hit(job: 1, minute: 1, agent: "A"), clicked.hit(job: 2, minute: 2, agent: "A"),
      clicked.hit(job: 2, minute: 2, agent: "B"))
    let file = clicked.runtime.file
    try await file.write { db in try db.execute(sql: "DELETE FROM link_hits WHERE id = 1") }
    #expect(try await kept(clicked) == ["A 1", "B 1"])
    try await file.write { db in
      try db.execute(sql: "UPDATE link_hits SET client_id = NULL, address = '' WHERE send_job_id = 2")
    }
    #expect(try await kept(clicked) == [])
  }
}
