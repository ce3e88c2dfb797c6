import Foundation
package import GRDB

/// A point in time: UTC milliseconds, as stored; ISO 8601 when exchanged.
package struct Moment: Hashable, Comparable, Sendable {
  package let milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Later than anything.
  package static let end = Moment(milliseconds: .max)

  package static func now() -> Moment {
    Moment(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
  }

  package static func < (left: Moment, right: Moment) -> Bool { left.milliseconds < right.milliseconds }

  package func advanced(byMilliseconds amount: Int64) -> Moment { Moment(milliseconds: milliseconds + amount) }
  package func advanced(bySeconds amount: Int64) -> Moment { advanced(byMilliseconds: amount * 1000) }

  /// The start of the UTC hour, the grain of report figures.
  package var hour: Moment { Moment(milliseconds: milliseconds - milliseconds % 3_600_000) }

  var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

  /// `2026-11-23T16:25:02.417Z`
  package var iso8601: String {
    date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }

  /// Reads ISO 8601 with a zone, with or without fractional seconds.
  package init?(iso8601 text: String) {
    guard text.utf8.count <= 40, Self.isRealDay(text) else { return nil }
    let read =
      (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
      ?? (try? Date(text, strategy: .iso8601))
    guard let read else { return nil }
    self.init(read)
  }

  nonisolated(unsafe) private static let day = #/(\d{4})-?(\d{2})-?(\d{2})/#

  /// Foundation reads 30 February as 2 March; nobody who writes it means that.
  private static func isRealDay(_ text: String) -> Bool {
    guard let match = text.prefixMatch(of: day) else { return true }
    return CalendarDate.isValid("\(match.1)-\(match.2)-\(match.3)")
  }

  /// Nil of a time that no calendar here reaches.
  init?(_ date: Date) {
    guard let milliseconds = Int64(exactly: (date.timeIntervalSince1970 * 1000).rounded()),
      Self.reachable.contains(milliseconds)
    else { return nil }
    self.init(milliseconds: milliseconds)
  }

  /// The years 1 to 9999.
  private static let reachable: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999
}

extension Moment: Codable {
  package init(from decoder: any Decoder) throws {
    self.init(milliseconds: try decoder.singleValueContainer().decode(Int64.self))
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(milliseconds)
  }
}

extension Moment: DatabaseValueConvertible {
  package var databaseValue: DatabaseValue { milliseconds.databaseValue }
  package static func fromDatabaseValue(_ value: DatabaseValue) -> Moment? {
    Int64.fromDatabaseValue(value).map(Moment.init(milliseconds:))
  }
}
