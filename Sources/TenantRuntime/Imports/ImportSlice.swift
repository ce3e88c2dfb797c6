/// A stretch of checked rows in phone order, on its way from the import lane to the tenant's file.
struct ImportSlice: Sendable {
  struct Duplicate: Sendable {
    var rowNumber: Int
    var firstRow: Int
    var offset: UInt64
    var length: Int
  }

  /// Rows may be long: a slice is bounded in memory, not in rows alone.
  static let mostBytes = 8 << 20

  private(set) var bytes: [UInt8] = []
  private(set) var starts: [Int32] = []
  private(set) var lastPhone: Int64 = 0
  private(set) var lastRow: Int = 0
  /// Rows with the phone of an earlier row of the file.
  var duplicates: [Duplicate] = []
  /// More of them, which are counted alone.
  var repeats = 0
  /// Of whom some row says that they have opted out, or something that cannot be read.
  var optOuts: [Int64: ImportSaid] = [:]

  var isEmpty: Bool { starts.isEmpty && duplicates.isEmpty && repeats == 0 }
  var duplicateCount: Int { duplicates.count + repeats }

  /// Room for the rows to come, by their usual size, so that memory is asked for once.
  init(reserving rows: Int) {
    bytes.reserveCapacity(rows * 160)
    starts.reserveCapacity(rows)
  }

  mutating func append(_ row: EncodedRow) {
    starts.append(Int32(bytes.count))
    bytes.append(contentsOf: UnsafeRawBufferPointer(start: row.base, count: row.size))
    lastPhone = row.phone
    lastRow = Int(row.rowNumber)
  }

  func withRows<Value>(_ body: ([EncodedRow]) throws -> Value) rethrows -> Value {
    try bytes.withUnsafeBytes { memory in
      try body(starts.map { EncodedRow(base: memory.baseAddress! + Int($0)) })
    }
  }
}

/// The phone that was met last, carried from slice to slice.
struct LastPhone {
  var phone: Int64 = -1
  /// Its first row.
  var row = 0
  /// Its other rows so far.
  var repeats = 0
}

extension SortedRows {
  /// Of one phone so many rows are kept as duplicates, one by one; a list of a shop's customers may hold its own number for each.
  static let mostKept = 1_000
  /// So many rows are looked at in one piece.
  private static let piece = 100_000

  /// Fills a slice with the next rows behind `cursor`; false when it has to be gone on with. One that stays empty is the end. A phone's
  /// duplicates never part from it, so that the cursor says all about what is done; they are bounded, as everything in a slice is.
  /// - Parameter room: so many duplicates may be kept yet.
  func fill(
    _ slice: inout ImportSlice, atMost limit: Int, behind cursor: Int64, last: inout LastPhone, room: Int
  ) throws -> Bool {
    var left = Self.piece
    while let row = current {
      let isNew = row.phone > cursor
      if row.phone == last.phone {
        last.repeats += 1
        if isNew {
          if last.repeats <= Self.mostKept, slice.duplicates.count < room {
            slice.duplicates.append(
              ImportSlice.Duplicate(
                rowNumber: Int(row.rowNumber), firstRow: last.row, offset: row.offset, length: Int(row.length)))
          } else {
            slice.repeats += 1
          }
        }
      } else {
        if max(slice.starts.count, slice.duplicates.count) >= limit || slice.bytes.count >= ImportSlice.mostBytes {
          return true
        }
        last = LastPhone(phone: row.phone, row: Int(row.rowNumber))
        if isNew { slice.append(row) }
      }
      if isNew, row.size(.optOut) > 0, slice.optOuts[row.phone]?.isReview ?? true {
        slice.optOuts[row.phone] = ImportSaid(row.text(.optOut))
      }
      try advance()
      left -= 1
      if left == 0 { return false }
    }
    return true
  }
}
