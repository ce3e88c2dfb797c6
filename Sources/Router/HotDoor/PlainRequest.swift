import Glibc
import NIOCore
import NIOHTTP1
import TenantRuntime

/// A whole HTTP/1.1 request that came in one piece and is as plain as a phone's or the provider's: read where it lies, without a string for
/// each of its headers.
///
/// This is no second parser of HTTP. It knows one shape (RFC 9112 at its strictest: CRLF, no folding, one Host, a body only with one
/// Content-Length, all of it there and nothing behind it) and is nil for everything else, which NIO's parser then reads and judges.
struct PlainRequest {
  let head: DoorHead
  let body: ByteBuffer

  static let mostBytes = 16 << 10
  static let mostFields = 64
  private static let longestTarget = 2_048

  init?(_ buffer: ByteBuffer) {
    guard buffer.readableBytes <= Self.mostBytes else { return nil }
    let read = buffer.withUnsafeReadableBytes { bytes -> Reading? in
      var reader = Reader(bytes: bytes)
      return reader.read()
    }
    guard let read, let uri = buffer.text(read.target) else { return nil }
    head = DoorHead(
      method: read.method, uri: uri, isKeepAlive: true, fields: .plain(PlainFields(buffer: buffer, ranges: read.fields))
    )
    body = buffer.getSlice(at: buffer.readerIndex + read.end, length: buffer.readableBytes - read.end) ?? ByteBuffer()
  }

  private struct Reading {
    var method: HTTPMethod
    var target: Range<Int>
    var fields: [PlainFields.Field]
    /// Where the body begins.
    var end: Int
  }

  private struct Reader {
    let bytes: UnsafeRawBufferPointer
    var at = 0

    mutating func read() -> Reading? {
      guard let method = method() else { return nil }
      let target = at..<(bytes[at...].firstIndex { $0 <= 0x20 || $0 >= 0x7F } ?? at)
      guard target.count <= longestTarget, target.upperBound < bytes.count,
        bytes[target.lowerBound] == UInt8(ascii: "/")
      else { return nil }
      at = target.upperBound
      guard skip(" HTTP/1.1\r\n") else { return nil }
      var fields: [PlainFields.Field] = []
      fields.reserveCapacity(16)
      var (hosts, length) = (0, Int?.none)
      while !skip("\r\n") {
        guard fields.count < mostFields, let field = field() else { return nil }
        switch Known(name: bytes, field.name) {
        case .host: hosts += 1
        case .length:
          guard length == nil, let given = number(field.value) else { return nil }
          length = given
        case .refused: return nil
        case .connection:
          guard equal(field.value, "keep-alive") else { return nil }
        case nil: break
        }
        fields.append(field)
      }
      guard hosts == 1, method == .POST || length == nil, bytes.count - at == length ?? 0 else { return nil }
      return Reading(method: method, target: target, fields: fields, end: at)
    }

    private mutating func method() -> HTTPMethod? {
      if skip("GET ") { return .GET }
      if skip("POST ") { return .POST }
      return skip("HEAD ") ? .HEAD : nil
    }

    private mutating func skip(_ text: StaticString) -> Bool {
      let count = text.utf8CodeUnitCount
      guard bytes.count - at >= count, let start = bytes.baseAddress, memcmp(start + at, text.utf8Start, count) == 0
      else { return false }
      at += count
      return true
    }

    private mutating func field() -> PlainFields.Field? {
      let start = at
      while at < bytes.count, isNameByte[Int(bytes[at])] { at += 1 }
      let name = start..<at
      guard !name.isEmpty, at < bytes.count, bytes[at] == UInt8(ascii: ":") else { return nil }
      at += 1
      while at < bytes.count, Self.isSpace(bytes[at]) { at += 1 }
      let first = at
      while at < bytes.count, bytes[at] >= 0x20 && bytes[at] != 0x7F || bytes[at] == 0x09 { at += 1 }
      var last = at
      guard skip("\r\n") else { return nil }
      while last > first, Self.isSpace(bytes[last - 1]) { last -= 1 }
      return PlainFields.Field(name: name, value: first..<last)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private func number(_ range: Range<Int>) -> Int? {
      guard (1...6).contains(range.count), bytes[range].allSatisfy({ $0 &- 48 < 10 }) else { return nil }
      return bytes[range].reduce(0) { $0 * 10 + Int($1 - 48) }
    }

    private func equal(_ range: Range<Int>, _ text: StaticString) -> Bool {
      bytes.isSame(range, text.utf8Start, text.utf8CodeUnitCount)
    }
  }

  /// Fields that say where a request ends, or that it is more than one request.
  private enum Known {
    case host, length, connection, refused

    init?(name bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
      func holds(_ text: StaticString) -> Bool { bytes.isSame(range, text.utf8Start, text.utf8CodeUnitCount) }
      switch range.count {
      case 4 where holds("host"): self = .host
      case 14 where holds("content-length"): self = .length
      case 10 where holds("connection"): self = .connection
      case 6 where holds("expect"), 7 where holds("upgrade"), 7 where holds("trailer"),
        17 where holds("transfer-encoding"):
        self = .refused
      default: return nil
      }
    }
  }
}

/// What a name may be made of (RFC 9110 5.6.2).
private let isNameByte: [Bool] = {
  let marks = Set("!#$%&'*+-.^_`|~".utf8)
  return (UInt8.min...UInt8.max).map { byte in
    (byte | 0x20) &- 97 < 26 || byte &- 48 < 10 || marks.contains(byte)
  }
}()

extension UnsafeRawBufferPointer {
  /// Whether these bytes are a text of small letters, in any case of their own.
  fileprivate func isSame(_ range: Range<Int>, _ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    guard range.count == count else { return false }
    for offset in 0..<count {
      let byte = self[range.lowerBound + offset]
      guard (byte &- 65 < 26 ? byte | 0x20 : byte) == text[offset] else { return false }
    }
    return true
  }
}

/// Where the fields of a plain request lie in it.
struct PlainFields: Sendable {
  struct Field: Sendable {
    var name: Range<Int>
    var value: Range<Int>
  }

  let buffer: ByteBuffer
  let ranges: [Field]

  /// All values of a name in lower case, in their order.
  func values(_ name: String) -> [String] {
    var name = name
    return name.withUTF8 { name in
      guard let wanted = name.baseAddress else { return [] }
      return buffer.withUnsafeReadableBytes { bytes in
        ranges.compactMap { field in
          bytes.isSame(field.name, wanted, name.count) ? buffer.text(field.value) : nil
        }
      }
    }
  }

  func first(_ name: String) -> String? {
    var name = name
    let field = name.withUTF8 { name in
      name.baseAddress.flatMap { wanted in
        buffer.withUnsafeReadableBytes { bytes in ranges.first { bytes.isSame($0.name, wanted, name.count) } }
      }
    }
    return field.flatMap { buffer.text($0.value) }
  }

  func read(into reader: inout HitHeaderReader) {
    buffer.withUnsafeReadableBytes { bytes in
      for field in ranges {
        reader.note(
          UnsafeRawBufferPointer(rebasing: bytes[field.name]), UnsafeRawBufferPointer(rebasing: bytes[field.value]))
      }
    }
  }
}

extension ByteBuffer {
  /// Counted from the first readable byte.
  fileprivate func text(_ range: Range<Int>) -> String? {
    getString(at: readerIndex + range.lowerBound, length: range.count)
  }
}
