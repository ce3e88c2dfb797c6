import Foundation

/// Streams a CSV file (RFC 4180: quotes, doubled quotes, newlines in fields) row by row, in a bounded amount of memory.
struct CSVReader {
  /// A longer row is not a row of contacts; the rest of the file is not read as one either.
  static let longestRow = 64 << 10
  static let mostColumns = 200
  private static let chunkSize = 256 << 10
  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")

  struct RawRow {
    var offset: UInt64
    var bytes: [UInt8]
  }
  enum Failure: Error, Equatable { case rowTooLong(Int), unclosedQuote(Int) }

  private let file: FileHandle
  private var buffer: [UInt8] = []
  private var position = 0
  private var bufferOffset: UInt64 = 0
  private var rowNumber = 0

  init(path: String) throws {
    file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    try fill()
    if buffer.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The next row without its line end; nil at the end. Blank lines are passed over.
  mutating func next() throws -> RawRow? {
    while true {
      guard let row = try nextLine() else { return nil }
      if !row.bytes.isEmpty { return row }
    }
  }

  private mutating func nextLine() throws -> RawRow? {
    var scan = position
    var quoted = false
    while true {
      while scan < buffer.count {
        let byte = buffer[scan]
        if byte == Self.quote {
          quoted.toggle()
        } else if byte == Self.newline, !quoted {
          return take(upTo: scan, skip: 1)
        }
        scan += 1
      }
      if scan - position > Self.longestRow {
        throw quoted ? Failure.unclosedQuote(rowNumber + 1) : Failure.rowTooLong(rowNumber + 1)
      }
      let kept = scan - position
      if try !fill() {
        if quoted { throw Failure.unclosedQuote(rowNumber + 1) }
        return position < buffer.count ? take(upTo: buffer.count, skip: 0) : nil
      }
      scan = position + kept
    }
  }

  private mutating func take(upTo end: Int, skip: Int) -> RawRow {
    var bytes = Array(buffer[position..<end])
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    let row = RawRow(offset: bufferOffset + UInt64(position), bytes: bytes)
    position = end + skip
    rowNumber += 1
    return row
  }

  /// Drops what was read and appends the next chunk; false at the end of the file.
  @discardableResult private mutating func fill() throws -> Bool {
    bufferOffset += UInt64(position)
    buffer.removeFirst(position)
    position = 0
    guard let chunk = try file.read(upToCount: Self.chunkSize), !chunk.isEmpty else { return false }
    buffer.append(contentsOf: chunk)
    return true
  }

  /// The fields of one row; nil if the bytes are not UTF-8 or the quoting is broken.
  static func fields(_ bytes: [UInt8]) -> [String]? {
    var fields: [String] = []
    var field: [UInt8] = []
    var index = 0
    var quoted = false
    func close() -> String? { String(validating: field, as: UTF8.self) }
    while index < bytes.count {
      let byte = bytes[index]
      if quoted {
        if byte == quote {
          if index + 1 < bytes.count, bytes[index + 1] == quote {
            field.append(quote)
            index += 1
          } else {
            quoted = false
          }
        } else {
          field.append(byte)
        }
      } else if byte == quote, field.allSatisfy({ $0 == UInt8(ascii: " ") }) {
        field.removeAll(keepingCapacity: true)
        quoted = true
      } else if byte == UInt8(ascii: ",") {
        guard let text = close() else { return nil }
        fields.append(text)
        field.removeAll(keepingCapacity: true)
      } else {
        field.append(byte)
      }
      index += 1
    }
    guard !quoted, let text = close() else { return nil }
    fields.append(text)
    return fields
  }

  /// One field, quoted where needed, and not a formula for a spreadsheet (a number with its plus stays as it is).
  static func escape(_ text: String) -> String {
    var out = text
    if let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first),
      text.dropFirst().contains(where: { !$0.isNumber && !" ().-/".contains($0) }) || first != "+"
    {
      out = "'" + text
    }
    guard out.contains(where: { "\",\r\n\r\n".contains($0) }) else { return out }
    return "\"" + out.replacing("\"", with: "\"\"") + "\""
  }
}
