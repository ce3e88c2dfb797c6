import Glibc
import HeapModule

/// The rows of a file in phone order: one run in memory, or several from disk merged on the fly. All of them lie in one file, so that a list of
/// any length takes one descriptor.
final class SortedRows {
  /// A run on disk, read through a buffer of its own.
  private final class Spilled {
    private let descriptor: Int32
    /// What of it has not been read yet.
    private var place: Range<UInt64>
    private var buffer: UnsafeMutableRawPointer
    private var capacity: Int
    /// What of the buffer has not been handed out yet, from the current row on.
    private var unused = 0..<0
    private(set) var current: EncodedRow?

    init(_ descriptor: Int32, _ place: Range<UInt64>, buffer size: Int) throws {
      (self.descriptor, self.place, capacity) = (descriptor, place, size)
      buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
      try advance()
    }

    deinit { buffer.deallocate() }

    func advance() throws {
      if let row = current { unused = unused.lowerBound + row.size..<unused.upperBound }
      current = nil
      if unused.isEmpty, place.isEmpty { return }
      try have(EncodedRow.headerSize)
      try have(EncodedRow(base: buffer + unused.lowerBound).size)
      current = EncodedRow(base: buffer + unused.lowerBound)
    }

    /// Reads until so many bytes of a row are there.
    private func have(_ size: Int) throws {
      if unused.count >= size { return }
      let former = buffer
      if size > capacity {
        capacity = size
        buffer = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
      }
      memmove(buffer, former + unused.lowerBound, unused.count)
      if former != buffer { former.deallocate() }
      unused = 0..<unused.count
      while unused.count < size {
        let wanted = min(capacity - unused.count, place.count)
        let got = wanted > 0 ? pread(descriptor, buffer + unused.count, wanted, off_t(place.lowerBound)) : 0
        if got < 0, errno == EINTR { continue }
        guard got > 0 else { throw ImportFailure(reason: "the sorted rows cannot be read back") }
        unused = 0..<unused.count + got
        place = place.lowerBound + UInt64(got)..<place.upperBound
      }
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

  /// Of each run, unless there are very many: fewer and longer reads.
  private static let buffers = 4 << 10...128 << 10
  private static let allBuffers = 32 << 20
  /// What is left on the disk for what must not fail: opt-outs, claims, what is answered for.
  private static let leastFree = 512 << 20
  private let run = RowRun()
  private var file: UnsafeMutablePointer<FILE>?
  private var runs: [Range<UInt64>] = []
  private var position = 0
  /// The spilled runs by their current row, once the last row is in; nil: all rows are in memory.
  private var heads: Heap<Head>?
  private let folder: String

  init(folder: String) { self.folder = folder }

  deinit { end() }

  /// The run to write the next row into.
  func room() throws -> RowRun {
    if !run.hasRoom { try spill() }
    return run
  }

  /// No more rows: from here on `current` and `advance`.
  func close() throws {
    guard let file else { return run.sort() }
    try spill()
    let size = min(max(Self.allBuffers / runs.count, Self.buffers.lowerBound), Self.buffers.upperBound)
    heads = Heap(try runs.compactMap { Head(try Spilled(fileno(file), $0, buffer: size)) })
  }

  /// Lets the disk go; nothing more can be read.
  func end() {
    heads = heads.map { _ in [] }
    position = run.count
    if let file { fclose(file) }
    file = nil
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
    try refuseFullDisk()
    run.sort()
    let file = try file ?? begin()
    let start = runs.last?.upperBound ?? 0
    var end = start
    for index in 0..<run.count {
      let row = run[index]
      guard fwrite(row.base, 1, row.size, file) == row.size else { throw Self.full }
      end += UInt64(row.size)
    }
    guard fflush(file) == 0 else { throw Self.full }
    runs.append(start..<end)
    run.clear()
  }

  private static let full = ImportFailure(reason: "the rows cannot be sorted on disk; it may be full")

  private func begin() throws -> UnsafeMutablePointer<FILE> {
    let path = "\(folder)/sort-\(UInt64.random(in: .min ... .max))"
    guard let made = fopen(path, "wb+") else { throw Self.full }
    // Nameless from the start: it goes with the process, however that ends.
    unlink(path)
    setvbuf(made, nil, _IOFBF, Self.buffers.upperBound)
    file = made
    return made
  }

  /// Names of columns stand in every row that has a value there: sorted, a list may be many times its size.
  private func refuseFullDisk() throws {
    var disk = statvfs()
    guard statvfs(folder, &disk) == 0 else { return }
    guard disk.f_bavail * disk.f_frsize > UInt(Self.leastFree + RowRun.capacity) else {
      throw ImportFailure(reason: "the disk has too little room left to sort this list")
    }
  }
}
