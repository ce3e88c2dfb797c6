import CZlib
import Foundation

/// The parts of a zip file, read in pieces: what a workbook is kept in. Sizes that the file claims are never believed.
final class ZipFile {
  private struct Entry {
    var offset: UInt64
    var packed: UInt64
    var isDeflated: Bool
  }

  private let file: FileHandle
  private var entries: [String: Entry] = [:]
  private static let mostEntries = 5_000
  /// A sheet of equal rows is packed to a hundredth; what unpacks to more is made to fill a disk.
  private static let mostTimes: UInt64 = 100
  private static let alwaysFits = 16 << 20
  private static let broken = ImportFailure(
    reason: "this Excel workbook cannot be read; save it as CSV UTF-8 and upload that")

  init(path: String) throws {
    file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    try readDirectory()
  }

  deinit { try? file.close() }

  var names: [String] { Array(entries.keys) }
  func has(_ name: String) -> Bool { entries[name] != nil }

  private func bytes(at offset: UInt64, _ count: Int) throws -> [UInt8] {
    try file.seek(toOffset: offset)
    return Array(try file.read(upToCount: count) ?? Data())
  }

  private static func number(_ bytes: [UInt8], _ at: Int, _ size: Int) -> UInt64 {
    (0..<size).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
  }

  private func readDirectory() throws {
    let size = try file.seekToEnd()
    let tail = try bytes(at: size > 66_000 ? size - 66_000 : 0, 66_000)
    guard tail.count >= 22,
      let end = stride(from: tail.count - 22, through: 0, by: -1).first(where: {
        tail[$0] == 0x50 && tail[$0 + 1] == 0x4B && tail[$0 + 2] == 5 && tail[$0 + 3] == 6
      })
    else { throw Self.broken }
    let length = Int(Self.number(tail, end + 12, 4))
    let start = Self.number(tail, end + 16, 4)
    guard length < 4 << 20, start < size else { throw Self.broken }
    let directory = try bytes(at: start, length)
    var at = 0
    while at + 46 <= directory.count, directory[at] == 0x50, directory[at + 1] == 0x4B, entries.count < Self.mostEntries
    {
      let nameSize = Int(Self.number(directory, at + 28, 2))
      let next = at + 46 + nameSize + Int(Self.number(directory, at + 30, 2)) + Int(Self.number(directory, at + 32, 2))
      guard at + 46 + nameSize <= directory.count else { throw Self.broken }
      let method = Self.number(directory, at + 10, 2)
      if method == 0 || method == 8, Self.number(directory, at + 8, 2) & 1 == 0 {
        let name = String(decoding: directory[(at + 46)..<(at + 46 + nameSize)], as: UTF8.self)
        entries[name.replacing("\\", with: "/")] = Entry(
          offset: Self.number(directory, at + 42, 4), packed: Self.number(directory, at + 20, 4),
          isDeflated: method == 8)
      }
      at = next
    }
  }

  /// How much may honestly come of a part.
  func room(for name: String) -> Int { Self.alwaysFits + Int((entries[name]?.packed ?? 0) * Self.mostTimes) }

  /// A part, in pieces, up to so many bytes. One that ends before its own end mark is broken.
  func read(_ name: String, atMost most: Int, _ take: (UnsafeBufferPointer<UInt8>) throws -> Void) throws {
    guard let entry = entries[name] else { throw Self.broken }
    let head = try bytes(at: entry.offset, 30)
    guard head.count == 30, head[0] == 0x50, head[1] == 0x4B else { throw Self.broken }
    let start = entry.offset + 30 + Self.number(head, 26, 2) + Self.number(head, 28, 2)
    let most = min(most, room(for: name))
    guard let inflater = rh_inflater_new() else { throw Self.broken }
    defer { rh_inflater_free(inflater) }
    var out = [UInt8](repeating: 0, count: 1 << 18)
    var left = entry.packed
    var given = 0
    var position = start
    while left > 0 {
      let input = try bytes(at: position, Int(min(left, 1 << 16)))
      if input.isEmpty { throw Self.broken }
      position += UInt64(input.count)
      left -= UInt64(input.count)
      if !entry.isDeflated {
        given += input.count
        guard given <= most else { throw Self.tooLarge }
        try input.withUnsafeBufferPointer(take)
        continue
      }
      var used = 0
      // What has not fitted comes without more input.
      var isFull = false
      while used < input.count || isFull {
        var taken = input.count - used
        var made = out.count
        let state = input.withUnsafeBufferPointer { rh_inflate(inflater, $0.baseAddress! + used, &taken, &out, &made) }
        guard state >= 0, taken > 0 || made > 0 || isFull else { throw Self.broken }
        isFull = made == out.count
        used += taken
        given += made
        guard given <= most else { throw Self.tooLarge }
        try out.withUnsafeBufferPointer { try take(UnsafeBufferPointer(rebasing: $0[..<made])) }
        if state == 1 { return }
      }
    }
    if entry.isDeflated { throw Self.broken }
  }

  private static let tooLarge = ImportFailure(
    reason: "this Excel workbook is too large to be read; save its sheet as CSV UTF-8 and upload that")
}
