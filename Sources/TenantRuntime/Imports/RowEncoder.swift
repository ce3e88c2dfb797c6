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
    /// Known fields ask for their type; of new ones every type that all values have had so far.
    let demanded: ContactField.Kind?
    /// A saved audience compares by its type: what is of another type is left out. Other fields widen to text.
    let isLocked: Bool
    /// Dates that are written `4/1/2026` begin with the day.
    let dayFirst: Bool?
    var possible: Kinds = [.number, .date, .boolean]
    var seen = false
    var isLeftOut = false
    var isWidened = false
  }

  private let first: Int
  private let last: Int
  private let whole: Int
  private let email: Int
  private let zone: Int
  private let language: Int
  private let notes: Int
  private let tags: [Int]
  private let said: ConsentReader
  @exclusivity(unchecked) private var custom: UnsafeMutableBufferPointer<Custom>
  @exclusivity(unchecked) private var roomForFields: Int
  private let json = UnsafeMutablePointer<UInt8>.allocate(capacity: EncodedRow.longestSlot)
  @exclusivity(unchecked) private var jsonSize = 0
  private(set) var warnings: [String: Int64] = [:]
  private static let longestName = 200
  private static let longestValue = ContactField.longestValue * 4
  private static let nowhere = Int.max
  private static var empty: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: nil, count: 0) }

  init(_ mapping: ColumnMapping, _ known: KnownFields, headers: [String] = []) {
    func index(_ column: ColumnMapping.Column) -> Int { mapping.index(of: column) ?? Self.nowhere }
    first = index(.firstName)
    last = index(.lastName)
    whole = index(.fullName)
    email = index(.email)
    zone = index(.timeZone)
    language = index(.language)
    notes = index(.notes)
    tags = mapping.indexes(of: .tags)
    said = ConsentReader(mapping, headers: headers)
    roomForFields = max(0, ContactField.most - known.kinds.count)
    let columns = mapping.customColumns
    custom = .allocate(capacity: columns.count)
    for (at, column) in columns.enumerated() {
      let key = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: JSON.text(column.name).serialized.utf8.count + 1)
      _ = key.initialize(from: Array(JSON.text(column.name).serialized.utf8) + [0x3A])
      (custom.baseAddress! + at).initialize(
        to: Custom(
          name: column.name, index: column.index, key: UnsafeBufferPointer(key), demanded: known.kinds[column.name],
          isLocked: known.locked.contains(column.name), dayFirst: mapping.dateOrders["field.\(column.name)"]))
    }
  }

  deinit {
    for column in custom { column.key.deallocate() }
    custom.deinitialize()
    custom.deallocate()
    json.deallocate()
  }

  var newFields: [ContactField] {
    custom.filter { $0.demanded == nil && $0.seen && !$0.isLeftOut }.map { column in
      let kind: ContactField.Kind =
        column.possible.contains(.boolean)
        ? .boolean : column.possible.contains(.number) ? .number : column.possible.contains(.date) ? .date : .text
      return ContactField(name: column.name, kind: kind)
    }
  }

  /// Known fields that have met a value of another type: they are text from now on.
  var widenedFields: [String] { custom.filter(\.isWidened).map(\.name) }

  /// Columns beyond the bound on fields, by name.
  var fieldsLeftOut: [String] { custom.filter(\.isLeftOut).map(\.name) }

  /// A side column may cost its value, which is counted; it never costs the person.
  func encode(_ reader: CSVReader, fieldCount: Int, into run: RowRun) {
    func field(_ index: Int) -> UnsafeBufferPointer<UInt8> { index < fieldCount ? reader.field(index) : Self.empty }
    if whole < fieldCount, field(first).isEmpty, !field(whole).isEmpty {
      let name = FullName(String(decoding: field(whole), as: UTF8.self))
      put(name.first, "first_name", into: run)
      put(name.last.isEmpty ? String(decoding: field(last), as: UTF8.self) : name.last, "last_name", into: run)
    } else {
      putText(field(first), "first_name", Self.longestName, into: run)
      putText(field(last), "last_name", Self.longestName, into: run)
    }
    putAddress(field(email), into: run)
    putZone(field(zone), into: run)
    putText(field(language), "language", 35, into: run)
    putText(field(notes), "notes", 5_000, keepsLines: true, into: run)
    encodeCustom(reader, fieldCount)
    _ = run.put(UnsafeBufferPointer(start: json, count: jsonSize))
    putTags(reader, fieldCount, into: run)
    put(said.optOut(reader, fieldCount) ?? "", into: run)
    put(said.consent(reader, fieldCount) ?? "", into: run)
  }

  /// What a row says about its person's consent, whatever else is wrong with it.
  func said(_ reader: CSVReader, fieldCount: Int) -> ImportSaid? {
    said.optOut(reader, fieldCount).map(ImportSaid.init)
  }

  // MARK: Texts

  private func warn(_ column: String) { warnings[column, default: 0] += 1 }

  private func put(_ text: String, into run: RowRun) {
    if text.isEmpty {
      _ = run.put(Self.empty)
    } else {
      Array(text.utf8).withUnsafeBufferPointer { _ = run.put($0) }
    }
  }

  private func put(_ text: String, _ column: String, into run: RowRun) {
    if text.unicodeScalars.count > Self.longestName { warn(column) }
    put(text.unicodeScalars.count > Self.longestName ? "" : text, into: run)
  }

  /// Plain bytes go as they are; what needs a look is cleaned.
  private func putText(
    _ value: UnsafeBufferPointer<UInt8>, _ column: String, _ most: Int, keepsLines: Bool = false, into run: RowRun
  ) {
    if value.count <= most, TextCleaner.isClean(value) {
      _ = run.put(value)
      return
    }
    let text = TextCleaner.clean(String(decoding: value, as: UTF8.self), keepsLines: keepsLines)
    if text.unicodeScalars.count > most {
      warn(column)
      put("", into: run)
    } else {
      put(text, into: run)
    }
  }

  private func putAddress(_ value: UnsafeBufferPointer<UInt8>, into run: RowRun) {
    if value.isEmpty || Self.isAddress(value) && TextCleaner.isClean(value) {
      Self.lowercase(value)
      _ = run.put(value)
      return
    }
    // `mailto:`, `Ada <ada@x.test>`, several: the first address there is.
    let words = TextCleaner.clean(String(decoding: value, as: UTF8.self)).lowercased()
      .split { " ,;<>()|\"'".contains($0) }.map { $0.hasPrefix("mailto:") ? String($0.dropFirst(7)) : String($0) }
    let address = words.first { Array($0.utf8).withUnsafeBufferPointer(Self.isAddress) }
    if address == nil { warn("email") }
    put(address ?? "", into: run)
  }

  private func putZone(_ value: UnsafeBufferPointer<UInt8>, into run: RowRun) {
    if value.isEmpty {
      _ = run.put(value)
      return
    }
    let zone = TimeZones.kept(String(decoding: value, as: UTF8.self))
    if zone == nil { warn("time_zone") }
    put(zone ?? "", into: run)
  }

  private func putTags(_ reader: CSVReader, _ fieldCount: Int, into run: RowRun) {
    if tags.allSatisfy({ $0 >= fieldCount || reader.field($0).isEmpty }) {
      _ = run.put(Self.empty)
      return
    }
    var names: [String] = []
    for index in tags where index < fieldCount {
      names += TagList.names(String(decoding: reader.field(index), as: UTF8.self))
    }
    let usable = names.filter { Tag.read($0) != nil }.prefix(50)
    if usable.count < names.count { warn("tags") }
    put(usable.joined(separator: "\u{1F}"), into: run)
  }

  // MARK: Custom fields

  private func encodeCustom(_ reader: CSVReader, _ fieldCount: Int) {
    jsonSize = 0
    for at in custom.indices where custom[at].index < fieldCount {
      let value = reader.field(custom[at].index)
      if value.isEmpty || !admits(at) { continue }
      // Every byte may become six; the key, quotes, comma and braces come on top.
      guard value.count <= Self.longestValue,
        jsonSize + value.count * 6 + custom[at].key.count + 4 < EncodedRow.longestSlot
      else {
        warn(custom[at].name)
        continue
      }
      if custom[at].demanded == nil || custom[at].demanded == .text, custom[at].dayFirst == nil,
        TextCleaner.isClean(value)
      {
        if custom[at].demanded == nil { narrow(&custom[at], value) }
        putKey(at)
        putString(value)
      } else {
        putUnusual(at, TextCleaner.clean(String(decoding: value, as: UTF8.self), keepsLines: true))
      }
    }
    if jsonSize == 0 { put(0x7B) }
    put(0x7D)
  }

  private func putKey(_ at: Int) {
    put(jsonSize == 0 ? 0x7B : 0x2C)
    copy(custom[at].key)
  }

  /// A new field takes one of the places that are left with its first value.
  private func admits(_ at: Int) -> Bool {
    if custom[at].demanded != nil || custom[at].seen && !custom[at].isLeftOut { return true }
    if roomForFields > 0 {
      roomForFields -= 1
      custom[at].seen = true
      return true
    }
    custom[at].isLeftOut = true
    warn(custom[at].name)
    return false
  }

  /// A value whose type is known, or that is written in a way of its own.
  private func putUnusual(_ at: Int, _ text: String) {
    if text.isEmpty { return }
    let kind = custom[at].demanded ?? (custom[at].dayFirst == nil ? .text : .date)
    var canonical = kind.canonical(text)
    if canonical == nil { canonical = kind.read(text, dayFirst: custom[at].dayFirst ?? false) }
    if canonical == nil {
      if custom[at].demanded != nil { warn(custom[at].name) }
      if custom[at].isLocked { return }
      if custom[at].demanded != nil { custom[at].isWidened = true }
    }
    Array((canonical ?? text).utf8).withUnsafeBufferPointer { bytes in
      if custom[at].demanded == nil { narrow(&custom[at], bytes) }
      putKey(at)
      putString(bytes)
    }
  }

  private func narrow(_ column: inout Custom, _ value: UnsafeBufferPointer<UInt8>) {
    column.seen = true
    // Cheap for text columns: after their first value nothing is possible any more.
    if column.possible.isEmpty { return }
    if column.possible.contains(.number), !ContactField.Kind.isNumber(value) { column.possible.remove(.number) }
    if column.possible.contains(.date), !CalendarDate.isValid(value) { column.possible.remove(.date) }
    if column.possible.contains(.boolean),
      value.count > 5 || !["true", "false"].contains(String(decoding: value, as: UTF8.self))
    {
      column.possible.remove(.boolean)
    }
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
