import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct HitLineTests {
  private let whole = LinkHit(
    jobID: LinkToken.highestID, link: 6,
    facts: HitFacts(
      method: "GET", userAgent: "Mozilla/5.0 🙂", address: "2001:db8::7",
      headers: HitHeaders(HitHeader.allCases.map { ($0.name, "value of \($0)\t\u{1f}é") }),
      isSecure: true, at: Moment(milliseconds: 1_800_000_000_123)), context: HitContext(recipientsNearby: 16))

  @Test func aHitComesBackAsItWentIn() throws {
    var bare = LinkHit(
      jobID: nil, link: 9_000_000_000, facts: HitFacts(method: "", userAgent: "", isComplete: false, at: whole.facts.at)
    )
    for hit in [whole, bare] { #expect(LinkHit(line: hit.line) == hit) }
    bare.facts.address = "192.0.2.1"
    #expect(LinkHit(line: bare.line) == bare && LinkHit(line: bare.line) != whole)
    #expect(OutsideEvent(stored: try OutsideEvent.hit(whole).stored()) == .hit(whole))
  }

  @Test func theLongestHitComesBack() throws {
    let long = String(repeating: "é", count: 5_000)
    var reader = HitHeaderReader()
    for name in HitHeader.allCases.map(\.name) + ["user-agent"] { reader.note(name, "a" + long) }
    let hit = LinkHit(
      jobID: 1, link: 0,
      facts: HitFacts(
        method: long, userAgent: reader.agent, headers: reader.headers, at: whole.facts.at))
    #expect(LinkHit(line: hit.line) == hit)
    #expect(hit.line.count < 5_000)
  }

  @Test func whatIsNoHitIsRefusedAndNeverTraps() {
    let line = whole.line
    for end in line.indices { #expect(LinkHit(line: line[..<end]) == nil) }
    #expect(LinkHit(line: line + [0]) == nil)
    #expect(LinkHit(line: [2] + line.dropFirst()) == nil)
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      var broken = line
      for _ in 0..<3 {
        broken[Int.random(in: broken.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      }
      if let read = LinkHit(line: broken) { #expect(LinkHit(line: read.line) != nil) }
    }
    #expect(LinkHit(line: [1] + Array(repeating: 0xFF, count: 40)) == nil)
  }

  @Test func aRowThatCannotBeReadIsSetAsideAndHoldsNobodyUp() async throws {
    let folder = try TestFolder()
    let clicked = try await ClickedCampaign(folder)
    let broken = OutsideEvent(stored: [UInt8(ascii: "H"), 1, 2, 3])
    #expect(broken == .unreadable(Data([UInt8(ascii: "H"), 1, 2, 3])))
    #expect(OutsideEvent(stored: Array("{\"nonsense\":".utf8)).kind == "unreadable")
    let good = OutsideEvent.hit(clicked.hit(job: 1, minute: 10))
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

extension LinkHit {
  fileprivate var line: [UInt8] { Array(line(after: UInt8(ascii: "H")).dropFirst()) }
}
