import GRDB

/// What a campaign may use: its numbers with their pace and days, the brands', the money.
struct SendingMeans {
  struct Number {
    /// Segments a second.
    var rate: Double
    var usedToday: Int64
    /// Days of use before the one that the forecast begins on, and whether it has sent on that one.
    var days: Int64
    var hasSent: Bool
    var warmUp: String
    var ownCap: Int64?
    var ladder: [Int64]
    var brand: String?

    /// Texts that are left of the first day.
    var leftToday: Double? {
      cap(onDayOfUse: days + (hasSent ? 0 : 1)).map { max(0, $0 - Double(usedToday)) }
    }

    /// It climbs with the days on which it sends, not with those of the calendar.
    func cap(onDayOfUse day: Int64) -> Double? {
      WarmUp.cap(warmUp, day: day, own: ownCap, ladder: ladder).map(Double.init)
    }
  }

  var numbers: [Number] = []
  /// Segments a day of each brand, and what is left of the first.
  var brands: [String: (cap: Double, left: Double)] = [:]
  /// Money in micros: what is left of the first day, of a day, of the first month, of a month, and for the campaign.
  var today: Double?
  var daily: Double?
  var month: Double?
  var monthly: Double?
  var own: Double?
  /// Texts that the operator lets be in a month, and what is left of it.
  var quota: (most: Double, left: Double)?
  /// Texts of other campaigns that stand in the queues of the same numbers.
  var ahead = 0.0

  init() {}

  /// - Parameters:
  ///   - start: when the campaign begins; what is used by then is known for today alone.
  ///   - brandsUsed: segments of each brand on the carriers' day of `now`.
  init(
    _ db: Database, _ campaign: Campaign, lease: Lease, settings: TenantSettings, brandsUsed: [String: Int64],
    start: Moment, now: Moment
  ) throws {
    let budget = try Budget.read(db, zone: lease.timeZone, now: start, mostTexts: lease.quotas[.textsPerMonth])
    (daily, monthly) = (budget.dailyMicros.map(Double.init), budget.monthlyMicros.map(Double.init))
    today = budget.dailyMicros.map { Double(max(0, $0 - budget.usedToday)) }
    month = budget.monthlyMicros.map { Double(max(0, $0 - budget.usedThisMonth)) }
    own = campaign.budgetMicros.map { Double(max(0, $0 - campaign.reservedMicros)) }
    quota = budget.mostTexts.map { (Double($0), Double(max(0, $0 - budget.textsThisMonth))) }
    for number in campaign.numbers {
      guard
        let row = try Row.fetchOne(
          db.cachedStatement(sql: "SELECT * FROM sending_numbers WHERE number = ? AND paused_reason IS NULL"),
          arguments: [number])
      else { continue }
      let sender = NumberPool.sender(row, day: budget.day, ladder: settings.warmUpLadder, now: start)
      numbers.append(
        Number(
          rate: sender.rate * NumberPool.share, usedToday: sender.usedToday, days: sender.days,
          hasSent: !sender.isNewDay, warmUp: sender.warmUp, ownCap: sender.ownCap, ladder: sender.ladder,
          brand: sender.brand))
    }
    for brand in Set(numbers.compactMap(\.brand)) {
      guard let cap = lease.brands[brand] else { continue }
      let isToday = BrandDay(brand, at: now) == BrandDay(brand, at: start)
      brands[brand] = (Double(cap), Double(max(0, cap - (isToday ? brandsUsed[brand] ?? 0 : 0))))
    }
    ahead = try Double(Self.queued(db, campaign))
  }

  /// What is planned of others that share a number; a text is taken for one segment.
  private static func queued(_ db: Database, _ campaign: Campaign) throws -> Int64 {
    let numbers = JSON.list(campaign.numbers.map { .int($0.digits) }).serialized
    return try Int64.fetchOne(
      db,
      sql: """
        SELECT ifnull(sum(n), 0) FROM campaign_counts WHERE state = 'queued' AND campaign_id IN (
          SELECT id FROM campaigns WHERE \(Campaign.isUnderWay) AND id <> ?1 AND EXISTS (
            SELECT 1 FROM json_each(campaigns.numbers) AS theirs JOIN json_each(?2) AS ours ON theirs.value = ours.value))
        """, arguments: [campaign.id, numbers]) ?? 0
  }
}
