import Foundation

/// The first pass over a file: every row is judged, the good ones are remembered as phone and place (24 bytes a row), sorted by
/// phone, duplicates within the file rejected. Nothing is written to the tenant's contacts.
struct ImportCheck: Sendable {
  struct Accepted: Sendable {
    var phone: Int64
    var offset: UInt64
    var rowNumber: Int32
    var length: Int32
  }
  struct Rejected: Sendable {
    var rowNumber: Int
    var reason: String
    var detail: String
    var original: String
  }

  var accepted: [Accepted] = []
  var rejected: [Rejected] = []
  var rows = 0
  /// A file that is mostly not a contact list is refused rather than kept reject by reject.
  static let mostRejects = 200_000

  init(path: String, mapping: ColumnMapping, region: String) throws {
    var reader = try CSVReader(path: path)
    _ = try reader.next()  // headers
    while let row = try reader.next() {
      rows += 1
      try judge(row, rowNumber: rows + 1, mapping, region)
    }
    accepted.sort { ($0.phone, $0.rowNumber) < ($1.phone, $1.rowNumber) }
    try rejectDuplicates(path: path)
  }

  private mutating func judge(_ row: CSVReader.RawRow, rowNumber: Int, _ mapping: ColumnMapping, _ region: String)
    throws
  {
    guard !row.bytes.contains(0), let fields = CSVReader.fields(row.bytes) else {
      return try reject(row.bytes, rowNumber, "unreadable", "is not UTF-8 text with closed quotes")
    }
    guard fields.count <= mapping.columns.count || fields.dropFirst(mapping.columns.count).allSatisfy(\.trimmed.isEmpty)
    else {
      return try reject(
        row.bytes, rowNumber, "too_many_columns", "has \(fields.count) columns, the header has \(mapping.columns.count)"
      )
    }
    let text = mapping.phoneIndex < fields.count ? fields[mapping.phoneIndex] : ""
    switch PhoneReader.shared.read(text, region: region) {
    case .success(let phone):
      accepted.append(
        Accepted(phone: phone.digits, offset: row.offset, rowNumber: Int32(rowNumber), length: Int32(row.bytes.count)))
    case .failure(let reason):
      try reject(row.bytes, rowNumber, reason.rawValue, "\(text.trimmed.prefix(60)) \(reason.sentence)")
    }
  }

  private mutating func reject(_ bytes: [UInt8], _ rowNumber: Int, _ reason: String, _ detail: String) throws {
    guard rejected.count < Self.mostRejects else {
      throw ImportFailure(reason: "more than \(Self.mostRejects) rows were rejected")
    }
    rejected.append(
      Rejected(
        rowNumber: rowNumber, reason: reason, detail: detail.trimmed,
        original: String(decoding: bytes.prefix(8_000), as: UTF8.self)))
  }

  /// The first row of a phone stands; later ones are given back with its number.
  private mutating func rejectDuplicates(path: String) throws {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    var kept: [Accepted] = []
    kept.reserveCapacity(accepted.count)
    for row in accepted {
      if let first = kept.last, first.phone == row.phone {
        try reject(
          try file.bytes(row), Int(row.rowNumber), "duplicate", "has the same number as row \(first.rowNumber)")
      } else {
        kept.append(row)
      }
    }
    accepted = kept
    rejected.sort { $0.rowNumber < $1.rowNumber }
  }
}

struct ImportFailure: Error { var reason: String }

extension FileHandle {
  func bytes(_ row: ImportCheck.Accepted) throws -> [UInt8] {
    try seek(toOffset: row.offset)
    return Array(try read(upToCount: Int(row.length)) ?? Data())
  }
}
