import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Gate 10: what a number may send today.
@Suite struct WarmUpTests {
  let folder = try! TestFolder()
  let number = PhoneNumber(digits: 14_155_550_100)!

  @Test(
    arguments: [
      ("on", 1, nil, 100), ("on", 2, nil, 250), ("on", 7, nil, 3_000), ("on", 8, nil, nil), ("on", 8, 5_000, 5_000),
      ("on", 3, 200, 200), ("off", 1, nil, nil), ("off", 1, 50, 50), ("4", 1, nil, 750), ("4", 4, nil, 3_000),
      ("4", 5, nil, nil), ("9", 1, nil, nil),
    ] as [(String, Int64, Int64?, Int64?)])
  func theCapIsTheLaddersStepOrTheNumbersOwn(_ setting: String, _ day: Int64, _ own: Int64?, _ cap: Int64?) {
    #expect(WarmUp.cap(setting, day: day, own: own) == cap)
  }

  private func spend(_ file: SQLiteFile, on text: String, upTo most: Int = 10_000) throws -> (sent: Int, capped: Bool) {
    let now = Moment(iso8601: text)!
    let day = LocalDay(now, zone: "America/New_York")
    return try file.writeNow { db in
      var sent = 0
      var pool = try NumberPool(db, [number], day: day, settings: TenantSettings(), now: now)
      while sent < most, case .given = pool.spend(segments: 1) { sent += 1 }
      try pool.save(db)
      return (sent, pool.refusal(segments: 1) == "daily_cap")
    }
  }

  @Test func aDayOfUseIsAStepAndADayOfRestIsNone() throws {
    let file = try folder.tenantFile()
    try file.writeNow { db in
      try SendingNumber.reconcile(
        db, with: [SendingNumber(number: number, rate: 100_000)], at: Moment(milliseconds: 0))
    }
    #expect(try spend(file, on: "2026-11-23T17:00:00Z", upTo: 60) == (60, false))
    // The rest of the same day, also after a restart: the file remembers.
    #expect(try spend(file, on: "2026-11-23T18:00:00Z") == (40, true))
    // 04:59 UTC is still the 23rd in New York.
    #expect(try spend(file, on: "2026-11-24T04:59:00Z") == (0, true))
    #expect(try spend(file, on: "2026-11-24T05:00:00Z") == (250, true))
    #expect(try spend(file, on: "2026-11-30T17:00:00Z") == (500, true))
  }

  @Test func whatNeverBeganIsGivenBackToItsDay() throws {
    let file = try folder.tenantFile()
    try file.writeNow { db in
      try SendingNumber.reconcile(
        db, with: [SendingNumber(number: number, rate: 100_000, dailyCap: 3, warmUp: "off")],
        at: Moment(milliseconds: 0))
    }
    #expect(try spend(file, on: "2026-11-23T17:00:00Z") == (3, true))
    try file.writeNow { db in
      try NumberPool.release(db, number: number, day: 20_261_122)
      try NumberPool.release(db, number: number, day: 20_261_123)
    }
    #expect(try spend(file, on: "2026-11-23T17:00:00Z") == (1, true))
  }
}
