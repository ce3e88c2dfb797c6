/// Which column of a file is which value of a contact: guessed from the headers, any guess overridable.
struct ColumnMapping: Sendable, Equatable {
  enum Column: Sendable, Equatable {
    case phone, firstName, lastName, email, tags, timeZone, language
    case custom(String)
    case ignored

    /// The names of `map=` and of the API.
    init?(name: String) {
      switch name {
      case "phone": self = .phone
      case "first_name": self = .firstName
      case "last_name": self = .lastName
      case "email": self = .email
      case "tags": self = .tags
      case "time_zone": self = .timeZone
      case "language": self = .language
      default: return nil
      }
    }
  }

  private(set) var columns: [Column]

  /// `map`: `phone:Mobile,first_name:First`. Throws a refusal that names what is wrong.
  init(headers: [String], map: String?) throws {
    columns = headers.map(Self.guess)
    for pair in (map ?? "").split(separator: ",") {
      let sides = pair.split(separator: ":", maxSplits: 1).map { $0.trimmingPrefix(while: \.isWhitespace) }
      guard sides.count == 2, let column = Column(name: String(sides[0])) else {
        throw Refusal.invalid("map", "must be like phone:Mobile,first_name:First")
      }
      guard let index = headers.firstIndex(where: { Self.fold($0) == Self.fold(String(sides[1])) }) else {
        throw Refusal.invalid("map", "the file has no column \(sides[1])")
      }
      for other in columns.indices where columns[other] == column { columns[other] = Self.custom(headers[other]) }
      columns[index] = column
    }
    // The first column that looks like a known value is it; a second one becomes a custom field.
    var seen: [Column] = []
    for index in columns.indices {
      if case .custom = columns[index] { continue }
      if columns[index] != .ignored, seen.contains(columns[index]) {
        columns[index] = Self.custom(headers[index])
      } else {
        seen.append(columns[index])
      }
    }
    guard columns.contains(.phone) else {
      throw Refusal.invalid("map", "no column looks like a phone number; name it, for example map=phone:Mobile")
    }
  }

  var phoneIndex: Int { columns.firstIndex(of: .phone) ?? 0 }

  private static func guess(_ header: String) -> Column {
    switch fold(header) {
    case "phone", "mobile", "cell", "cellphone", "mobilephone", "phonenumber", "mobilenumber", "cellnumber",
      "telephone", "tel",
      "msisdn", "number", "primaryphone":
      .phone
    case "firstname", "first", "givenname", "forename": .firstName
    case "lastname", "last", "surname", "familyname": .lastName
    case "email", "emailaddress", "mail": .email
    case "tags", "tag", "labels": .tags
    case "timezone", "tz": .timeZone
    case "language", "lang", "locale": .language
    case "rejectreason", "rejectdetail", "rejectrow", "": .ignored
    default: custom(header)
    }
  }

  private static func custom(_ header: String) -> Column {
    .custom(String(header.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" }.prefix(60)))
  }

  private static func fold(_ header: String) -> String { header.lowercased().filter { $0.isLetter || $0.isNumber } }

  /// The values of one row; blanks name nothing.
  func values(_ row: [String]) -> Contact.Values {
    var values = Contact.Values()
    for (column, raw) in zip(columns, row) {
      let text = raw.trimmed
      if text.isEmpty { continue }
      switch column {
      case .firstName: values.firstName = String(text.prefix(200))
      case .lastName: values.lastName = String(text.prefix(200))
      case .email: values.email = text.lowercased()
      case .timeZone: values.timeZone = String(text.prefix(64))
      case .language: values.language = String(text.prefix(35))
      case .tags:
        values.tags = text.split { $0 == ";" || $0 == "," || $0 == "|" }.map { String($0).trimmed }.filter {
          !$0.isEmpty
        }.map { String($0.prefix(100)) }
      case .custom(let name): values.fields[name] = String(text.prefix(2000))
      case .phone, .ignored: break
      }
    }
    return values
  }
}

extension String {
  var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else {
      return ""
    }
    return String(self[first...last])
  }
}
