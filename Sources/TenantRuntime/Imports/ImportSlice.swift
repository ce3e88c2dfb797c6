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
  /// Of whom some row says that they have opted out, or something that cannot be read.
  var optOuts: [Int64: ImportSaid] = [:]

  var isEmpty: Bool { starts.isEmpty && duplicates.isEmpty }

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

extension SortedRows {
  /// The next rows behind `cursor`; empty at the end. `last` is the last phone taken, carried from slice to slice. A phone's
  /// duplicates never part from it, so that the cursor says all about what is done.
  func slice(atMost limit: Int, behind cursor: Int64, last: inout (phone: Int64, row: Int)) throws -> ImportSlice {
    var slice = ImportSlice(reserving: limit)
    while let row = current {
      let isOptOut = row.phone > cursor && row.size(.optOut) > 0
      if row.phone == last.phone {
        if row.phone > cursor {
          slice.duplicates.append(
            ImportSlice.Duplicate(
              rowNumber: Int(row.rowNumber), firstRow: last.row, offset: row.offset, length: Int(row.length)))
        }
      } else {
        if slice.starts.count >= limit || slice.bytes.count >= ImportSlice.mostBytes { break }
        last = (row.phone, Int(row.rowNumber))
        if row.phone > cursor { slice.append(row) }
      }
      if isOptOut, slice.optOuts[row.phone]?.isReview ?? true {
        slice.optOuts[row.phone] = ImportSaid(row.text(.optOut))
      }
      try advance()
    }
    return slice
  }
}
