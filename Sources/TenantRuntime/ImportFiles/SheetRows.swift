/// A sheet's XML as lines of CSV.
struct SheetRows {
  struct Cell {
    var type = ""
    var style: Int?
    var text: [UInt8] = []
  }

  private var line: [UInt8] = []
  private var column = 0
  private var wanted = 0
  private var cell = Cell()
  private var isText = false
  private static let longestLine = 1 << 20

  /// A line, when the piece ends a row.
  mutating func take(_ piece: XMLPieces.Piece, value: (Cell) -> [UInt8]) -> [UInt8]? {
    switch piece {
    case .open("row", _):
      line.removeAll(keepingCapacity: true)
      column = 0
      wanted = 0
    case .open("c", let attributes):
      wanted = attributes["r"].flatMap(Self.column) ?? wanted
      cell = Cell(type: attributes["t"] ?? "", style: attributes["s"].flatMap { Int($0) })
    case .open("v", _), .open("t", _): isText = true
    case .close("v"), .close("t"): isText = false
    case .text(let bytes) where isText && cell.text.count < Self.longestLine: cell.text += bytes
    case .close("c"):
      if isWanted { append(value(cell)) }
      wanted += 1
    case .close("row"): return line + [0x0A]
    default: break
    }
    return nil
  }

  /// Asked before a value is made: one text of a workbook may be named by every cell.
  private var isWanted: Bool { wanted < CSVReader.mostColumns && line.count < Self.longestLine }

  private mutating func append(_ text: [UInt8]) {
    while column < wanted {
      line.append(0x2C)
      column += 1
    }
    guard text.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else {
      line += text
      return
    }
    line.append(0x22)
    for byte in text {
      if byte == 0x22 { line.append(0x22) }
      line.append(byte)
    }
    line.append(0x22)
  }

  /// `AB12` is column 27, counted from 0.
  private static func column(_ reference: String) -> Int? {
    var number = 0
    for byte in reference.utf8.prefix(4) where (0x41...0x5A).contains(byte) { number = number * 26 + Int(byte) - 0x40 }
    return number > 0 ? number - 1 : nil
  }
}

/// XML cut into tags and texts as it comes in; names without their namespace, nothing resolved but characters.
struct XMLPieces {
  enum Piece {
    case open(String, [String: String])
    case close(String)
    case text([UInt8])
  }

  private var held: [UInt8] = []
  private static let longest = 1 << 20

  mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>, _ take: (Piece) throws -> Void) throws {
    held += bytes
    var at = 0
    while at < held.count {
      if held[at] == 0x3C {
        guard let end = held[at...].firstIndex(of: 0x3E) else { break }
        try tag(held[(at + 1)..<end], take)
        at = end + 1
      } else {
        guard let end = held[at...].firstIndex(of: 0x3C) else { break }
        try take(.text(Self.resolved(held[at..<end])))
        at = end
      }
    }
    held.removeFirst(at)
    guard held.count < Self.longest else {
      throw ImportFailure(reason: "this Excel workbook cannot be read; save it as CSV UTF-8")
    }
  }

  private func tag(_ bytes: ArraySlice<UInt8>, _ take: (Piece) throws -> Void) throws {
    guard let first = bytes.first, first != 0x21, first != 0x3F else { return }
    if first == 0x2F { return try take(.close(Self.name(bytes.dropFirst()))) }
    let isEmpty = bytes.last == 0x2F
    let inside = isEmpty ? bytes.dropLast() : bytes
    let name = Self.name(inside.prefix { $0 > 32 })
    try take(.open(name, Self.attributes(inside)))
    if isEmpty { try take(.close(name)) }
  }

  private static func name(_ bytes: ArraySlice<UInt8>) -> String {
    let plain = bytes.prefix { $0 > 32 }
    let local = plain.lastIndex(of: 0x3A).map { plain[($0 + 1)...] } ?? plain
    return String(decoding: local, as: UTF8.self)
  }

  private static func attributes(_ bytes: ArraySlice<UInt8>) -> [String: String] {
    var attributes: [String: String] = [:]
    var rest = bytes.drop { $0 > 32 }
    while let equals = rest.firstIndex(of: 0x3D) {
      let key = name(rest[..<equals].drop { $0 <= 32 })
      let value = rest[(equals + 1)...].drop { $0 <= 32 }
      guard let quote = value.first, quote == 0x22 || quote == 0x27, let end = value.dropFirst().firstIndex(of: quote)
      else { break }
      attributes[key] = String(decoding: resolved(value[(value.startIndex + 1)..<end]), as: UTF8.self)
      rest = value[(end + 1)...]
    }
    return attributes
  }

  private static let entities: [String: UInt8] = ["amp": 0x26, "lt": 0x3C, "gt": 0x3E, "quot": 0x22, "apos": 0x27]

  private static func resolved(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    guard bytes.contains(0x26) else { return Array(bytes) }
    var out: [UInt8] = []
    var rest = bytes
    while let byte = rest.first {
      guard byte == 0x26, let end = rest.prefix(12).firstIndex(of: 0x3B) else {
        out.append(byte)
        rest = rest.dropFirst()
        continue
      }
      let name = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
      let code =
        name.hasPrefix("#x")
        ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
      if let known = entities[name] {
        out.append(known)
      } else if let scalar = code.flatMap(Unicode.Scalar.init) {
        out += Array(String(scalar).utf8)
      }
      rest = rest[(end + 1)...]
    }
    return out
  }
}
