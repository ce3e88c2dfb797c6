/// Which column of a file is which value of a contact: chosen by names and values (`ColumnChoice`), any choice overridable.
struct ColumnMapping: Sendable, Equatable {
  enum Column: Sendable, Hashable {
    case phone, firstName, lastName, fullName, email, tags, timeZone, language, notes, optOut, consent, consentDate
    case country, areaCode
    /// Takes the place of a phone that is missing or cannot be texted; and what the phone of the same number in its header is.
    case nextPhone, phoneLabel
    case custom(String)
    case ignored

    private static let named: [(String, Column)] = [
      ("phone", .phone), ("first_name", .firstName), ("last_name", .lastName), ("full_name", .fullName),
      ("email", .email),
      ("tags", .tags), ("time_zone", .timeZone), ("language", .language), ("notes", .notes), ("opt_out", .optOut),
      ("consent", .consent), ("consent_date", .consentDate), ("country", .country), ("area_code", .areaCode),
      ("next_phone", .nextPhone), ("phone_label", .phoneLabel), ("ignore", .ignored),
    ]

    /// The names of `map=` and of the API: `first_name`, `field.city`, `ignore`.
    init?(name: String) {
      if let known = Self.named.first(where: { $0.0 == name }) {
        self = known.1
      } else if name == "name" {
        self = .fullName
      } else {
        let field = ContactField.name(String(name.dropFirst(6)))
        guard name.hasPrefix("field."), !ContactField.isReserved(field) else { return nil }
        self = .custom(field)
      }
    }

    /// Whether two values of it can be at odds: a number is who it is, tags and opt-outs only come together.
    var hasConflicts: Bool {
      switch self {
      case .firstName, .lastName, .email, .timeZone, .language, .notes, .custom: true
      default: false
      }
    }

    /// Whether several columns may be it.
    var mayRepeat: Bool { [.ignored, .optOut, .consent, .nextPhone, .phoneLabel, .tags].contains(self) }

    var name: String {
      if case .custom(let name) = self { return "field.\(name)" }
      return Self.named.first { $0.1 == self }?.0 ?? "ignore"
    }
  }

  private(set) var columns: [Column]
  /// The column with the country of a number; its values may be a custom field's too.
  private(set) var countryIndex: Int?
  /// Whose numbers stand in where the phone is empty or cannot be texted, best first; they stay fields of their own as well.
  private(set) var nextPhones: [Int]
  /// Columns of dates (by name): whether they begin with the day.
  var dateOrders: [String: Bool]

  /// As it was chosen and kept.
  init(columns: [Column], countryIndex: Int? = nil, nextPhones: [Int] = [], dateOrders: [String: Bool] = [:]) {
    self.columns = columns
    self.countryIndex = countryIndex ?? columns.firstIndex(of: .country)
    self.nextPhones = columns.indices.filter { columns[$0] == .nextPhone } + nextPhones
    self.dateOrders = dateOrders
  }

  /// `map`: `phone:Mobile,first_name:First`, by column. Throws a refusal that names what is wrong.
  static func asked(_ map: String?, headers: [String]) throws -> [Int: Column] {
    var chosen: [Int: Column] = [:]
    for pair in (map ?? "").split(separator: ",") {
      let sides = pair.split(separator: ":", maxSplits: 1).map { String($0).trimmed }
      if sides.count == 2, sides[0].hasPrefix("field."), Column(name: sides[0]) == nil {
        throw Refusal.invalid(
          "map", "the name of the field \(sides[0].dropFirst(6).prefix(60)) \(ContactField.nameRule)")
      }
      guard sides.count == 2, let column = Column(name: sides[0]) else {
        throw Refusal.invalid("map", "must be like phone:Mobile,first_name:First,field.city:Town,ignore:Id")
      }
      guard let index = index(of: sides[1], in: headers) else {
        throw Refusal.invalid("map", "the file has no column \(sides[1].prefix(60))")
      }
      guard chosen[index] == nil else {
        throw Refusal.invalid("map", "names the column \(sides[1].prefix(60)) twice")
      }
      if !column.mayRepeat, chosen.values.contains(column) {
        throw Refusal.invalid("map", "names two columns for \(column.name)")
      }
      chosen[index] = column
    }
    return chosen
  }

  private static func index(of name: String, in headers: [String]) -> Int? {
    headers.firstIndex(of: name) ?? headers.firstIndex { fold($0) == fold(name) && !fold(name).isEmpty }
  }

  private static func fold(_ header: String) -> String { header.lowercased().filter { $0.isLetter || $0.isNumber } }

  /// One column per value; what comes again, and what bears the name of a column every contact has, is a custom field of another name.
  mutating func settleNames(_ headers: [String], chosen: Set<Int>) {
    var taken = Set(chosen.map { columns[$0] })
    for index in columns.indices where columns[index] != .ignored && !chosen.contains(index) {
      var column = columns[index]
      if column.mayRepeat { continue }
      // Without a name of letters it has its place; only values make it a field.
      let name = ContactField.name(headers[index]).isEmpty ? "column_\(index + 1)" : ContactField.name(headers[index])
      if taken.contains(column) || column == .custom("") { column = .custom(name) }
      var number = 2
      while case .custom(let wanted) = column, taken.contains(column) || ContactField.isReserved(wanted) {
        column = .custom("\(String(name.unicodeScalars.prefix(56)))_\(number)")
        number += 1
      }
      columns[index] = column
      taken.insert(column)
    }
  }

  var phoneIndex: Int { columns.firstIndex(of: .phone) ?? 0 }
  func index(of column: Column) -> Int? { columns.firstIndex(of: column) }
  func indexes(of column: Column) -> [Int] { columns.indices.filter { columns[$0] == column } }
  /// Custom columns in the order of their names, as stored JSON has them.
  var customColumns: [(name: String, index: Int)] {
    columns.enumerated().compactMap { index, column in
      if case .custom(let name) = column { (name, index) } else { nil }
    }.sorted { $0.name < $1.name }
  }
}
