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

  /// When a wait ends that was written down as one of so long at most: what lies further ahead was written by a clock that has been set back
  /// since, and is over.
  package func endingWait(ofAtMost seconds: Int64, now: Moment) -> Moment {
    self > now.advanced(bySeconds: seconds) ? now : self
  }

  /// The start of the UTC hour, the grain of report figures.
  package var hour: Moment { Moment(milliseconds: milliseconds - milliseconds % 3_600_000) }

  var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

  /// `2026-11-23T16:25:02.417Z`; what lies outside the years 1 to 9999 as their edge.
  package var iso8601: String {
    let reached = min(max(milliseconds, Self.reachable.lowerBound), Self.reachable.upperBound)
    let day = Int((reached - (reached % 86_400_000 + 86_400_000) % 86_400_000) / 86_400_000)
    let date = CivilDay(number: day).civil
    let rest = reached - Int64(day) * 86_400_000
    return DigitText.text(
      (Int64(date.year), 4, "-"), (Int64(date.month), 2, "-"), (Int64(date.day), 2, "T"), (rest / 3_600_000, 2, ":"),
      (rest / 60_000 % 60, 2, ":"), (rest / 1_000 % 60, 2, "."), (rest % 1_000, 3, "Z"))
  }

  /// Reads a date and time of RFC 3339, with any number of fractional digits; also with a zone of `+0100`, which Python's `%z` writes. Foundation is no
  /// help here: it reads 12:99 as 13:39 and 30 February as 2 March, and nobody who writes those means that.
  package init?(iso8601 text: String) {
    var text = text
    guard text.utf8.count <= 40, let moment = text.withUTF8({ Self.read($0) }) else { return nil }
    self = moment
  }

  private static func read(_ text: UnsafeBufferPointer<UInt8>) -> Moment? {
    func number(at place: Int, digits: Int, in range: ClosedRange<Int>) -> Int? {
      guard place + digits <= text.count else { return nil }
      var number = 0
      for byte in text[place..<place + digits] {
        guard (0x30...0x39).contains(byte) else { return nil }
        number = number * 10 + Int(byte - 0x30)
      }
      return range.contains(number) ? number : nil
    }
    func isOne(of bytes: StaticString, at place: Int) -> Bool {
      place < text.count && bytes.withUTF8Buffer { $0.contains(text[place]) }
    }
    guard text.count >= 20, CalendarDate.isValid(UnsafeBufferPointer(rebasing: text[..<10])),
      isOne(of: "Tt", at: 10), isOne(of: ":", at: 13), isOne(of: ":", at: 16),
      let year = number(at: 0, digits: 4, in: 1...9_999), let month = number(at: 5, digits: 2, in: 1...12),
      let day = number(at: 8, digits: 2, in: 1...31), let hour = number(at: 11, digits: 2, in: 0...23),
      let minute = number(at: 14, digits: 2, in: 0...59),
      // A leap second is the start of the next minute.
      let second = number(at: 17, digits: 2, in: 0...60)
    else { return nil }
    var at = 19
    var thousandths = 0
    if isOne(of: ".", at: at) {
      let digits = text[(at + 1)...].prefix { (0x30...0x39).contains($0) }
      guard !digits.isEmpty else { return nil }
      at += 1 + digits.count
      for place in 0..<3 {
        thousandths = thousandths * 10 + (place < digits.count ? Int(digits[digits.startIndex + place] - 0x30) : 0)
      }
    }
    var ahead = 0
    if isOne(of: "Zz", at: at) {
      at += 1
    } else {
      let sign = isOne(of: "+", at: at) ? 1 : -1
      let minutes = isOne(of: ":", at: at + 3) ? at + 4 : at + 3
      guard isOne(of: "+-", at: at), let hours = number(at: at + 1, digits: 2, in: 0...23),
        let past = number(at: minutes, digits: 2, in: 0...59)
      else { return nil }
      ahead = sign * (hours * 60 + past)
      at = minutes + 2
    }
    guard at == text.count else { return nil }
    let minutes = CivilDay(year: year, month: month, day: day).number * 1_440 + hour * 60 + minute - ahead
    let moment = Moment(milliseconds: Int64((minutes * 60 + second) * 1_000 + thousandths))
    return reachable.contains(moment.milliseconds) ? moment : nil
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
