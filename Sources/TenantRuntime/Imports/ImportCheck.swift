import Foundation
import Glibc

/// The first pass over a file: every row is judged; the good ones are encoded and sorted by phone, the others kept with their reason.
/// Nothing is written to the tenant's contacts.
final class ImportCheck {
  struct Rejected: Sendable {
    var rowNumber: Int
    var reason: String
    var detail: String
    var original: String
  }

  /// A file that is mostly not a contact list is refused rather than kept reject by reject.
  static let mostRejects = 1_000_000

  let rows: SortedRows
  private(set) var rowCount = 0
  private(set) var rejectCount = 0
  /// Values that were left out while their row went in, by column.
  private(set) var warnings: [String: Int64] = [:]
  /// People whose rows were rejected for something else and say that they have opted out.
  private(set) var optOuts: [Int64: ImportSaid] = [:]
  private let encoder: RowEncoder
  private let reader: CSVReader
  private let phones: RowPhone
  private let columnCount: Int
  private let keep: ([Rejected]) throws -> Void
  private var held: [Rejected] = []
  private var heldBytes = 0
  private static let heldAtMost = 2_000
  private static let mostHeldBytes = 4 << 20

  /// - Parameter keep: takes the rejected rows as they are found, in small groups.
  init(
    path: String, folder: String, options: ImportOptions, mapping: ColumnMapping, known: KnownFields,
    keep: @escaping ([Rejected]) throws -> Void
  ) throws {
    reader = try CSVReader(path: path, format: options.format)
    rows = SortedRows(folder: folder)
    encoder = RowEncoder(mapping, known, headers: options.headers)
    phones = RowPhone(mapping, headers: options.headers, region: options.region)
    columnCount = mapping.columns.count
    self.keep = keep
  }

  /// So much of the file is read in one piece: some ten milliseconds.
  private static let piece: UInt64 = 2 << 20
  private var hasHeader = false
  var bytesRead: UInt64 { reader.bytesRead }

  /// Reads the next piece of the file; false at its end.
  func readOn() throws -> Bool {
    let end = reader.bytesRead + Self.piece
    while reader.bytesRead < end {
      guard let row = try reader.next() else {
        try close()
        return false
      }
      guard hasHeader else {
        // The header, and rows of commas above it.
        hasHeader = row.problem != nil || !reader.isBlank(row)
        continue
      }
      // A spreadsheet's row of commas is nobody.
      if row.problem == nil, row.length < 10_000, isCommasAlone(row) { continue }
      rowCount += 1
      if let (reason, detail) = try take(row) {
        noteOptOut(row)
        try reject(row, reason, detail)
      }
    }
    return true
  }

  private func close() throws {
    try keep(held)
    held = []
    try rows.close()
    warnings = encoder.warnings.merging(phones.warnings) { $0 + $1 }
  }

  /// New custom fields of the file, each with the type that all its values have.
  var newFields: [ContactField] { encoder.newFields }
  var widenedFields: [String] { encoder.widenedFields }
  var fieldsLeftOut: [String] { encoder.fieldsLeftOut }

  /// Cheap for rows of people: their first bytes say so.
  private func isCommasAlone(_ row: CSVReader.Row) -> Bool {
    let bytes = reader.bytes(row)
    for byte in bytes.prefix(64)
    where (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) {
      return false
    }
    return reader.isBlank(row)
  }

  /// Encodes the row, or says why not.
  private func take(_ row: CSVReader.Row) throws -> (String, String)? {
    if let problem = row.problem { return (problem.rawValue, Self.sentence(problem)) }
    let bytes = reader.bytes(row)
    guard let start = bytes.baseAddress, memchr(start, 0, bytes.count) == nil else {
      return ("nul_byte", "holds a NUL byte")
    }
    guard Self.isUTF8(bytes) else { return ("unreadable", "is not UTF-8 text") }
    if row.fieldCount > columnCount {
      for extra in columnCount..<row.fieldCount where !reader.field(extra).isEmpty {
        return ("too_many_columns", "has \(row.fieldCount) columns, the header has \(columnCount)")
      }
    }
    let phone: PhoneNumber
    switch phones.read(reader, row.fieldCount) {
    case .success(let read): phone = read
    case .failure(let why):
      return (why.rawValue, "\(phones.written(reader, row.fieldCount).prefix(60)) \(why.sentence)".trimmed)
    }
    let run = try rows.room()
    run.begin(phone: phone.digits, rowNumber: row.number, offset: row.offset, length: row.length)
    encoder.encode(reader, fieldCount: row.fieldCount, into: run)
    run.finish()
    return nil
  }

  private func noteOptOut(_ row: CSVReader.Row) {
    guard row.problem == nil || row.problem == .strayText, row.fieldCount <= CSVReader.mostColumns,
      let said = encoder.said(reader, fieldCount: row.fieldCount),
      let phone = phones.dialled(reader, row.fieldCount)
    else { return }
    optOuts[phone.digits] = said
  }

  private static func sentence(_ problem: CSVReader.Problem) -> String {
    switch problem {
    case .tooLong: "is longer than \(CSVReader.longestRow) bytes"
    case .unclosedQuote: "opens a quote that is never closed"
    case .strayText: "has text behind a closing quote"
    case .tooManyColumns: "has more than \(CSVReader.mostColumns) columns"
    }
  }

  private func reject(_ row: CSVReader.Row, _ reason: String, _ detail: String) throws {
    rejectCount += 1
    guard rejectCount <= Self.mostRejects else {
      throw ImportFailure(reason: "more than \(Self.mostRejects) rows were rejected; is this a list of contacts?")
    }
    held.append(
      Rejected(
        rowNumber: row.number, reason: reason, detail: detail,
        original: try original(offset: row.offset, length: row.length)))
    heldBytes += row.length
    if held.count == Self.heldAtMost || heldBytes > Self.mostHeldBytes {
      try keep(held)
      held = []
      heldBytes = 0
    }
  }

  /// The whole row as it stands in the file; NULs, which no text column takes, are shown.
  func original(offset: UInt64, length: Int) throws -> String {
    var bytes = [UInt8](repeating: 0, count: min(length, CSVReader.longestRow))
    guard pread(reader.descriptor, &bytes, bytes.count, off_t(offset)) == bytes.count else {
      throw ImportFailure(reason: "the uploaded file cannot be read")
    }
    return String(decoding: bytes, as: UTF8.self).replacing("\0", with: "\u{2400}")
  }

  private static func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    (try? UTF8Span(validating: bytes.span)) != nil
  }
}
