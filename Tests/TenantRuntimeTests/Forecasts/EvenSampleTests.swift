import GRDB
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct EvenSampleTests {
  let folder = try! TestFolder()
  let now = Moment(iso8601: "2026-11-23T17:00:00Z")!

  @Test func theWalkMeetsEveryIDOnce() {
    for last in [1, 2, 3, 4, 5, 6, 7, 12, 100, 997, 1_000, 4_096, 10_007] as [Int64] {
      let met = Set((0..<last).map { 1 + ($0 * EvenSample.step(last)) % last })
      #expect(met.count == Int(last), "\(last)")
    }
  }

  @Test func productsOfTheWalkStayIntegersForBillionsOfIDs() {
    let last: Int64 = 3_000_000_000
    #expect((last - 1).multipliedReportingOverflow(by: EvenSample.step(last)).overflow == false)
  }

  /// Contacts with ids 1 to `count`, of whom `isTagged` says who has the tag.
  private func file(_ count: Int64, isTagged: @escaping @Sendable (Int64) -> Bool) async throws -> SQLiteFile {
    let file = try folder.tenantFile("t\(UInt64.random(in: 0 ... .max))")
    let now = now
    try await file.write { db in
      try db.execute(
        sql: """
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
          INSERT INTO contacts (phone, created_at, updated_at) SELECT 14150000000 + i, ?2, ?2 FROM n
          """, arguments: [count, now])
      let tag = try Tag.id(db, "vip")
      for id in 1...count where isTagged(id) {
        try db.execute(sql: "INSERT INTO contact_tags (contact_id, tag_id) VALUES (?, ?)", arguments: [id, tag])
      }
    }
    return file
  }

  private func take(_ file: SQLiteFile, _ rule: AudienceRule, atMost most: Int) async throws -> (
    ids: [Int64], count: Int64, isWhole: Bool
  ) {
    let sample = try await EvenSample.take(
      file, rule, atMost: most, within: .seconds(300), sliceMilliseconds: 300_000, now: now)
    return (sample?.contacts ?? [], sample?.count ?? -1, sample?.isWhole ?? false)
  }

  @Test func fewAreAllThere() async throws {
    let file = try await file(500) { $0 % 10 == 0 }
    let sample = try await take(file, .tag("vip"), atMost: 100)
    #expect(sample.ids.sorted() == (1...50).map { Int64($0 * 10) } && sample.count == 50 && sample.isWhole)
    let everyone = try await take(file, .everyone, atMost: 500)
    #expect(everyone.ids.count == 500 && everyone.isWhole)
  }

  @Test func nobodyIsAnAnswer() async throws {
    let file = try await file(50) { _ in false }
    let sample = try await take(file, .tag("vip"), atMost: 10)
    #expect(sample.ids.isEmpty && sample.count == 0 && sample.isWhole)
  }

  @Test func ofManyTheSampleLiesEvenlyOverTheTable() async throws {
    // One import of people who stand together.
    let file = try await file(20_000) { $0 > 15_000 }
    let sample = try await take(file, .everyone, atMost: 1_000)
    #expect(sample.ids.count == 1_000 && (19_000...21_000).contains(sample.count) && !sample.isWhole)
    #expect(Set(sample.ids).count == sample.ids.count)
    for part in 0..<10 {
      // Whoever stops after any number has an even part.
      let inside = sample.ids.prefix(1_000).filter { ($0 - 1) / 2_000 == Int64(part) }.count
      #expect((95...105).contains(inside), "tenth \(part): \(inside)")
    }
    let some = try await take(file, .tag("vip"), atMost: 1_000)
    #expect(some.ids.allSatisfy { $0 > 15_000 } && (4_700...5_300).contains(some.count))
    for part in 0..<10 {
      let inside = some.ids.prefix(1_000).filter { ($0 - 15_001) / 500 == Int64(part) }.count
      #expect((90...110).contains(inside), "tenth \(part): \(inside)")
    }
  }
}
