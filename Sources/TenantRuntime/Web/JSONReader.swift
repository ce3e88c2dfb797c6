/// What a JSON text may have beside its bytes, which the caller bounds.
package struct JSONBounds: Sendable {
  package var depth: Int
  package var values: Int
  /// Whether a name may come once alone in an object. Otherwise its last value counts.
  package var namesAreUnique = false

  package static let usual = JSONBounds(depth: 64, values: 1_000_000)
  /// A client's body: which of two it meant nobody knows.
  static let body = JSONBounds(depth: 64, values: 1_000_000, namesAreUnique: true)
  /// An object with members of little depth, as the provider's webhooks have them.
  package static let flat = JSONBounds(depth: 3, values: 2 * FormBody.mostFields)
}

/// Reads one JSON text (RFC 8259, nothing looser) in one pass over its bytes: what is read costs what it is long, however it is nested.
///
/// A name that comes twice in an object counts once, with its last value, or is refused (`JSONBounds`). Whole numbers that no `Int64` holds are doubles.
struct JSONReader {
  struct Malformed: Error, Equatable {
    /// Of the byte where reading ended.
    var offset: Int
  }
  struct Repeated: Error, Equatable {
    var name: String
  }

  private static let longestNumber = 512

  private let bytes: UnsafeBufferPointer<UInt8>
  private let bounds: JSONBounds
  private var at = 0
  private var values = 0
  /// Bytes looked at and values made: what reading has cost.
  private(set) var steps = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ bounds: JSONBounds = .usual) {
    (self.bytes, self.bounds) = (bytes, bounds)
  }

  /// The whole text is one value.
  mutating func read() throws -> JSON {
    let value = try value(depth: 0)
    skipSpace()
    guard at == bytes.count else { throw malformed }
    steps += at + values
    return value
  }

  private var malformed: Malformed { Malformed(offset: at) }

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    at += 1
    return true
  }

  private mutating func word(_ word: StaticString, _ value: JSON) throws -> JSON {
    for offset in 0..<word.utf8CodeUnitCount {
      guard take(word.utf8Start[offset]) else { throw malformed }
    }
    return value
  }

  private mutating func value(depth: Int) throws -> JSON {
    skipSpace()
    values += 1
    guard values <= bounds.values, depth <= bounds.depth else { throw malformed }
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try list(depth: depth + 1)
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func list(depth: Int) throws -> JSON {
    at += 1
    var list: [JSON] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .list(list) }
    while true {
      list.append(try value(depth: depth))
      skipSpace()
      if take(UInt8(ascii: "]")) { return .list(list) }
      guard take(UInt8(ascii: ",")) else { throw malformed }
    }
  }

  private mutating func object(depth: Int) throws -> JSON {
    at += 1
    var members = Members()
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object([]) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw malformed }
      let name = try text()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw malformed }
      let isNew = members.set(name, try value(depth: depth))
      if !isNew, bounds.namesAreUnique { throw Repeated(name: name) }
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members.all) }
      guard take(UInt8(ascii: ",")) else { throw malformed }
    }
  }

  // MARK: Numbers

  private mutating func digits() throws {
    let start = at
    while let byte = next, byte &- 48 < 10 { at += 1 }
    guard at > start else { throw malformed }
  }

  private mutating func number() throws -> JSON {
    let start = at
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    var isWhole = true
    if take(UInt8(ascii: ".")) {
      isWhole = false
      try digits()
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isWhole = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    guard at - start <= Self.longestNumber else { throw malformed }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    if isWhole, let int = Int64(text) { return .int(int) }
    guard let double = Double(text), double.isFinite else { throw malformed }
    // `5.0` and `5e0` are the whole number 5.
    return Int64(exactly: double).map { isWhole ? .double(double) : .int($0) } ?? .double(double)
  }

  // MARK: Texts

  private mutating func text() throws -> String {
    at += 1
    let start = at
    while let byte = next, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { at += 1 }
    if next == UInt8(ascii: "\"") {
      defer { at += 1 }
      return try valid(bytes[start..<at])
    }
    var out = Array(bytes[start..<at])
    while let byte = next, byte >= 0x20 {
      at += 1
      switch byte {
      case UInt8(ascii: "\""):
        steps += out.count
        return try valid(out[...])
      case UInt8(ascii: "\\"): try escape(&out)
      default: out.append(byte)
      }
    }
    throw malformed
  }

  private func valid(_ bytes: some Sequence<UInt8>) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw malformed }
    return text
  }

  private mutating func escape(_ out: inout [UInt8]) throws {
    guard let byte = next else { throw malformed }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
    case UInt8(ascii: "b"): out.append(0x08)
    case UInt8(ascii: "f"): out.append(0x0C)
    case UInt8(ascii: "n"): out.append(0x0A)
    case UInt8(ascii: "r"): out.append(0x0D)
    case UInt8(ascii: "t"): out.append(0x09)
    case UInt8(ascii: "u"): out += String(Character(try scalar())).utf8
    default: throw malformed
    }
  }

  /// Of `\uXXXX`, or of two that make a pair; half a pair is no character.
  private mutating func scalar() throws -> Unicode.Scalar {
    let first = try hex()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw malformed }
    let second = try hex()
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw malformed }
    return scalar
  }

  private mutating func hex() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw malformed
      }
      at += 1
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}

extension JSONReader {
  /// The members of an object, each name once by its bytes.
  private struct Members {
    private struct Name: Hashable {
      let text: String
      static func == (left: Name, right: Name) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }
      func hash(into hasher: inout Hasher) { for byte in text.utf8 { hasher.combine(byte) } }
    }

    private(set) var all: [(String, JSON)] = []
    /// Where each lies, once there are so many that looking through them costs.
    private var indices: [Name: Int] = [:]
    private static let few = 8

    /// True when it had no value before.
    mutating func set(_ name: String, _ value: JSON) -> Bool {
      if let index = index(of: name) {
        all[index].1 = value
        return false
      } else {
        if all.count >= Self.few { indices[Name(text: name)] = all.count }
        all.append((name, value))
        return true
      }
    }

    private mutating func index(of name: String) -> Int? {
      let wanted = Name(text: name)
      if all.count < Self.few { return all.firstIndex { Name(text: $0.0) == wanted } }
      if indices.isEmpty { for (index, member) in all.enumerated() { indices[Name(text: member.0)] = index } }
      return indices[wanted]
    }
  }
}
