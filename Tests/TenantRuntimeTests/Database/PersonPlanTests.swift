import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// What runs once per person, or with each page: how SQLite finds its rows.
@Suite struct PersonPlanTests {
  private let folder = try! TestFolder()
  private let now = Moment(milliseconds: 1_800_000_000_000)

  /// Tables whose size does not grow with people, texts or campaigns, and what waits to be looked into.
  private static let small: Set<String> = [
    "contact_fields", "sending_numbers", "settings", "identity", "tags", "erased_numbers", "erasures", "budgets",
    "contact_search_mark", "main.contact_search_config", "import_batches", "unlogged_revocations", "refused_events",
    "bulk_changes", "kill_switches", "webhook_endpoints",
    "e",
  ]

  private func phone(_ person: Int64) -> PhoneNumber { PhoneNumber(digits: 14_157_000_000 + person)! }

  private func town() throws -> SQLiteFile {
    let file = try folder.tenantFile()
    try file.writeNow { db in
      for person: Int64 in 1...6 {
        var values = Contact.Values()
        values.email = "p\(person)@x.test"
        _ = try Contact.upsert(db, phone: phone(person), values, importID: nil, at: now)
        try db.execute(
          sql: """
            INSERT INTO send_jobs (kind, contact_id, phone, state, claimed_at, sid) VALUES ('reply', ?1, ?2, 'delivered', 1, 'SM' || ?1),
            ('reply', ?1, ?2, 'queued', NULL, NULL)
            """, arguments: [person, phone(person)])
      }
    }
    return file
  }

  @Test func anErasureAMergeAChangeAndADeletionOfAPersonFindTheirRows() throws {
    let file = try town()
    let recorder = try StatementRecorder(file)
    try file.writeNow { db in
      var effects = Effects()
      var edit = Contact.Edit()
      edit.columns = [(.timeZone, "America/Denver")]
      edit.phone = phone(9)
      #expect(try edit.apply(db, to: 1, at: now, &effects))
      try ContactMerge.merge(db, 2, into: 1, at: now, &effects)
      _ = try ContactErasure.erase(db, contact: 1, at: now)
      while try ErasureRest.slice(db, lasting: .zero) {}
      try Contact.delete(db, id: 3, as: .deleted, at: now)
    }
    #expect(recorder.count > 30)
    let scans = try recorder.scans(file, besides: Self.small)
    #expect(scans == [])
  }

  @Test func whatStandsAroundEachPageAndInListsOfCampaignsIsFound() throws {
    let file = try town()
    let lease = try TestRuntime.open(file, folder).lease
    let recorder = try StatementRecorder(file)
    try file.readNow { db in
      _ = try TenantStanding.read(db, lease, now: now)
      _ = try CampaignFigures.list(db, [1, 2], summing: [.people])
    }
    let scans = try recorder.scans(file, besides: Self.small)
    #expect(scans == [])
  }

  /// Statements of triggers run with each row, and nobody hears of them.
  @Test func noTriggerWalksThroughATable() throws {
    let scans = try folder.tenantFile().readNow { db in
      try Row.fetchAll(db, sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").flatMap { row in
        let (name, sql): (String, String) = (row["name"], row["sql"])
        let body = sql[sql.firstRange(of: "BEGIN")!.upperBound..<sql.ranges(of: "END").last!.lowerBound]
        return try body.split(separator: ";").flatMap { statement -> [String] in
          let bound = statement.replacing(/--[^\n]*/, with: "").replacing(/\b(old|new|OLD|NEW)\.\w+/, with: "?")
          guard bound.contains(/\S/), !bound.contains("RAISE") else { return [] }
          let plan = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + bound)
          plan.setUncheckedArguments([])
          return try Row.fetchAll(plan).map { $0["detail"] as String }.filter { detail in
            let words = detail.split(separator: " ").map(String.init)
            // Once for each row of the table, which is no scan to SQLite: USING ROWID SEARCH ON TABLE campaigns FOR IN-OPERATOR.
            let each = words.last == "IN-OPERATOR" ? words.dropLast(2).last : nil
            let scanned = words[0] == "SCAN" && !words.contains("VIRTUAL") && words[1] != "CONSTANT" ? words[1] : nil
            return (each ?? scanned).map { !Self.small.contains($0) } ?? false
          }.map { "\(name): \($0)" }
        }
      }
    }
    #expect(scans == [])
  }
}
