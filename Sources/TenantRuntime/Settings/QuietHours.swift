import Foundation

/// No texts between these minutes of the recipient's day; over midnight when the end comes before the start.
struct QuietHours: Sendable, Hashable {
  var start: Int
  var end: Int

  init(start: Int, end: Int) {
    self.start = start
    self.end = end
  }

  /// `21:00` and `08:00`.
  init?(start: String, end: String) {
    guard let start = Self.minutes(start), let end = Self.minutes(end), start != end else { return nil }
    self.init(start: start, end: end)
  }

  func covers(_ minute: Int) -> Bool {
    start < end ? (start..<end).contains(minute) : minute >= start || minute < end
  }

  static func minutes(_ text: String) -> Int? {
    guard let match = text.wholeMatch(of: /([01][0-9]|2[0-3]):([0-5][0-9])/), let hours = Int(match.1),
      let minutes = Int(match.2)
    else { return nil }
    return hours * 60 + minutes
  }

  static func text(_ minute: Int) -> String { String(format: "%02d:%02d", minute / 60, minute % 60) }
}

/// Gate 8: whether a person may be texted now, and if not, from when on.
///
/// Whose clock: `TextingZones` says; where it names several, all of them must allow it.
struct TextingHours: Sendable, Hashable {
  enum Answer: Sendable, Equatable {
    /// Allowed until then.
    case open(until: Moment)
    case closed(until: Moment)
    /// The windows that count for this person never meet: those of a tenant, a campaign and a state, or of two far zones.
    case never
  }

  var zones: [String]
  var state: String?
  var quiet: QuietHours?
  var tenant: TenantHours
  /// Not before their own clock shows it.
  var from: WallTime?
  /// Marketing is bound by law as well.
  var isMarketing: Bool

  /// A text that would leave in the last moments of the window might arrive behind it.
  private static let leastSeconds: Int64 = 120
  /// Two weeks, should a week's only day be a holiday, and a day on either side.
  private static let farthestDays = 16

  init(
    phone: PhoneNumber, ownZone: String?, quiet: QuietHours?, isMarketing: Bool, tenantZone: String,
    tenant: TenantHours = TenantHours(), from: WallTime? = nil
  ) {
    zones = TextingZones(phone: phone, own: ownZone, tenant: tenantZone).counted
    state = AreaCode.state(of: phone)
    self.quiet = quiet
    self.tenant = tenant
    self.from = from
    self.isMarketing = isMarketing
  }

  /// Nothing restricts it.
  var isUnbound: Bool { quiet == nil && tenant.isUnbound && from == nil && !isMarketing }

  /// Some clock that counts has not come to `from` yet.
  func isEarly(_ now: Moment) -> Bool {
    guard let from else { return false }
    var clocks = zones.compactMap { TimeZones.named($0).map(ZoneClock.init) }
    return clocks.indices.contains { index in
      let (day, minute) = clocks[index].local(now.milliseconds / 60_000)
      return WallTime(day: day, minute: minute) < from
    }
  }

  /// Of this minute alone.
  func allows(_ now: Moment) -> Bool {
    var clocks = zones.compactMap { TimeZones.named($0).map(ZoneClock.init) }
    return allows(now.milliseconds / 60_000, &clocks)
  }

  func ask(_ now: Moment) -> Answer {
    var clocks = zones.compactMap { TimeZones.named($0).map(ZoneClock.init) }
    let start = now.milliseconds / 60_000
    let end = start + Int64(Self.farthestDays * 1_440)
    var minute = start
    if allows(start, &clocks) {
      while minute < end, allows(minute, &clocks) { minute = min(end, change(after: minute, &clocks)) }
      let change = Moment(milliseconds: minute * 60_000)
      if change.milliseconds - now.milliseconds >= Self.leastSeconds * 1_000 { return .open(until: change) }
    }
    // Woken at its first minute, a text must find more than the last moments of a window.
    let never = end + Int64(tenant.daysOff.longestGap * 1_440)
    let needed = Self.leastSeconds / 60 + 1
    var opened: Int64?
    while minute < never {
      let next = min(never, change(after: minute, &clocks))
      opened = allows(minute, &clocks) ? opened ?? minute : nil
      if let opened, next - opened >= needed { return .closed(until: Moment(milliseconds: opened * 60_000)) }
      minute = next
    }
    return .never
  }

  /// The next minute in which the answer may be another one: until then every clock that counts is in the same window of the same day.
  private func change(after minute: Int64, _ clocks: inout [ZoneClock]) -> Int64 {
    var next = minute + 1_440
    for index in clocks.indices {
      let (day, ofDay) = clocks[index].local(minute)
      var edges = [1_440]
      for quiet in [quiet, tenant.quiet] { if let quiet { edges += [quiet.start, quiet.end] } }
      if isMarketing {
        for window in [LegalHours.rule(of: state).window(on: day), LegalHours.federal.window(on: day)] {
          if let window { edges += [window.from, window.to] }
        }
      }
      if let from { edges.append(Int(clamping: from.minutes - WallTime(day: day, minute: 0).minutes)) }
      for edge in edges where edge > ofDay { next = min(next, minute + Int64(edge - ofDay)) }
      next = min(next, clocks[index].setAt)
    }
    return next
  }

  private func allows(_ minute: Int64, _ clocks: inout [ZoneClock]) -> Bool {
    for index in clocks.indices {
      let (day, ofDay) = clocks[index].local(minute)
      if let from, WallTime(day: day, minute: ofDay) < from { return false }
      if quiet?.covers(ofDay) ?? false || tenant.quiet?.covers(ofDay) ?? false || tenant.daysOff.covers(day) {
        return false
      }
      guard isMarketing else { continue }
      guard let window = LegalHours.rule(of: state).window(on: day), (window.from..<window.to).contains(ofDay),
        let federal = LegalHours.federal.window(on: day), (federal.from..<federal.to).contains(ofDay)
      else { return false }
    }
    return true
  }
}

/// A zone's wall clock by arithmetic: Foundation is asked once per change of its offset.
private struct ZoneClock {
  let zone: TimeZone
  private var offset: Int64 = 0
  private var validUntil: Int64 = .min
  /// When it is put forward or back next, as of the minute that was asked for last.
  var setAt: Int64 { validUntil }
  private var validFrom: Int64 = .max

  init(_ zone: TimeZone) { self.zone = zone }

  /// The local day, and the minute of it.
  mutating func local(_ minute: Int64) -> (day: CivilDay, minute: Int) {
    if minute < validFrom || minute >= validUntil {
      let date = Date(timeIntervalSince1970: Double(minute * 60))
      offset = Int64(zone.secondsFromGMT(for: date)) / 60
      validFrom = minute
      let change = zone.nextDaylightSavingTimeTransition(after: date)?.timeIntervalSince1970
      validUntil = change.map { Int64($0) / 60 } ?? .max
    }
    let local = minute + offset
    let day = local >= 0 ? local / 1_440 : (local - 1_439) / 1_440
    return (CivilDay(number: Int(day)), Int(local - day * 1_440))
  }
}
