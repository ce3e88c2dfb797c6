import Foundation
import GRDB
import TenantRuntime
import TestKit
import Testing

@Suite struct StatusReportTests {
  let folder = try! TestFolder()
  let phone = PhoneNumber(digits: 14_158_675_309)!
  let number = PhoneNumber(digits: 14_155_550_100)!

  private func fileWithOneJob(state: String = "accepted") throws -> SQLiteFile {
    let file = try folder.tenantFile()
    try file.writeNow { db in
      try db.execute(
        sql: """
          INSERT INTO campaigns (name, body, purpose, state, audience, numbers, created_by, created_at)
          VALUES ('c', 'b', 'marketing', 'running', '{"all":true}', '[]', 't', 0);
          INSERT INTO send_jobs (kind, campaign_id, phone, state, attempt, number, claimed_at)
          VALUES ('campaign', 1, 14158675309, '\(state)', 99, 14155550100, 1)
          """)
    }
    return file
  }

  private func report(_ status: String, code: Int = 0, attempt: Int64 = 99) -> StatusReport {
    StatusReport(
      sid: "SM1", status: status, errorCode: code, jobID: 1, attempt: attempt, to: phone, from: number,
      at: Moment(milliseconds: 5), raw: "")
  }

  private func apply(_ reports: [StatusReport], to file: SQLiteFile) async throws -> (state: String, counts: String) {
    let runtime = try TestRuntime.open(file, folder)
    let rows = reports.enumerated().map { (id: Int64($0.offset + 1), event: IntakeEvent.status($0.element)) }
    _ = try await runtime.apply(rows, intakeInstance: "i")
    return try file.readNow { db in
      (
        try String.fetchOne(db, sql: "SELECT state FROM send_jobs") ?? "",
        try String.fetchOne(
          db,
          sql: "SELECT group_concat(state || n, ' ') FROM (SELECT * FROM campaign_counts WHERE n > 0 ORDER BY state)")
          ?? ""
      )
    }
  }

  @Test func aLateSentReportDoesNotUndoDelivered() async throws {
    let after = try await apply([report("delivered"), report("sent"), report("queued")], to: fileWithOneJob())
    #expect(after.state == "delivered")
    #expect(after.counts == "delivered1")
  }

  @Test func theFirstTerminalReportWins() async throws {
    let after = try await apply([report("undelivered", code: 30003), report("delivered")], to: fileWithOneJob())
    #expect(after.state == "undelivered")
  }

  @Test func aReportProvesAnUnknownTextSent() async throws {
    #expect(try await apply([report("sent")], to: fileWithOneJob(state: "unknown")).state == "sent")
  }

  @Test func aReportOfAnotherAttemptMovesNothing() async throws {
    #expect(try await apply([report("delivered", attempt: 98)], to: fileWithOneJob()).state == "accepted")
  }

  /// An erasure finds forms by the SIDs of a person's texts.
  @Test func everyFormThatIsKeptCanBeFoundByTheSIDOfItsText() async throws {
    let file = try fileWithOneJob()
    let reports = [("SM1", "read_receipt"), ("SM1", "sent"), ("SM2", "delivered")].map { sid, status in
      StatusReport(
        sid: sid, status: status, errorCode: 0, jobID: 1, attempt: 99, to: phone, from: number,
        at: Moment(milliseconds: 5), raw: "form")
    }
    _ = try await apply([reports[0]], to: file)
    #expect(try file.readNow { db in try String.fetchOne(db, sql: "SELECT sid FROM send_jobs") } == "SM1")
    let runtime = try TestRuntime.open(file, folder)
    _ = try await runtime.apply(
      reports[1...].enumerated().map { (id: Int64($0.offset + 2), event: .status($0.element)) }, intakeInstance: "i")
    let kept = try file.readNow { db in
      try String.fetchAll(db, sql: "SELECT sid || ' ' || status || ' ' || body FROM webhook_events ORDER BY id")
    }
    #expect(kept == ["SM1 read_receipt form", "SM1 sent form", "SM2 delivered "])
  }

  @Test func applyingTheSameRowsTwiceChangesNothing() async throws {
    let file = try fileWithOneJob()
    let once = try await apply([report("sent"), report("delivered")], to: file)
    let twice = try await apply([report("sent"), report("delivered")], to: file)
    #expect(once == twice)
    #expect(try file.readNow { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM webhook_events") } == 2)
  }

  /// More than go into the file at once, and what somebody wrote between them.
  @Test func aTurnTellsEveryMoveInItsOrderAndCountsIt() async throws {
    let file = try fileWithOneJob()
    try file.writeNow { db in
      for job in 2...40 {
        try db.execute(
          sql: """
            INSERT INTO send_jobs (kind, campaign_id, phone, state, attempt, number, claimed_at)
            VALUES ('campaign', 1, ?, 'accepted', 99, 14155550100, 1)
            """, arguments: [14_158_675_309 + Int64(job)])
      }
      try db.execute(sql: "INSERT INTO campaign_counts VALUES (1, 0, 'accepted', '', 40)")
    }
    let person = { (job: Int64) in PhoneNumber(digits: 14_158_675_309 + (job == 1 ? 0 : job))! }
    let reports = (1...40).map { job in
      StatusReport(
        sid: "SM\(job)", status: job % 10 == 0 ? "undelivered" : "sent", errorCode: 0, jobID: job, attempt: 99,
        to: person(job), from: number, at: Moment(milliseconds: job), raw: "")
    }
    var events = reports.map { IntakeEvent.status($0) }
    events.insert(
      .revocation(
        Revocation(phone: person(7), action: .optOut, method: "api", evidence: "", at: Moment(milliseconds: 7))), at: 25
    )
    for (job, attempt) in [(Int64(10), Int64(99)), (11, 98)] {
      events.append(
        .status(
          StatusReport(
            sid: "SM\(job)", status: "delivered", errorCode: 0, jobID: job, attempt: attempt, to: person(job),
            from: number,
            at: Moment(milliseconds: 50), raw: "")))
    }
    let runtime = try TestRuntime.open(file, folder)
    _ = try await runtime.apply(
      events.enumerated().map { (id: Int64($0.offset + 1), event: $0.element) }, intakeInstance: "i")
    let told = try file.readNow { db in
      try String.fetchAll(db, sql: "SELECT type || ifnull(send_job_id, '') FROM events ORDER BY id")
    }
    var expected = (1...40).flatMap { ["sent\($0)"] + ($0 % 10 == 0 ? ["undelivered\($0)"] : []) }
    expected.insert("opted_out", at: 27)
    expected += ["differing_report10", "orphan_report"]
    #expect(told == expected)
    let counts = try file.readNow { db in
      try String.fetchAll(db, sql: "SELECT state || n FROM campaign_counts WHERE n <> 0 ORDER BY state")
    }
    #expect(counts == ["sent36", "undelivered4"])
  }
}
