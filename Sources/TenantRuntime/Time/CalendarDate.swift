/// `2026-11-23`, a day that there is.
enum CalendarDate {
  static func isValid(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count == 10, text[4] == 0x2D, text[7] == 0x2D else { return false }
    for index in 0..<10 where index != 4 && index != 7 && !(0x30...0x39).contains(text[index]) { return false }
    let month = (text[5] - 0x30) * 10 + text[6] - 0x30
    let day = (text[8] - 0x30) * 10 + text[9] - 0x30
    guard (1...12).contains(month), day >= 1 else { return false }
    let year = text[..<4].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return Int(day) <= [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Int(month) - 1]
  }

  static func isValid(_ text: String) -> Bool { Array(text.utf8).withUnsafeBufferPointer(isValid) }
}
