import Foundation
import Glibc

/// Streams a CSV file (RFC 4180: quotes, doubled quotes, newlines in quoted fields) row by row in a bounded buffer, without making
/// a string of anything. A quote counts only where a field begins; elsewhere it is a character (`5" pipe`).
///
/// A row that is broken does not end the file: it is handed out with its problem, and reading goes on behind its line.
///
/// One thread at a time uses it. Its state is outside Swift's exclusivity checks at run time, which cost a tenth of an import.
final class CSVReader {
  /// A longer row is not a row of contacts.
  static let longestRow = 64 << 10
  static let mostColumns = 2_000
  private static let bufferSize = 1 << 20

  enum Problem: String, Sendable {
    case tooLong = "row_too_long"
    case unclosedQuote = "unclosed_quote"
    case strayText = "text_behind_quote"
    case tooManyColumns = "too_many_columns"
  }

  struct Field {
    var start: Int
    var end: Int
    /// Holds doubled quotes.
    var doubled: Bool
  }

  /// Valid until the next call of `next`.
  struct Row {
    /// The row's place in the file, counted from 1 with the header and blank lines, as a spreadsheet shows it.
    var number: Int
    var offset: UInt64
    var length: Int
    var problem: Problem?
    var fieldCount: Int
  }

  let descriptor: Int32
  private let delimiter: UInt8
  private let newline: UInt8
  private let buffer: UnsafeMutablePointer<UInt8>
  private let fields: UnsafeMutablePointer<Field>
  @exclusivity(unchecked) private var filled = 0
  @exclusivity(unchecked) private var position = 0
  @exclusivity(unchecked) private var bufferOffset: UInt64 = 0
  @exclusivity(unchecked) private var ended = false
  @exclusivity(unchecked) private var number = 0
  /// In the middle of a line that is longer than the buffer.
  @exclusivity(unchecked) private var skipping = false

