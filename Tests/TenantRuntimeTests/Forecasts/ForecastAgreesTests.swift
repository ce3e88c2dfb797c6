import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// A forecast against the claims themselves, made with a clock that goes from turn to turn: drawn audiences, hours, caps and budgets.
@Suite struct ForecastAgreesTests {
  let folder = try! TestFolder()
  private static let codes: [Int64] = [212, 312, 303, 415, 907, 808]

  private struct Draw: Sendable {
    var start: Moment
    var people: [PhoneNumber]
    var purpose: CampaignPurpose
    var quiet: QuietHours?
    var numbers: [SendingNumber]
    var daily: Int64?
    var own: Int64?
    var local: WallTime?

    init(_ chance: inout Chance) {
      start = Moment(iso8601: "2026-11-23T00:00:00Z")!.advanced(bySeconds: Int64(chance.below(86_400)))
      people = (0..<(40 + chance.below(160))).map { index in
        PhoneNumber(
          digits: 10_000_000_000 + chance.pick(ForecastAgreesTests.codes) * 10_000_000 + 5_550_000 + Int64(index))!
      }
      purpose = chance.happens(2, in: 3) ? .marketing : .informational
      quiet = chance.happens(1, in: 3) ? QuietHours(start: 17 * 60, end: (9 + chance.below(3)) * 60) : nil
      numbers = (0...chance.below(2)).map { index in
        SendingNumber(
          number: PhoneNumber(digits: 14_155_550_100 + Int64(index))!, rate: chance.pick([1, 5, 50]),
          dailyCap: chance.happens(1, in: 2) ? Int64(10 + chance.below(80)) : nil,
          warmUp: chance.happens(1, in: 4) ? "on" : "off")
      }
      daily = chance.happens(1, in: 3) ? Int64(20 + chance.below(100)) * 8_300 : nil
      own = chance.happens(1, in: 6) ? Int64(20 + chance.below(100)) * 8_300 : nil
      local = chance.happens(1, in: 4) ? WallTime("2026-11-24T11:00") : nil
    }
  }

  @Test func whatItSaysIsWhatTheClaimsDo() async throws {
    var chance = Chance()
    for round in 0..<12 {
      let draw = Draw(&chance)
      let lease = Lease(
        tenant: "acme", twilio: Lease.TwilioAccount(accountSID: "AC1", token: "t"), twilioAPI: "", publicURL: "",
        linkHosts: [], linkKeys: TestKeys.one, timeZone: "America/New_York")
      let file = try folder.tenantFile("t\(round)")
      try await prepare(file, draw)
      let campaign = try await file.read { db in try Campaign.find(db, id: 1) }
      let preview = try await CampaignPreview.take(file, campaign, lease: lease, now: draw.start)
      let forecast = try #require(preview["forecast"])
      let (claimed, last) = try await claims(file, lease, draw)
      var said: [Int64: Int64] = [:]
      for day in forecast["days"]?.list ?? [] {
        let digits = (day["date"]?.text ?? "").filter(\.isNumber)
        said[Int64(digits) ?? 0] = day["people"]?.int
      }
      #expect(said == claimed, "round \(round): \(draw)")
      let never = (forecast["waves"]?.list ?? []).filter { $0["when"] == "never" }
      #expect(
        claimed.values.reduce(0, +) + never.reduce(0) { $0 + ($1["people"]?.int ?? 0) } == preview["texted"]?.int,
        "round \(round): \(draw)")
      guard never.isEmpty, let last, let ends = forecast["ends_at"]?.text.flatMap({ Moment(iso8601: $0) }) else {
        continue
      }
      // A block is claimed at once, and leaves at its pace. Whom a day's limit leaves over comes from all zones by their share in a forecast, and
      // by their ids in claims: the last zone may open some hours later.
      let isLimited = draw.daily != nil || draw.numbers.contains { $0.dailyCap != nil || $0.warmUp == "on" }
      #expect(
        abs(ends.milliseconds - last.milliseconds) <= (isLimited ? 6 * 3_600_000 : 300_000),
        "round \(round): \(ends) \(last) \(draw)")
    }
  }

  private func prepare(_ file: SQLiteFile, _ draw: Draw) async throws {
    try await file.write { db in
      try SendingNumber.reconcile(db, with: draw.numbers, at: draw.start)
      for phone in draw.people {
        _ = try Contact.upsert(db, phone: phone, Contact.Values(), importID: nil, at: draw.start)
      }
      if let daily = draw.daily { try db.execute(sql: "INSERT INTO budgets VALUES (1, ?, NULL)", arguments: [daily]) }
      var made = Campaign.Draft(
        name: "c", body: "Hi", purpose: draw.purpose, audience: .everyone, numbers: draw.numbers.map(\.number))
      (made.quiet, made.budgetMicros, made.sendAtLocal) = (draw.quiet, draw.own, draw.local)
      _ = try Campaign.create(db, made, actor: "t", at: draw.start)
    }
  }

  /// Texts by day of the tenant's zone, and when the last one was claimed.
  private func claims(_ file: SQLiteFile, _ lease: Lease, _ draw: Draw) async throws -> ([Int64: Int64], Moment?) {
    try await file.write { db in
      // Begun by hand: by people's clocks the launch itself comes first.
      var campaign = try Campaign.find(db, id: 1)
      try campaign.launch(db, at: draw.start)
      try db.execute(sql: "UPDATE campaigns SET state = 'starting', started_at = ?", arguments: [draw.start])
    }
    let runtime = try TestRuntime.open(file, folder)
    while try await runtime.takeTurn(.launching) == .now {}
    var (byDay, last, now): ([Int64: Int64], Moment?, Moment) = ([:], nil, draw.start)
    let end = draw.start.advanced(bySeconds: 30 * 86_400)
    for turn in 0..<20_000 where now < end {
      let moment = now
      let claim = try await file.write(.replayable) { db in
        try Claim.take(db, atMost: 200, lease: lease, turn: turn, now: moment, random: { 4 })
      }
      if !claim.jobs.isEmpty {
        byDay[LocalDay(now, zone: lease.timeZone).number, default: 0] += Int64(claim.jobs.count)
        last = now
      }
      switch claim.next {
      case .now: now = now.advanced(byMilliseconds: 1)
      case .at(let next): now = max(next, now.advanced(byMilliseconds: 1))
      case .whenNudged: return (byDay, last)
      }
    }
    return (byDay, last)
  }
}
