import Glibc

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

  /// Of each spilled run: fewer and longer reads and writes.
  private static let bufferSize = 128 << 10
  private let run = RowRun()
  private var spilled: [Spilled] = []
  private var files: [UnsafeMutablePointer<FILE>] = []
  private var position = 0
  /// A heap of the spilled runs by their current row.
  private var heap: [Int] = []
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
    for file in files { spilled.append(try Spilled(file)) }
    files = []
    heap = Array(spilled.indices).filter { spilled[$0].current != nil }
    for start in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(start) }
  }

  /// The next row; valid until `advance`.
  var current: EncodedRow? {
    if spilled.isEmpty { return position < run.count ? run[position] : nil }
    return heap.first.flatMap { spilled[$0].current }
  }

  func advance() throws {
    if spilled.isEmpty {
      position += 1
      return
    }
    guard let top = heap.first else { return }
    try spilled[top].advance()
    if spilled[top].current == nil {
      heap[0] = heap[heap.count - 1]
      heap.removeLast()
    }
    if !heap.isEmpty { sink(0) }
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

  private func sink(_ start: Int) {
    var parent = start
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && comes(heap[child], before: heap[least])
      {
        least = child
      }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }

  private func comes(_ left: Int, before right: Int) -> Bool {
    guard let one = spilled[left].current, let other = spilled[right].current else { return false }
    return one.phone == other.phone ? one.rowNumber < other.rowNumber : one.phone < other.phone
  }
}