  init(path: String, format: CSVFormat) throws {
    descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ImportFailure(reason: "the uploaded file is gone; upload it again") }
    delimiter = format.delimiter
    newline = format.newline
    buffer = .allocate(capacity: Self.bufferSize)
    fields = .allocate(capacity: Self.mostColumns + 1)
    fields.initialize(repeating: Field(start: 0, end: 0, doubled: false), count: Self.mostColumns + 1)
    try fill()
    if filled >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { position = 3 }
    for _ in 0..<format.linesBefore { skipLine() }
  }

  private func skipLine() {
    guard let found = memchr(buffer + position, Int32(newline), filled - position) else { return }
    position = found.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(buffer) + 1
    number += 1
  }

  deinit {
    Glibc.close(descriptor)
    buffer.deallocate()
    fields.deallocate()
  }

  /// A quote that is never closed costs a look at as much as a row may have, for each line that has one.
  private var readInVain = 0
  private static let mostReadInVain = 64 << 20

  /// Bytes read so far, for progress.
  var bytesRead: UInt64 { bufferOffset + UInt64(position) }

  /// The next row that is not blank; nil at the end.
  func next() throws -> Row? {
    while true {
      guard readInVain <= Self.mostReadInVain else {
        throw ImportFailure(
          reason:
            "too many rows open a quote that is never closed, among them row \(number); save the file anew as CSV UTF-8"
        )
      }
      if filled - position < Self.longestRow * 2, !ended { try refill() }
      guard position < filled else { return nil }
      number += 1
      let row = scan()
      if row.length > 0 { return row }
    }
  }

  func bytes(_ row: Row) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: buffer + Int(row.offset - bufferOffset), count: row.length)
  }

  /// A field without its quotes, outer white space, and what guards a spreadsheet against reading it: `'+1…`, `'02139`, `="02139"`.
  func field(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    var field = fields[index]
    if field.doubled {
      fields[index] = undouble(field)
      field = fields[index]
    }
    var start = field.start
    var end = field.end
    while start < end, buffer[start] <= 32 { start += 1 }
    while end > start, buffer[end - 1] <= 32 { end -= 1 }
    if end - start > 1, buffer[start] == 0x27 {
      let next = buffer[start + 1]
      if next == 0x3D || next == 0x2B || next == 0x2D || next == 0x40 || next >= 0x30 && next <= 0x39 { start += 1 }
    } else if end - start > 2, buffer[start] == 0x3D, buffer[start + 1] == 0x22, buffer[end - 1] == 0x22 {
      start += 2
      end -= 1
    }
    return UnsafeBufferPointer(start: buffer + start, count: end - start)
  }

  /// Whether no field of the row says anything.
  func isBlank(_ row: Row) -> Bool {
    for index in 0..<min(row.fieldCount, Self.mostColumns) where !field(index).isEmpty { return false }
    return true
  }

  func text(_ index: Int) -> String { String(decoding: field(index), as: UTF8.self) }

  // MARK: Scanning

  private enum Inside { case plain, quoted, closed }

  private func scan() -> Row {
    let start = position
    let limit = min(filled, start + Self.longestRow)
    var at = start
    var count = 0
    var fieldStart = start
    var contentEnd = -1
    var doubled = false
    var inside = Inside.plain
    var stray = false
    func endField(_ end: Int) {
      if count <= Self.mostColumns {
        fields[count] = Field(start: fieldStart, end: contentEnd >= 0 ? contentEnd : end, doubled: doubled)
      }
      count += 1
      contentEnd = -1
      doubled = false
      inside = .plain
    }
    while at < limit {
      let byte = buffer[at]
      if inside == .quoted {
        if byte == 0x22 {
          if at + 1 < filled, buffer[at + 1] == 0x22 {
            doubled = true
            at += 1
          } else {
            contentEnd = at
            inside = .closed
          }
        }
      } else if byte == delimiter {
        endField(at)
        fieldStart = at + 1
      } else if byte == newline {
        break
      } else if byte == 0x22, inside == .plain, isBlank(fieldStart, at) {
        inside = .quoted
        fieldStart = at + 1
      } else if inside == .closed, byte > 32 {
        stray = true
      }
      at += 1
    }
    if inside == .quoted { return broken(.unclosedQuote, from: start) }
    if at == limit, at < filled || !ended { return broken(.tooLong, from: start) }
    let end = at > start && newline == 0x0A && buffer[at - 1] == 0x0D ? at - 1 : at
    endField(max(end, fieldStart))
    position = min(at + 1, filled)
    return row(start, end, count > Self.mostColumns ? .tooManyColumns : stray ? .strayText : nil, count)
  }

  private func isBlank(_ start: Int, _ end: Int) -> Bool {
    var at = start
    while at < end {
      if buffer[at] != 0x20 { return false }
      at += 1
    }
    return true
  }

  /// Gives up the line the row began on; what follows is read as rows again.
  private func broken(_ problem: Problem, from start: Int) -> Row {
    let found = memchr(buffer + start, Int32(newline), filled - start)
    let end = found.map { $0.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(buffer) } ?? filled
    readInVain += max(0, min(filled, start + Self.longestRow) - end)
    position = min(end + 1, filled)
    if found == nil, !ended { skipping = true }
    return row(start, min(end, start + Self.longestRow), problem, 0)
  }

  private func row(_ start: Int, _ end: Int, _ problem: Problem?, _ count: Int) -> Row {
    Row(number: number, offset: bufferOffset + UInt64(start), length: end - start, problem: problem, fieldCount: count)
  }

  private func undouble(_ field: Field) -> Field {
    var to = field.start
    var from = field.start
    while from < field.end {
      buffer[to] = buffer[from]
      if buffer[from] == 0x22, from + 1 < field.end, buffer[from + 1] == 0x22 { from += 1 }
      from += 1
      to += 1
    }
    return Field(start: field.start, end: to, doubled: false)
  }

  // MARK: Filling

  private func refill() throws {
    repeat {
      memmove(buffer, buffer + position, filled - position)
      bufferOffset += UInt64(position)
      filled -= position
      position = 0
      try fill()
      guard skipping else { return }
      if let found = memchr(buffer, Int32(newline), filled) {
        position = found.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(buffer) + 1
        skipping = false
      } else {
        position = filled
      }
    } while skipping && !ended
  }

  private func fill() throws {
    while filled < Self.bufferSize, !ended {
      let got = Glibc.read(descriptor, buffer + filled, Self.bufferSize - filled)
      if got < 0 {
        if errno == EINTR { continue }
        throw ImportFailure(reason: "the uploaded file cannot be read")
      }
      if got == 0 { ended = true }
      filled += got
    }
  }
}

struct ImportFailure: Error { var reason: String }
