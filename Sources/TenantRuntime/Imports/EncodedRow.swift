/// One accepted row between the check and the tenant's file: a number, where it came from, and its values as UTF-8 one after the
/// other, so that a million rows are sorted, spilled and bound without a million objects.
///
///     phone u64 · row number u32 · offset u64 · length u32 · 10 × length u16 · bytes
struct EncodedRow {
  enum Slot: Int, CaseIterable, Sendable {
    case firstName, lastName, email, timeZone, language, notes, fields, tags, optOut, consent
  }

  static let headerSize = 24 + Slot.allCases.count * 2
  static let longestSlot = Int(UInt16.max)
  /// Between the tags of one row.
  static let tagSeparator: UInt8 = 0x1F

  let base: UnsafeRawPointer

  var phone: Int64 { Int64(bitPattern: base.loadUnaligned(as: UInt64.self)) }
  var rowNumber: UInt32 { base.loadUnaligned(fromByteOffset: 8, as: UInt32.self) }
  var offset: UInt64 { base.loadUnaligned(fromByteOffset: 12, as: UInt64.self) }
  var length: UInt32 { base.loadUnaligned(fromByteOffset: 20, as: UInt32.self) }

  func size(_ slot: Slot) -> Int { Int(base.loadUnaligned(fromByteOffset: 24 + slot.rawValue * 2, as: UInt16.self)) }

  var size: Int {
    var total = Self.headerSize
    for slot in Slot.allCases { total += size(slot) }
    return total
  }

  func bytes(_ slot: Slot) -> UnsafeRawBufferPointer {
    var start = Self.headerSize
    for before in 0..<slot.rawValue {
      start += Int(base.loadUnaligned(fromByteOffset: 24 + before * 2, as: UInt16.self))
    }
    return UnsafeRawBufferPointer(start: base + start, count: size(slot))
  }

  func text(_ slot: Slot) -> String { String(decoding: bytes(slot), as: UTF8.self) }

  var tags: [String] {
    bytes(.tags).split(separator: Self.tagSeparator).map { String(decoding: $0, as: UTF8.self) }
  }
}

/// Rows of one sorted run, in memory. One thread at a time uses it (exclusivity: see CSVReader). When it is full it is sorted and written beside the upload, and filled again.
final class RowRun {
  static let capacity = 32 << 20
  private struct Key {
    var phone: Int64
    var start: UInt32
  }

  private let memory = UnsafeMutableRawPointer.allocate(byteCount: RowRun.capacity, alignment: 8)
  @exclusivity(unchecked) private var keys: [Key] = []
  @exclusivity(unchecked) private var used = 0
  /// Where the row that is being written begins; the slots follow in order.
  @exclusivity(unchecked) private var slot = 0
  @exclusivity(unchecked) private var end = 0

  deinit { memory.deallocate() }

  var isEmpty: Bool { keys.isEmpty }
  /// A row never needs more than this.
  var hasRoom: Bool {
    Self.capacity - used > EncodedRow.headerSize + EncodedRow.Slot.allCases.count * EncodedRow.longestSlot
  }

  func begin(phone: Int64, rowNumber: Int, offset: UInt64, length: Int) {
    let base = memory + used
    base.storeBytes(of: UInt64(bitPattern: phone), as: UInt64.self)
    base.storeBytes(of: UInt32(truncatingIfNeeded: rowNumber), toByteOffset: 8, as: UInt32.self)
    base.storeBytes(of: offset, toByteOffset: 12, as: UInt64.self)
    base.storeBytes(of: UInt32(length), toByteOffset: 20, as: UInt32.self)
    slot = 0
    end = used + EncodedRow.headerSize
  }

  /// Writes the next slot: an empty one, and false, when the value is longer than a slot may be.
  func put(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let fits = bytes.count <= EncodedRow.longestSlot
    let count = fits ? bytes.count : 0
    if count > 0, let start = bytes.baseAddress { (memory + end).copyMemory(from: start, byteCount: count) }
    (memory + used).storeBytes(of: UInt16(count), toByteOffset: 24 + slot * 2, as: UInt16.self)
    end += count
    slot += 1
    return fits
  }

  /// Keeps the row; without it the next `begin` writes over it.
  func finish() {
    precondition(slot == EncodedRow.Slot.allCases.count, "a row has all its slots")
    keys.append(Key(phone: EncodedRow(base: memory + used).phone, start: UInt32(used)))
    used = end
  }

  /// Rows of one phone stay in the order of the file: the offset rises with it.
  func sort() { keys.sort { $0.phone == $1.phone ? $0.start < $1.start : $0.phone < $1.phone } }

  var count: Int { keys.count }
  subscript(index: Int) -> EncodedRow { EncodedRow(base: memory + Int(keys[index].start)) }

  func clear() {
    keys.removeAll(keepingCapacity: true)
    used = 0
  }
}

extension RawStatement {
  /// Binds the first slots of an encoded row one after the other; not copied, an empty one as NULL.
  func bind(_ row: UnsafeRawPointer, slots: Int, from index: Int32) {
    var start = row + EncodedRow.headerSize
    for slot in 0..<slots {
      let size = Int(row.loadUnaligned(fromByteOffset: 24 + slot * 2, as: UInt16.self))
      bind(index + Int32(slot), UnsafeRawBufferPointer(start: start, count: size))
      start += size
    }
  }
}
