import Foundation
import GRDB

/// What the caller said about a file beside its content; kept with the import.
struct ImportOptions: Sendable, Equatable {
  /// What happens when the tenant already knows a value and the file says another.
  enum Conflict: String, CaseIterable, Sendable { case overwrite, fill, keep }
  struct Attestation: Sendable, Equatable {
    var source: String
    var wording: String?
    var at: Moment
  }

  /// What people call the file.
  var name: String?
  var format = CSVFormat()
  var headers: [String] = []
  var mapping = ColumnMapping(columns: [])
  /// What was chosen and why, in figures and samples; kept beside the options, where an erasure can clear the samples.
  var choices = JSON.object([])
  var map: String?
  /// What the caller says the file is written in; nil: by evidence.
  var encoding: TextEncoding?
  /// The charset that came with the upload.
  var declaredEncoding: TextEncoding?
  var onConflict = Conflict.overwrite
  /// By column name of the mapping (`email`, `field.city`).
  var conflicts: [String: Conflict] = [:]
  var tags: [String] = []
  /// A saved audience that everybody in the file comes into: a rule over a tag of its name.
  var audience: String?
  var region = "US"
  var attestation: Attestation?

  func conflict(of column: String) -> Conflict { conflicts[column] ?? onConflict }

  var json: JSON {
    [
      "name": .optional(name), "encoding": .text(format.encoding.name), "delimiter": .int(Int(format.delimiter)),
      "newline": .int(Int(format.newline)), "lines_before": .int(Int64(format.linesBefore)),
      "headers": .list(headers.map(JSON.text)), "map": .optional(map),
      "columns": .list(mapping.columns.map { .text($0.name) }),
      "country_column": .optional(mapping.countryIndex.map(Int64.init)),
      "next_phones": .list(mapping.nextPhones.map { .int(Int64($0)) }),
      "date_orders": .object(
        mapping.dateOrders.sorted { $0.key < $1.key }.map { ($0.key, $0.value ? "day" : "month") }),
      "on_conflict": .text(onConflict.rawValue),
      "conflicts": .object(conflicts.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value.rawValue)) }),
      "tags": .list(tags.map(JSON.text)), "audience": .optional(audience), "country": .text(region),
    ]
  }

  init() {}

  init(_ json: JSON, attestation: Attestation?) {
    name = json["name"]?.text
    format.encoding = json["encoding"]?.text.flatMap(TextEncoding.init(label:)) ?? .utf8
    format.linesBefore = json["lines_before"]?.int.map { Int($0) } ?? 0
    format.delimiter = json["delimiter"]?.int.flatMap { UInt8(exactly: $0) } ?? UInt8(ascii: ",")
    format.newline = json["newline"]?.int.flatMap { UInt8(exactly: $0) } ?? UInt8(ascii: "\n")
    headers = json["headers"]?.list?.compactMap(\.text) ?? []
    map = json["map"]?.text
    mapping = Self.mapping(json)
    onConflict = json["on_conflict"]?.text.flatMap(Conflict.init(rawValue:)) ?? .overwrite
    conflicts = Dictionary(
      (json["conflicts"]?.members ?? []).compactMap { name, value in
        value.text.flatMap(Conflict.init(rawValue:)).map { (name, $0) }
      }, uniquingKeysWith: { _, last in last })
    tags = json["tags"]?.list?.compactMap(\.text) ?? []
    audience = json["audience"]?.text
    region = json["country"]?.text ?? "US"
    self.attestation = attestation
  }

  private static func mapping(_ json: JSON) -> ColumnMapping {
    let columns = (json["columns"]?.list ?? []).map { $0.text.flatMap(ColumnMapping.Column.init(name:)) ?? .ignored }
    let explicit = columns.indices.filter { columns[$0] == .nextPhone }
    return ColumnMapping(
      columns: columns, countryIndex: json["country_column"]?.int.map { Int($0) },
      nextPhones: (json["next_phones"]?.list ?? []).compactMap { $0.int.map { Int($0) } }.filter {
        !explicit.contains($0)
      },
      dateOrders: Dictionary(
        (json["date_orders"]?.members ?? []).map { ($0.0, $0.1.text == "day") }, uniquingKeysWith: { _, last in last }))
  }

  private static let names: Set<String> = [
    "mode", "name", "encoding", "map", "on_conflict", "conflicts", "tags", "audience", "country", "consent_source",
    "consent_wording",
    "consent_date",
  ]

  /// Reads the query or form of an upload; every refusal names its parameter.
  init(_ parameters: [String: String], at: Moment) throws {
    // A misspelt rule must not overwrite what it was to keep.
    if let unknown = parameters.keys.sorted().first(where: { !Self.names.contains($0) }) {
      throw Refusal.invalid(String(unknown.prefix(60)), "is not a known parameter of an import")
    }
    for (name, value) in parameters where value.utf8.contains(0) {
      throw Refusal.invalid(name, "must not contain NUL")
    }
    map = parameters["map"]
    name = parameters["name"].map { String(TextCleaner.clean($0).unicodeScalars.prefix(200)) }
    if let label = parameters["encoding"] {
      guard let known = TextEncoding(label: label) else {
        throw Refusal.invalid(
          "encoding", "is not an encoding that can be read, like utf-8, windows-1252 or windows-1251")
      }
      encoding = known
    }
    if let text = parameters["on_conflict"] {
      guard let rule = Conflict(rawValue: text) else {
        throw Refusal.invalid("on_conflict", "must be overwrite, fill or keep")
      }
      onConflict = rule
    }
    for pair in (parameters["conflicts"] ?? "").split(separator: ",") {
      let sides = pair.split(separator: ":").map { String($0).trimmed }
      guard sides.count == 2, let column = ColumnMapping.Column(name: sides[0]), column.hasConflicts,
        let rule = Conflict(rawValue: sides[1])
      else {
        throw Refusal.invalid("conflicts", "must be like email:keep,field.city:fill (overwrite, fill or keep)")
      }
      conflicts[sides[0]] = rule
    }
    let named = (parameters["tags"] ?? "").split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
    tags = named.compactMap { Tag.read($0) }
    guard tags.count <= 20, tags.count == named.count else {
      throw Refusal.invalid("tags", "may be at most 20 names, and each \(Tag.rule)")
    }
    if let text = parameters["audience"]?.trimmed, !text.isEmpty {
      guard let name = Tag.read(text) else { throw Refusal.invalid("audience", Tag.rule) }
      audience = name
      if !tags.contains(name) { tags.append(name) }
    }
    region = (parameters["country"] ?? "US").uppercased()
    guard Locale.Region.isoRegions.contains(where: { $0.identifier == region && region.count == 2 }) else {
      throw Refusal.invalid("country", "must be a two-letter code like US")
    }
    attestation = try Self.attestation(parameters, at: at)
  }

  private static func attestation(_ parameters: [String: String], at: Moment) throws -> Attestation? {
    let wording = parameters["consent_wording"]
    guard let source = parameters["consent_source"] else {
      if wording != nil || parameters["consent_date"] != nil {
        throw Refusal.invalid("consent_source", "is required when consent is attested: where it was given")
      }
      return nil
    }
    guard source.unicodeScalars.count <= 200, (wording ?? "").unicodeScalars.count <= 2000 else {
      throw Refusal.invalid("consent_wording", "may have at most 2000 characters, consent_source 200")
    }
    guard let text = parameters["consent_date"] else { return Attestation(source: source, wording: wording, at: at) }
    let isDate = ContactField.Kind.isDate(text)
    // Where the day begins first it is fourteen hours ahead.
    let latest = isDate ? at.advanced(bySeconds: 50_400) : at
    guard let given = Moment(iso8601: isDate ? text + "T00:00:00Z" : text), given <= latest else {
      throw Refusal.invalid("consent_date", "must be a past date like 2026-11-23")
    }
    // At noon by UTC a day is the same day on nearly all of the world's clocks.
    let said = isDate ? min(given.advanced(bySeconds: 43_200), at) : given
    return Attestation(source: source, wording: wording, at: said)
  }
}

extension ColumnMapping {
  /// Refuses rules about columns that the file does not have.
  func check(_ conflicts: [String: ImportOptions.Conflict]) throws {
    var names = Set(columns.map(\.name))
    if columns.contains(.fullName) { names.formUnion(["first_name", "last_name"]) }
    if let missing = conflicts.keys.sorted().first(where: { !names.contains($0) }) {
      throw Refusal.invalid("conflicts", "the file has no column for \(missing)")
    }
  }
}
