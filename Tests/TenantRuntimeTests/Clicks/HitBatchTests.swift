import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct HitBatchTests {
  private let whole = LinkHit(
    jobID: LinkToken.highestID, link: 6,
    facts: HitFacts(
      method: "GET", userAgent: "Mozilla/5.0 🙂", address: "2001:db8::7",
      headers: HitHeaders(HitHeader.allCases.map { ($0.name, "value of \($0)\t\u{1f}é") }),
      isSecure: true, at: Moment(milliseconds: 1_800_000_000_123)), context: HitContext(recipientsNearby: 16))

  private var bare: LinkHit {
    LinkHit(
      jobID: nil, link: 9_000_000_000, facts: HitFacts(method: "", userAgent: "", isComplete: false, at: whole.facts.at)
    )
  }

  private func line(_ hits: [LinkHit]) -> [UInt8] { HitBatch.write(hits, after: UInt8(ascii: "H")) }
  private func read(_ line: [UInt8]) -> [LinkHit]? { HitBatch.read(line.dropFirst()) }

  @Test func hitsComeBackAsTheyWentIn() throws {
    var other = bare
    other.facts.address = "192.0.2.1"
    for hits in [[whole], [bare], [whole, bare, other, whole, bare]] {
      #expect(read(line(hits)) == hits)
      #expect(IntakeEvent(stored: try IntakeEvent.hits(hits).stored()) == .hits(hits))
    }
    #expect(read(line([bare])) != [other])
  }

  @Test func whatClientsSayIsKeptOnceForAllTheirHits() {
    let one = line([whole]).count
    #expect(line(Array(repeating: whole, count: 100)).count < one + 100 * 60)
  }

  @Test func theLongestHitComesBack() throws {
    let long = String(repeating: "é", count: 5_000)
    var reader = HitHeaderReader()
    for name in HitHeader.allCases.map(\.name) + ["user-agent"] { reader.note(name, "a" + long) }
    let hit = LinkHit(
      jobID: 1, link: 0, facts: HitFacts(method: long, client: HitClients().client(reader), at: whole.facts.at))
    #expect(read(line([hit])) == [hit])
    #expect(line([hit]).count < 5_000)
  }

  @Test func whatIsNoHitIsRefusedAndNeverTraps() {
    let line = line([whole, bare])
    for end in 1..<line.count { #expect(read(Array(line[..<end])) == nil) }
    #expect(read(line + [0]) == nil)
    #expect(read([line[0], 1] + line.dropFirst(2)) == nil)
    var random = Chance()
    for _ in 0..<20_000 {
      var broken = line
      for _ in 0..<3 {
        broken[Int.random(in: 1..<broken.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      }
      if let read = read(broken) { #expect(self.read(self.line(read)) != nil) }
    }
    #expect(read([line[0], 2] + Array(repeating: 0xFF, count: 40)) == nil)
    #expect(read([line[0], 2, 0, 0]) == nil, "a row of no hits is none")
  }

  @Test func aHitTheSchemaRefusesIsSetAsideAloneAmongThoseItCameWith() async throws {
    let folder = try TestFolder()
    let clicked = try await ClickedCampaign(folder)
    try await clicked.runtime.file.write { db in
      try db.execute(
        sql: """
          CREATE TRIGGER no_head BEFORE INSERT ON link_hits WHEN new.method = 'HEAD' BEGIN SELECT RAISE(ABORT, 'no'); END
          """)
    }
    let hits = [
      clicked.hit(job: 1, minute: 10), clicked.hit(job: 2, minute: 10, agent: "only this one", method: "HEAD"),
      clicked.hit(job: 3, minute: 11),
    ]
    _ = try await clicked.runtime.apply([(7, .hits(hits))], intakeInstance: "i")
    let (kept, counts) = try await clicked.runtime.file.read { db in
      (
        try String.fetchAll(db, sql: "SELECT event FROM refused_events WHERE intake_id = 7 AND kind = 'hits'"),
        try Int.fetchAll(db, sql: "SELECT count(*) FROM link_hits UNION ALL SELECT hits FROM hit_clients")
      )
    }
    #expect(kept.count == 1 && counts == [2, 2])
    let refused = try JSONDecoder().decode(IntakeEvent.self, from: Data(try #require(kept.first).utf8))
    #expect(refused == .hits([hits[1]]))
  }

  @Test func aRowThatCannotBeReadIsSetAsideAndHoldsNobodyUp() async throws {
    let folder = try TestFolder()
    let clicked = try await ClickedCampaign(folder)
    let broken = IntakeEvent(stored: [UInt8(ascii: "H"), 1, 2, 3])
    #expect(broken == .unreadable(Data([UInt8(ascii: "H"), 1, 2, 3])))
    #expect(IntakeEvent(stored: Array("{\"nonsense\":".utf8)).word == "unreadable")
    let good = IntakeEvent.hits([clicked.hit(job: 1, minute: 10)])
    _ = try await clicked.runtime.apply([(1, broken), (2, good)], intakeInstance: "i")
    let (kept, hits) = try await clicked.runtime.file.read { db in
      (
        try Row.fetchAll(db, sql: "SELECT * FROM refused_events").map {
          ($0["intake_id"] as Int64, $0["kind"] as String)
        },
        try Int.fetchOne(db, sql: "SELECT count(*) FROM link_hits")
      )
    }
    #expect(kept.count == 1 && kept[0] == (1, "unreadable") && hits == 1)
  }
}
