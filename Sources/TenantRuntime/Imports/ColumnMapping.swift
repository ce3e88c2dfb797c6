/// Which column of a file is which value of a contact: guessed from the headers, any guess overridable.
struct ColumnMapping: Sendable, Equatable {
  enum Column: Sendable, Hashable {
    case phone, firstName, lastName, email, tags, timeZone, language, notes, optOut
    case custom(String)
    case ignored

    /// The names of `map=` and of the API: `first_name`, `field.city`, `ignore`.
    init?(name: String) {
      switch name {
      case "phone": self = .phone
      case "first_name": self = .firstName
      case "last_name": self = .lastName
      case "email": self = .email
      case "tags": self = .tags
      case "time_zone": self = .timeZone
      case "language": self = .language
      case "notes": self = .notes
      case "opt_out": self = .optOut
      case "ignore": self = .ignored
      default:
        guard name.hasPrefix("field."), !ContactField.name(String(name.dropFirst(6))).isEmpty else { return nil }
        self = .custom(ContactField.name(String(name.dropFirst(6))))
      }
    }

    /// Whether two values of it can be at odds: a number is who it is, tags and opt-outs only come together.
    var hasConflicts: Bool {
      switch self {
      case .phone, .tags, .optOut, .ignored: false
      default: true
      }
    }

    var name: String {
      switch self {
      case .phone: "phone"
      case .firstName: "first_name"
      case .lastName: "last_name"
      case .email: "email"
      case .tags: "tags"
      case .timeZone: "time_zone"
      case .language: "language"
      case .notes: "notes"
      case .optOut: "opt_out"
      case .custom(let name): "field.\(name)"
      case .ignored: "ignore"
      }
    }
  }

  private(set) var columns: [Column]

  /// Refuses rules about columns that the file does not have.
  func check(_ conflicts: [String: ImportOptions.Conflict]) throws {
    let names = Set(columns.map(\.name))
    if let missing = conflicts.keys.sorted().first(where: { !names.contains($0) }) {
      throw Refusal.invalid("conflicts", "the file has no column for \(missing)")
    }
  }

  /// `map`: `phone:Mobile,first_name:First`. Throws a refusal that names what is wrong.
  init(headers: [String], map: String?) throws {
    columns = headers.map(Self.guess)
    var chosen: Set<Int> = []
    for pair in (map ?? "").split(separator: ",") {
      let sides = pair.split(separator: ":", maxSplits: 1).map { String($0).trimmed }
      guard sides.count == 2, let column = Column(name: sides[0]) else {
        throw Refusal.invalid("map", "must be like phone:Mobile,first_name:First,field.city:Town,ignore:Id")
      }
      guard let index = headers.firstIndex(where: { Self.fold($0) == Self.fold(sides[1]) }) else {
        throw Refusal.invalid("map", "the file has no column \(sides[1].prefix(60))")
      }
      guard chosen.insert(index).inserted else {
        throw Refusal.invalid("map", "names the column \(sides[1].prefix(60)) twice")
      }
      if column != .ignored, chosen.contains(where: { $0 != index && columns[$0] == column }) {
        throw Refusal.invalid("map", "names two columns for \(column.name)")
      }
      columns[index] = column
    }
    settleRivals(headers, chosen)
    guard columns.contains(.phone) else {
      throw Refusal.invalid("map", "no column looks like a phone number; name it, for example map=phone:Mobile")
    }
  }

  /// One column per value: a chosen one before a guessed one, the first before the second; the others become custom fields.
  private mutating func settleRivals(_ headers: [String], _ chosen: Set<Int>) {
    var taken = Set(chosen.map { columns[$0] })
    for index in columns.indices where columns[index] != .ignored && !chosen.contains(index) {
      var column = columns[index]
      // Without a name of letters it has its place; only values make it a field.
      let name = ContactField.name(headers[index]).isEmpty ? "column_\(index + 1)" : ContactField.name(headers[index])
      if taken.contains(column) || column == .custom("") { column = .custom(name) }
      var number = 2
      while case .custom(let wanted) = column, taken.contains(column) || ContactField.reserved.contains(wanted) {
        column = .custom("\(name.prefix(56))_\(number)")
        number += 1
      }
      columns[index] = column
      taken.insert(column)
    }
  }

  var phoneIndex: Int { columns.firstIndex(of: .phone) ?? 0 }
  func index(of column: Column) -> Int? { columns.firstIndex(of: column) }
  /// Custom columns in the order of their names, as stored JSON has them.
  var customColumns: [(name: String, index: Int)] {
    columns.enumerated().compactMap { index, column in
      if case .custom(let name) = column { (name, index) } else { nil }
    }.sorted { $0.name < $1.name }
  }

  private static func guess(_ header: String) -> Column {
    switch fold(header) {
    case "phone", "mobile", "cell", "cellphone", "mobilephone", "phonenumber", "mobilenumber", "cellnumber",
      "telephone", "tel", "msisdn", "number", "primaryphone":
      .phone
    case "firstname", "first", "givenname", "forename": .firstName
    case "lastname", "last", "surname", "familyname": .lastName
    case "email", "emailaddress", "mail": .email
    case "tags", "tag", "labels": .tags
    case "timezone", "tz": .timeZone
    case "language", "lang", "locale": .language
    case "notes": .notes
    case "optout", "optedout", "unsubscribed", "donotcontact", "donottext", "dnc": .optOut
    case "rejectreason", "rejectdetail", "rejectrow", "roundhouseid", "roundhousecreatedat": .ignored
    default: custom(header)
    }
  }

  private static func custom(_ header: String) -> Column { .custom(ContactField.name(header)) }

  private static func fold(_ header: String) -> String { header.lowercased().filter { $0.isLetter || $0.isNumber } }
}

extension String {
  package var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else {
      return ""
    }
    return String(self[first...last])
  }
}
