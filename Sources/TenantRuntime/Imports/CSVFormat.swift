import Foundation
import Glibc

/// How a file is written down, found out from its beginning.
struct CSVFormat: Sendable, Equatable {
  enum Encoding: String, CaseIterable, Sendable {
    case utf8 = "utf-8"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
    case windows1252 = "windows-1252"
  }

  var encoding = Encoding.utf8
  var delimiter = UInt8(ascii: ",")
  var newline = UInt8(ascii: "\n")

  private static let looked = 1 << 20
  static let delimiters: [UInt8] = [",", ";", "\t", "|"].map { UInt8(ascii: $0) }

  /// Looks at the file, and writes it anew as UTF-8 beside itself if it is not.
  static func normalise(_ path: String) throws -> CSVFormat {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? file.close() }
    let head = Array(try file.read(upToCount: looked) ?? Data())
    var format = CSVFormat()
    format.encoding = encoding(head)
    if format.encoding != .utf8 {
      try transcode(path, from: format.encoding)
      let again = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? again.close() }
      format.guess(Array(try again.read(upToCount: looked) ?? Data()))
    } else {
      format.guess(head)
    }
    return format
  }

  static func encoding(_ head: [UInt8]) -> Encoding {
    if head.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
    if head.starts(with: [0xFE, 0xFF]) { return .utf16BigEndian }
    // Without a mark: a header in a European script has a NUL in every second byte.
    let sample = head.prefix(200)
    if sample.count >= 8 {
      let odd = sample.enumerated().count { $0.offset % 2 == 1 && $0.element == 0 }
      let even = sample.enumerated().count { $0.offset % 2 == 0 && $0.element == 0 }
      if odd * 3 > sample.count, even == 0 { return .utf16LittleEndian }
      if even * 3 > sample.count, odd == 0 { return .utf16BigEndian }
    }
    return isMostlyUTF8(head) ? .utf8 : .windows1252
  }

  /// A few broken lines in a UTF-8 file are broken lines; only a file whose foreign letters are mostly no UTF-8 is of another encoding.
  private static func isMostlyUTF8(_ head: [UInt8]) -> Bool {
    if isUTF8(head) { return true }
    var good = 0
    var bad = 0
    for line in head.split(separator: UInt8(ascii: "\n")) where line.contains(where: { $0 >= 0x80 }) {
      if String(validating: line, as: UTF8.self) != nil { good += 1 } else { bad += 1 }
    }
    return good > bad
  }

  /// A character cut off at the end of the sample does not count against it.
  private static func isUTF8(_ head: [UInt8]) -> Bool {
    var end = head.count
    if end == looked {
      for _ in 0..<4 where end > 0 && head[end - 1] >= 0x80 { end -= 1 }
    }
    return String(validating: head[..<end], as: UTF8.self) != nil
  }

  private mutating func guess(_ head: [UInt8]) {
    if !head.contains(UInt8(ascii: "\n")), head.contains(UInt8(ascii: "\r")) { newline = UInt8(ascii: "\r") }
    var counts: [UInt8: Int] = [:]
    var quoted = false
    for byte in head {
      if byte == 0x22 { quoted.toggle() }
      if byte == newline, !quoted { break }
      if !quoted, Self.delimiters.contains(byte) { counts[byte, default: 0] += 1 }
    }
    delimiter = Self.delimiters.max { counts[$0, default: 0] < counts[$1, default: 0] } ?? delimiter
    if counts[delimiter, default: 0] == 0 { delimiter = UInt8(ascii: ",") }
  }

  private static func transcode(_ path: String, from encoding: Encoding) throws {
    guard let from = fopen(path, "rb"), let to = fopen(path + ".utf8", "wb") else {
      throw ImportFailure(reason: "the upload cannot be converted; the disk may be full")
    }
    var input = [UInt8](repeating: 0, count: 1 << 16)
    var pending: UInt16?  // a high surrogate waiting for its low one
    var first = true
    while true {
      let got = fread(&input, 1, input.count, from)
      if got == 0 { break }
      var out: [UInt8] = []
      out.reserveCapacity(got * 2)
      if encoding == .windows1252 {
        for byte in input[..<got] { append(Self.windows1252[Int(byte)], to: &out) }
      } else {
        for at in stride(from: 0, to: got - got % 2, by: 2) {
          let unit =
            encoding == .utf16LittleEndian
            ? UInt16(input[at]) | UInt16(input[at + 1]) << 8 : UInt16(input[at]) << 8 | UInt16(input[at + 1])
          defer { first = false }
          if first, unit == 0xFEFF { continue }
          if let high = pending, UTF16.isTrailSurrogate(unit) {
            append(UTF16.decode(UTF16.EncodedScalar([high, unit])), to: &out)
            pending = nil
          } else {
            if pending != nil { append("\u{FFFD}", to: &out) }
            pending = UTF16.isLeadSurrogate(unit) ? unit : nil
            if pending == nil { append(Unicode.Scalar(unit) ?? "\u{FFFD}", to: &out) }
          }
        }
      }
      guard fwrite(out, 1, out.count, to) == out.count else { break }
    }
    let failed = ferror(from) != 0 || ferror(to) != 0
    fclose(from)
    guard fclose(to) == 0, !failed, rename(path + ".utf8", path) == 0 else {
      unlink(path + ".utf8")
      throw ImportFailure(reason: "the upload cannot be converted; the disk may be full")
    }
  }

  private static func append(_ scalar: Unicode.Scalar, to out: inout [UInt8]) {
    out.append(contentsOf: Unicode.UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter)
  }

  /// Latin-1, but for 0x80…0x9F (encoding.spec.whatwg.org, index-windows-1252).
  private static let windows1252: [Unicode.Scalar] = {
    let high: [UInt32] = [
      0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x17D,
      0x8F,
      0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x17E,
      0x178,
    ]
    return (0..<256).map { byte in
      let value = (0x80..<0xA0).contains(byte) ? high[byte - 0x80] : UInt32(byte)
      return Unicode.Scalar(value) ?? "\u{FFFD}"
    }
  }()
}
