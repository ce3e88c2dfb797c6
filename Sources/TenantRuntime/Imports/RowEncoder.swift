import Foundation

/// Turns the fields of one CSV row into the slots of an encoded row: trimmed, checked, custom fields as one JSON text. Runs once a row,
/// so it makes no string and no array unless a value is unusual.
final class RowEncoder {
  private struct Kinds: OptionSet {
    let rawValue: UInt8
    static let number = Kinds(rawValue: 1)
    static let date = Kinds(rawValue: 2)
    static let boolean = Kinds(rawValue: 4)
  }

  private struct Custom {
    let name: String
    let index: Int
    /// `"name":` as it stands in the JSON.
    let key: UnsafeBufferPointer<UInt8>
    /// Known fields demand their type; of new ones every type that all values have had so far.
    let demanded: ContactField.Kind?
    var possible: Kinds = [.number, .date, .boolean]
    var seen = false
  }

  private let first: Int
  private let last: Int
  private let email: Int
  private let zone: Int
  private let language: Int
  private let notes: Int
  private let tags: Int
  private let optOut: Int
  @exclusivity(unchecked) private var custom: UnsafeMutableBufferPointer<Custom>
  private let json = UnsafeMutablePointer<UInt8>.allocate(capacity: EncodedRow.longestSlot)
  @exclusivity(unchecked) private var jsonSize = 0
  private(set) var warnings: [String: Int64] = [:]
  private var knownZones: [String: Bool] = [:]
  private static let longestName = 800  // bytes; 200 characters
  private static let longestValue = ContactField.longestValue * 4
  private static let nowhere = Int.max
  private static var empty: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: nil, count: 0) }

  init(_ mapping: ColumnMapping, _ known: [String: ContactField.Kind]) {
    func index(_ column: ColumnMapping.Column) -> Int { mapping.index(of: column) ?? Self.nowhere }
    first = index(.firstName)
    last = index(.lastName)
    email = index(.email)
    zone = index(.timeZone)
    language = index(.language)
    notes = index(.notes)
    tags = index(.tags)
    optOut = index(.optOut)
    custom = .allocate(capacity: mapping.customColumns.count)
    for (at, column) in mapping.customColumns.enumerated() {
      let key = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: JSON.text(column.name).serialized.utf8.count + 1)
      _ = key.initialize(from: Array(JSON.text(column.name).serialized.utf8) + [0x3A])
      (custom.baseAddress! + at).initialize(
        to: Custom(name: column.name, index: column.index, key: UnsafeBufferPointer(key), demanded: known[column.name]))
    }
  }

  deinit {
    for column in custom { column.key.deallocate() }
    custom.deinitialize()
    custom.deallocate()
    json.deallocate()
  }

  var newFields: [ContactField] {
    custom.filter { $0.demanded == nil && $0.seen }.map { column in
      let kind: ContactField.Kind =
        column.possible.contains(.boolean)
        ? .boolean : column.possible.contains(.number) ? .number : column.possible.contains(.date) ? .date : .text
      return ContactField(name: column.name, kind: kind)
    }
  }

  /// Nil when the row is written; else what is wrong, naming its column.
  func encode(_ reader: CSVReader, fieldCount: Int, into run: RowRun) -> String? {
    func field(_ index: Int) -> UnsafeBufferPointer<UInt8> { index < fieldCount ? reader.field(index) : Self.empty }
    let given = field(first)
    guard given.count <= Self.longestName else { return "first_name is longer than 200 characters" }
    _ = run.put(given)
    let family = field(last)
    guard family.count <= Self.longestName else { return "last_name is longer than 200 characters" }
    _ = run.put(family)
    var address = field(email)
    if !address.isEmpty, !Self.isAddress(address) {
      warnings["email", default: 0] += 1
      address = Self.empty
    }
    Self.lowercase(address)
    _ = run.put(address)
    var place = field(zone)
    if !place.isEmpty, !isZone(place) {
      warnings["time_zone", default: 0] += 1
      place = Self.empty
    }
    _ = run.put(place)
    let tongue = field(language)
    guard tongue.count <= 35 else { return "language is longer than 35 characters" }
    _ = run.put(tongue)
    let note = field(notes)
    guard note.count <= 20_000 else { return "notes are longer than 20000 bytes" }
    _ = run.put(note)
    if let problem = encodeCustom(reader, fieldCount) { return problem }
    _ = run.put(UnsafeBufferPointer(start: json, count: jsonSize))
    if let problem = putTags(field(tags), into: run) { return problem }
    return putOptOut(field(optOut), into: run)
  }

  /// A value that says neither yes nor no must not pass for either.
  private func putOptOut(_ value: UnsafeBufferPointer<UInt8>, into run: RowRun) -> String? {
    guard let isOptOut = Self.isOptOut(value) else {
      return "opt_out must be yes or no, not \(String(decoding: value, as: UTF8.self).prefix(60))"
    }
    _ = run.put(isOptOut ? UnsafeBufferPointer(rebasing: value[..<1]) : Self.empty)
    return nil
  }

  private static func isOptOut(_ value: UnsafeBufferPointer<UInt8>) -> Bool? {
    if value.isEmpty { return false }
    switch String(decoding: value, as: UTF8.self).lowercased() {
    case "yes", "y", "true", "1", "x", "stop", "opt out", "optout", "opted out", "opted_out", "unsubscribe",
      "unsubscribed":
      return true
    case "no", "n", "false", "0": return false
    default: return nil
    }
  }

  /// Whether a row says that its person has opted out: that counts, whatever else is wrong with it.
  func saysOptOut(_ reader: CSVReader, fieldCount: Int) -> Bool {
    optOut < fieldCount && Self.isOptOut(reader.field(optOut)) == true
  }

  private func encodeCustom(_ reader: CSVReader, _ fieldCount: Int) -> String? {
    jsonSize = 0
    for at in custom.indices where custom[at].index < fieldCount {
      let value = reader.field(custom[at].index)
      if value.isEmpty { continue }
      // Every byte may become six; the key, quotes, comma and braces come on top.
      guard value.count <= Self.longestValue,
        jsonSize + value.count * 6 + custom[at].key.count + 4 < EncodedRow.longestSlot
      else { return "\(custom[at].name) is too long: a value may have 2000 characters, all of a row 65535 bytes" }
      put(jsonSize == 0 ? 0x7B : 0x2C)
      copy(custom[at].key)
      switch custom[at].demanded {
      case nil: narrow(&custom[at], value)
      case .text?: break
      case let kind?:
        guard let canonical = kind.canonical(String(decoding: value, as: UTF8.self)) else {
          return "\(custom[at].name) is not a \(kind.rawValue): \(String(decoding: value, as: UTF8.self).prefix(60))"
        }
        Array(canonical.utf8).withUnsafeBufferPointer { putString($0) }
        continue
      }
      putString(value)
    }
    if jsonSize == 0 { put(0x7B) }
    put(0x7D)
    return nil
  }

  private func narrow(_ column: inout Custom, _ value: UnsafeBufferPointer<UInt8>) {
    column.seen = true
    // Cheap for text columns: after their first value nothing is possible any more.
    if column.possible.isEmpty { return }
    if column.possible.contains(.number), !ContactField.Kind.isNumber(value) { column.possible.remove(.number) }
    if column.possible.contains(.date), !ContactField.Kind.isDate(value) { column.possible.remove(.date) }
    if column.possible.contains(.boolean),
      value.count > 5 || !["true", "false"].contains(String(decoding: value, as: UTF8.self))
    {
      column.possible.remove(.boolean)
    }
  }

  private func putTags(_ value: UnsafeBufferPointer<UInt8>, into run: RowRun) -> String? {
    if value.isEmpty {
      _ = run.put(Self.empty)
      return nil
    }
    let names = String(decoding: value, as: UTF8.self).unicodeScalars.split { ";,|".unicodeScalars.contains($0) }
      .map { String($0).trimmed }.filter { !$0.isEmpty }
    guard names.count <= 50, names.allSatisfy({ Name.read($0, most: 100) != nil }) else {
      return "tags must be at most 50 names of at most 100 characters, without control characters"
    }
    let joined = Array(names.joined(separator: "\u{1F}").utf8)
    return joined.withUnsafeBufferPointer { run.put($0) } ? nil : "tags are too long"
  }

  private func isZone(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
    let name = String(decoding: value, as: UTF8.self)
    if let known = knownZones[name] { return known }
    guard knownZones.count < 2_000, name.utf8.count <= 64 else { return false }
    let known = TimeZone(identifier: name) != nil
    knownZones[name] = known
    return known
  }

  /// Something, an at sign, something with a dot; the rest only the mail server knows.
  private static func isAddress(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
    guard value.count <= 320, let at = value.lastIndex(of: 0x40), at > 0, at < value.count - 3 else { return false }
    return value[(at + 1)...].contains(0x2E) && !value.contains { $0 <= 32 }
  }

  /// In the reader's own buffer.
  private static func lowercase(_ value: UnsafeBufferPointer<UInt8>) {
    let bytes = UnsafeMutableBufferPointer(mutating: value)
    for at in bytes.indices where (0x41...0x5A).contains(bytes[at]) { bytes[at] += 0x20 }
  }

  // MARK: JSON

  private func put(_ byte: UInt8) {
    json[jsonSize] = byte
    jsonSize += 1
  }

  private func copy(_ bytes: UnsafeBufferPointer<UInt8>) {
    if let start = bytes.baseAddress { (json + jsonSize).update(from: start, count: bytes.count) }
    jsonSize += bytes.count
  }

  /// Escaped as `JSON.serialized` escapes: stored fields are compared byte by byte.
  private func putString(_ value: UnsafeBufferPointer<UInt8>) {
    put(0x22)
    for byte in value {
      switch byte {
      case 0x22, 0x5C:
        put(0x5C)
        put(byte)
      case 0x0A, 0x0D, 0x09:
        put(0x5C)
        put(byte == 0x0A ? UInt8(ascii: "n") : byte == 0x0D ? UInt8(ascii: "r") : UInt8(ascii: "t"))
      case 0..<0x20:
        for digit in "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8 { put(digit) }
      default: put(byte)
      }
    }
    put(0x22)
  }
}
