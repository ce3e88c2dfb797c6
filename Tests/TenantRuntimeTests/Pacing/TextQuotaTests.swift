import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Quotas: what is refused, with which figures, and how texts of a month are counted.
@Suite struct TextQuotaTests {
  private let folder = try! TestFolder()

  @Test(
    arguments: [
      (9, 1, nil), (10, 1, 10), (9, 2, 10), (0, 11, 10), (12, 1, 10), (10, 0, nil),
    ] as [(Int64, Int64, Int64?)])
  func whatWouldPassAQuotaIsRefusedWithItsFigures(used: Int64, more: Int64, limit: Int64?) {
    let quotas = Quotas([.contacts: 10])
    let refusal = quotas.refusal(.contacts, used: used, adding: more)
    #expect((refusal != nil) == (limit != nil))
    if let refusal, let limit {
      #expect(
        refusal.contains("quota contacts") && refusal.contains("\(limit)") && refusal.contains("\(used) are used"))
    }
    #expect(quotas.refusal(.users, used: used, adding: more) == nil)
  }

  @Test(
    arguments: [(0, 0, false), (79, 79, false), (80, 80, true), (100, 100, true), (150, 150, true)]
      as [(Int64, Int64, Bool)])
  func itIsWarnedFromEightyPerCentOn(used: Int64, percent: Int64, isWarning: Bool) {
    let json = Quotas([.contacts: 100]).json(.contacts, used: used)
    #expect(json["percent"] == .int(percent) && json["warning"] == .bool(isWarning))
    #expect(Quotas([.contacts: 0]).json(.contacts, used: 0)["warning"] == true)
    #expect(Quotas().json(.contacts, used: used)["percent"] == .null)
  }

  @Test func aClaimedTextCountsInItsMonthUntilItIsReleased() throws {
    let file = try folder.tenantFile()
    let june = Moment(milliseconds: 1_781_000_000_000)  // 2026-06-09
    func budget(_ now: Moment) throws -> Budget {
      try file.readNow { db in try Budget.read(db, zone: "UTC", now: now, mostTexts: 2) }
    }
    #expect(try budget(june).refuses(1) == nil)
    let day = try budget(june).day.number
    try file.writeNow { db in
      var booking = Budget.Booking()
      booking.add(micros: 1, segments: 3)
      for campaign in [Int64(1), 2] { try Budget.book(db, day: day, campaign: campaign, booking) }
    }
    #expect(try budget(june).textsThisMonth == 2 && budget(june).refuses(1) == "quota_texts_per_month")
    let opens = try #require(try budget(june).opens(after: "quota_texts_per_month", zone: "UTC"))
    #expect(opens.iso8601 == "2026-07-01T00:00:00.000Z")
    #expect(try budget(opens).refuses(1) == nil)
    // A price that comes later is no text; a release is one less.
    try file.writeNow { db in
      try Budget.settle(db, day: day, campaign: 1, micros: 5, billed: 5)
      try Budget.release(db, day: day, campaign: 2, micros: 1, segments: 3)
    }
    #expect(try budget(june).textsThisMonth == 1 && budget(june).refuses(1) == nil)
  }
}
