import Foundation

/// A minute of a day as clocks show it, in no zone: `2026-12-01T09:00`.
package struct WallTime: Hashable, Comparable, Sendable {
  /// Since 1970-01-01T00:00 of the same clock.
  let minutes: Int64

  nonisolated(unsafe) private static let form = #/(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d/#

  init?(_ text: String) {
    guard text.wholeMatch(of: Self.form) != nil, let moment = Moment(iso8601: text + ":00Z") else { return nil }
    minutes = moment.milliseconds / 60_000
  }

  init(day: CivilDay, minute: Int) { minutes = Int64(day.number) * 1_440 + Int64(minute) }

  var text: String { String(Moment(milliseconds: minutes * 60_000).iso8601.prefix(16)) }

  package static func < (left: WallTime, right: WallTime) -> Bool { left.minutes < right.minutes }

  /// When the first place on earth comes to it (UTC+14), and the last one (UTC-12).
  var first: Moment { moment(hoursAhead: 14) }
  var last: Moment { moment(hoursAhead: -12) }

  private func moment(hoursAhead: Int64) -> Moment { Moment(milliseconds: (minutes - hoursAhead * 60) * 60_000) }

  /// Of two moments when the clock is put back, either; where it is put forward over this minute, within the hour.
  func moment(in zone: TimeZone) -> Moment {
    let wall = minutes * 60
    let guess = wall - Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(wall))))
    let offset = Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(guess))))
    return Moment(milliseconds: (wall - offset) * 1_000)
  }
}
