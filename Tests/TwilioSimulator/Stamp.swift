import Foundation

/// Times as Twilio writes and reads them, in UTC.
enum Stamp {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  static func now() -> Int { microseconds() / 1000 }

  static func microseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
  }

  /// Days since 1970 to year, month, day (Gregorian, Hinnant's method).
  static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let z = days + 719_468
    let era = z / 146_097
    let doe = z - era * 146_097
    let yoe = (doe - doe / 1460 + doe / 36524 - doe / 146_096) / 365
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100)
    let mp = (5 * doy + 2) / 153
    let month = mp < 10 ? mp + 3 : mp - 9
    return (yoe + era * 400 + (month <= 2 ? 1 : 0), month, doy - (153 * mp + 2) / 5 + 1)
  }

  private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  static func rfc2822(_ ms: Int) -> String {
    let seconds = ms / 1000
    let day = seconds / 86400
    let rest = seconds % 86400
    let date = civil(day)
    return "\(days[day % 7]), \(two(date.day)) \(months[date.month - 1]) \(date.year) "
      + "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60)) +0000"
  }

  /// RawDlrDoneDate: YYMMDDhhmm.
  static func receipt(_ ms: Int) -> String {
    let date = civil(ms / 86_400_000)
    let minutes = ms / 60000 % 1440
    return two(date.year % 100) + two(date.month) + two(date.day) + two(minutes / 60) + two(minutes % 60)
  }

  /// `2026-11-01`, or a full ISO 8601 time; the length in ms of what was named (a day or a second).
  static func parse(_ text: String) -> (ms: Int, length: Int)? {
    let numbers = text.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
    guard numbers.count >= 3, numbers[0] > 1970, (1...12).contains(numbers[1]), (1...31).contains(numbers[2]) else {
      return nil
    }
    let y = numbers[1] <= 2 ? numbers[0] - 1 : numbers[0]
    let era = y / 400
    let yoe = y - era * 400
    let doy = (153 * (numbers[1] > 2 ? numbers[1] - 3 : numbers[1] + 9) + 2) / 5 + numbers[2] - 1
    let day = era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
    if numbers.count < 6 { return (day * 86_400_000, 86_400_000) }
    return ((day * 86400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]) * 1000, 1000)
  }
}
