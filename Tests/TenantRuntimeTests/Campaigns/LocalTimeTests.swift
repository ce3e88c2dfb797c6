import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Campaigns that are sent at one time by each person's own clock.
@Suite struct LocalTimeTests {
  private let folder = try! TestFolder()
  private static let number = PhoneNumber(digits: 14_155_550_100)!
  /// New York, Los Angeles, Berlin, and a toll-free number, which may be anywhere in the United States.
  private static let people: [Int64] = [12_127_365_000, 13_105_550_123, 4_915_112_345_678, 18_005_550_123]
  private static let lease = Lease(
    tenant: "acme", twilio: Lease.TwilioAccount(accountSID: "AC1", token: "t"), twilioAPI: "", publicURL: "",
    linkHosts: [], linkKeys: TestKeys.one, timeZone: "UTC")

  private func campaign(_ local: String, purpose: CampaignPurpose) async throws -> SQLiteFile {
    let file = try folder.tenantFile("t\(UInt64.random(in: 0 ... .max))")
    try await file.write { db in
      let made = Moment(iso8601: "2026-01-10T00:00:00Z")!
      try SendingNumber.reconcile(db, with: [SendingNumber(number: Self.number, rate: 100, warmUp: "off")], at: made)
      for phone in Self.people {
        _ = try Contact.upsert(db, phone: PhoneNumber(digits: phone)!, Contact.Values(), importID: nil, at: made)
      }
      var draft = Campaign.Draft(
        name: "c", body: "Hi", purpose: purpose, audience: .everyone, numbers: [Self.number])
      draft.sendAtLocal = WallTime(local)
      var campaign = try Campaign.create(db, draft, actor: "t", at: made)
      try campaign.launch(db, at: made)
      #expect(campaign.state == .scheduled)
    }
    return file
  }

  /// Whom a turn at this time texts, and when the next one is due.
  private func texted(_ file: SQLiteFile, _ time: String) async throws -> (people: [Int64], waiting: String?) {
    let now = Moment(iso8601: time)!
    let runtime = try TestRuntime.open(file, folder, now: { now })
    while try await runtime.takeTurn(.launching) == .now {}
    return try await file.write { db in
      let claim = try Claim.take(db, atMost: 200, lease: Self.lease, turn: 0, now: now, random: { 4 })
      let campaign = try Campaign.find(db, id: 1)
      return (
        claim.jobs.map(\.phone.digits).sorted(),
        campaign.waitingReason.map { "\($0) \(campaign.waitingUntil?.iso8601 ?? "")" }
      )
    }
  }

  @Test func everybodyIsTextedWhenTheirOwnClockShowsIt() async throws {
    let file = try await campaign("2026-01-15T09:00", purpose: .informational)
    // 09:00 on Kiritimati is 19:00 UTC of the day before: it begins, and nobody is due.
    #expect(try await texted(file, "2026-01-14T18:59:00Z").waiting == nil)
    let begun = try await texted(file, "2026-01-14T19:00:00Z")
    #expect(begun.people == [] && begun.waiting == "send_at_local 2026-01-15T08:00:00.000Z")
    #expect(try await texted(file, "2026-01-15T08:00:00Z").people == [Self.people[2]])
    #expect(try await texted(file, "2026-01-15T13:59:00Z").people == [])
    #expect(try await texted(file, "2026-01-15T14:00:00Z").people == [Self.people[0]])
    #expect(try await texted(file, "2026-01-15T17:00:00Z").people == [Self.people[1]])
    // Honolulu is the last of the United States.
    #expect(try await texted(file, "2026-01-15T19:00:00Z").people == [Self.people[3]])
  }

  @Test func legalHoursHoldAllTheSame() async throws {
    let file = try await campaign("2026-01-15T06:00", purpose: .marketing)
    _ = try await texted(file, "2026-01-14T16:00:00Z")
    #expect(try await texted(file, "2026-01-15T11:00:00Z").people == [Self.people[2]])
    #expect(try await texted(file, "2026-01-15T12:59:00Z").people == [])
    #expect(try await texted(file, "2026-01-15T13:00:00Z").people == [Self.people[0]])
  }

  @Test(arguments: [
    ("2026-01-15T09:00", "2026-01-15T14:00:00.000Z"), ("2026-07-15T09:00", "2026-07-15T13:00:00.000Z"),
    // The clock is put forward at 02:00 and back at 02:00.
    ("2026-03-08T03:00", "2026-03-08T07:00:00.000Z"), ("2026-11-01T03:00", "2026-11-01T08:00:00.000Z"),
  ])
  func aWallTimeIsAMomentInAZone(_ text: String, _ moment: String) {
    let wall = WallTime(text)
    #expect(wall?.text == text)
    #expect(wall?.moment(in: TimeZone(identifier: "America/New_York")!).iso8601 == moment)
  }

  @Test(arguments: [
    "", "2026-01-15", "2026-01-15T09:00Z", "2026-01-15 09:00", "2026-13-01T09:00", "2026-01-15T24:00", "2026-1-5T9:00",
  ])
  func whatIsNoWallTimeIsNone(_ text: String) { #expect(WallTime(text) == nil) }
}
