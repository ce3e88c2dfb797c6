import Glibc
import HeapModule

/// The rows of a file in phone order: one run in memory, or several from disk merged on the fly.
final class SortedRows {
  private final class Spilled {
    let file: UnsafeMutablePointer<FILE>
    private let buffer = UnsafeMutableRawPointer.allocate(
      byteCount: EncodedRow.headerSize + EncodedRow.Slot.allCases.count * EncodedRow.longestSlot, alignment: 8)
    private(set) var current: EncodedRow?

    init(_ file: UnsafeMutablePointer<FILE>) throws {
      self.file = file
      rewind(file)
      try advance()
    }

    deinit {
      fclose(file)
      buffer.deallocate()
    }

    func advance() throws {
      guard fread(buffer, 1, EncodedRow.headerSize, file) == EncodedRow.headerSize else {
        guard ferror(file) == 0 else { throw ImportFailure(reason: "the sorted rows cannot be read back") }
        current = nil
        return
      }
      let row = EncodedRow(base: UnsafeRawPointer(buffer))
      let rest = row.size - EncodedRow.headerSize
      guard fread(buffer + EncodedRow.headerSize, 1, rest, file) == rest else {
        throw ImportFailure(reason: "the sorted rows cannot be read back")
      }
      current = row
    }
  }

  /// A run by what its current row is sorted by.
  private struct Head: Comparable {
    let phone: Int64
    let rowNumber: UInt32
    let run: Spilled

    init?(_ run: Spilled) {
      guard let row = run.current else { return nil }
      (phone, rowNumber, self.run) = (row.phone, row.rowNumber, run)
    }

    static func == (left: Head, right: Head) -> Bool {
      (left.phone, left.rowNumber) == (right.phone, right.rowNumber)
    }

    static func < (left: Head, right: Head) -> Bool {
      (left.phone, left.rowNumber) < (right.phone, right.rowNumber)
    }
  }

  /// Of each spilled run: fewer and longer reads and writes.
  private static let bufferSize = 128 << 10
  private let run = RowRun()
  private var files: [UnsafeMutablePointer<FILE>] = []
  private var position = 0
  /// The spilled runs by their current row, once the last row is in; nil: all rows are in memory.
  private var heads: Heap<Head>?
  private let folder: String

  init(folder: String) { self.folder = folder }

  deinit { for file in files { fclose(file) } }

  /// The run to write the next row into.
  func room() throws -> RowRun {
    if !run.hasRoom { try spill() }
    return run
  }

  /// No more rows: from here on `current` and `advance`.
  func close() throws {
    if files.isEmpty { return run.sort() }
    try spill()
    let runs = try files.map(Spilled.init)
    files = []
    heads = Heap(runs.compactMap(Head.init))
  }

  /// The next row; valid until `advance`.
  var current: EncodedRow? {
    guard let heads else { return position < run.count ? run[position] : nil }
    return heads.min?.run.current
  }

  func advance() throws {
    guard let first = heads?.min?.run else {
      position += 1
      return
    }
    try first.advance()
    if let head = Head(first) { heads?.replaceMin(with: head) } else { heads?.removeMin() }
  }

  private func spill() throws {
    guard !run.isEmpty else { return }
    run.sort()
    let path = "\(folder)/sort-\(UInt64.random(in: .min ... .max))"
    guard let file = fopen(path, "wb+") else {
      throw ImportFailure(reason: "the rows cannot be sorted on disk; it may be full")
    }
    // Nameless from the start: it goes with the process, however that ends.
    unlink(path)
    setvbuf(file, nil, _IOFBF, Self.bufferSize)
    files.append(file)
    for index in 0..<run.count {
      let row = run[index]
      guard fwrite(row.base, 1, row.size, file) == row.size else {
        throw ImportFailure(reason: "the rows cannot be sorted on disk; it may be full")
      }
    }
    guard fflush(file) == 0 else { throw ImportFailure(reason: "the rows cannot be sorted on disk; it may be full") }
    run.clear()
  }
}
