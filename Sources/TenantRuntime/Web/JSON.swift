package import HTTPTypes
package import Hummingbird
import NIOCore

/// A JSON value. Objects keep the order they are written in, so that answers read as documented.
package enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case text(String)
  case list([JSON])
  case object([(String, JSON)])

  package static func int(_ value: Int) -> JSON { .int(Int64(value)) }
  package static func moment(_ value: Moment?) -> JSON { value.map { .text($0.iso8601) } ?? .null }
  package static func phone(_ value: PhoneNumber?) -> JSON { value.map { .text($0.description) } ?? .null }
  package static func optional(_ value: String?) -> JSON { value.map(JSON.text) ?? .null }
  package static func optional(_ value: Int64?) -> JSON { value.map(JSON.int) ?? .null }

  /// Members may stand in any order (RFC 8259 4).
  package static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.int(let left), .int(let right)): left == right
    case (.double(let left), .double(let right)): left == right
    case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
    case (.list(let left), .list(let right)): left == right
    case (.object(let left), .object(let right)): Self.same(left, right)
    default: false
    }
  }

  private static func same(_ left: [(String, JSON)], _ right: [(String, JSON)]) -> Bool {
    func sorted(_ members: [(String, JSON)]) -> [(String, JSON)] {
      members.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    }
    return left.count == right.count
      && zip(sorted(left), sorted(right)).allSatisfy { $0.0.utf8.elementsEqual($1.0.utf8) && $0.1 == $1.1 }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .text(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int64) { self = .int(value) }
  package init(arrayLiteral elements: JSON...) { self = .list(elements) }
  package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements) }
  package init(nilLiteral: ()) { self = .null }
}

extension JSON {
  package subscript(_ name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.0 == name }?.1
  }

  package var text: String? { if case .text(let value) = self { value } else { nil } }
  package var int: Int64? { if case .int(let value) = self { value } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var list: [JSON]? { if case .list(let value) = self { value } else { nil } }
  package var members: [(String, JSON)]? { if case .object(let value) = self { value } else { nil } }
}

extension JSON {
  package var serialized: String { String(decoding: bytes, as: UTF8.self) }

  private var bytes: [UInt8] {
    var out: [UInt8] = []
    write(to: &out)
    return out
  }

  func write(to out: inout [UInt8]) {
    switch self {
    case .null: out += "null".utf8
    case .bool(let value): out += (value ? "true" : "false").utf8
    case .int(let value): out += String(value).utf8
    case .double(let value): out += (value.isFinite ? String(value) : "null").utf8
    case .text(let value): Self.write(value, to: &out)
    case .list(let values):
      out.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        value.write(to: &out)
      }
      out.append(UInt8(ascii: "]"))
    case .object(let members):
      out.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        Self.write(member.0, to: &out)
        out.append(UInt8(ascii: ":"))
        member.1.write(to: &out)
      }
      out.append(UInt8(ascii: "}"))
    }
  }

  static func write(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    guard text.utf8.contains(where: needsEscape) else {
      out += text.utf8
      return out.append(UInt8(ascii: "\""))
    }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): out += #"\""#.utf8
      case UInt8(ascii: "\\"): out += #"\\"#.utf8
      case UInt8(ascii: "\n"): out += #"\n"#.utf8
      case UInt8(ascii: "\r"): out += #"\r"#.utf8
      case UInt8(ascii: "\t"): out += #"\t"#.utf8
      case 0..<0x20:
        let hex = String(byte, radix: 16)
        out += (#"\u00"# + (hex.utf8.count < 2 ? "0" : "") + hex).utf8
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  package init(parsing bytes: some Sequence<UInt8>, bounds: JSONBounds = .usual) throws {
    func read(_ bytes: UnsafeBufferPointer<UInt8>) throws -> JSON {
      var reader = JSONReader(bytes, bounds)
      return try reader.read()
    }
    self = try bytes.withContiguousStorageIfAvailable(read) ?? Array(bytes).withUnsafeBufferPointer(read)
  }

  package init(parsing text: String) throws { try self.init(parsing: text.utf8) }
}

extension JSON {
  package func response(status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
