extension QRCode {
  /// One bit a pixel, stored without compression: some twenty kilobytes.
  /// - Parameter scale: pixels of a module's side.
  package func png(scale: Int = 10) -> [UInt8] {
    let side = (self.side + 8) * scale
    let bytesPerRow = (side + 7) / 8
    var rows: [UInt8] = []
    rows.reserveCapacity(side * (bytesPerRow + 1))
    for y in 0..<side {
      rows.append(0)
      var row = [UInt8](repeating: 0xFF, count: bytesPerRow)
      for x in 0..<side where isDark(x / scale - 4, y / scale - 4) { row[x / 8] &= ~(0x80 >> UInt8(x % 8)) }
      rows += row
    }
    let header = Self.word(UInt32(side)) + Self.word(UInt32(side)) + [1, 0, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Self.chunk("IHDR", header)
      + Self.chunk("IDAT", Self.stored(rows)) + Self.chunk("IEND", [])
  }

  private func isDark(_ column: Int, _ row: Int) -> Bool {
    (0..<side).contains(column) && (0..<side).contains(row) && modules[row * side + column]
  }

  private static func word(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
  }

  private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let told = Array(name.utf8) + data
    return word(UInt32(data.count)) + told + word(checksum(told))
  }

  /// zlib's frame around blocks that are stored as they are (RFC 1950, RFC 1951 3.2.4).
  private static func stored(_ data: [UInt8]) -> [UInt8] {
    var out: [UInt8] = [0x78, 0x01]
    var at = 0
    repeat {
      let count = min(65_535, data.count - at)
      let (low, high) = (UInt8(count & 0xFF), UInt8(count >> 8))
      out += [at + count == data.count ? 1 : 0, low, high, ~low, ~high]
      out += data[at..<at + count]
      at += count
    } while at < data.count
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in data {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return out + word(b << 16 | a)
  }

  /// CRC-32 as PNG has it.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
    return ~sum
  }
}
