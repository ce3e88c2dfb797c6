import GRDB

/// Which contacts are meant: conditions joined by all, any and not, compiled to one SQL condition on a contact `c`.
///
///     {"all": true}                                everybody
///     {"all": [rule, …]}  {"any": [rule, …]}  {"not": rule}
///     {"tag": "vip"}   {"import": 12}              made by that import
///     {"field": "city", "is": "Rome"}              is, is_not, contains, starts_with, more_than, less_than, before, after, blank
///     {"consent": "marketing"}   {"do_not_contact": true}
///     {"texted": 7} {"received": 7} {"delivered": 7} {"clicked": 7} {"replied": 7} {"failed": 7}   by campaign
///     {"texted_days": 30}   {"not_texted_days": 30}
///     {"id": 3}                                   another, saved audience
///
/// Values are bound, never written into the SQL; depth and number of conditions are bounded.
package indirect enum AudienceRule: Sendable, Equatable {
  package enum Comparison: String, CaseIterable, Sendable {
    case equals = "is"
    case differs = "is_not"
    case contains
    case startsWith = "starts_with"
    case more = "more_than"
    case less = "less_than"
    case before, after, blank
  }
  package enum Engagement: String, CaseIterable, Sendable {
    case texted, received, delivered, clicked, replied, failed
  }

  case everyone
  case all([AudienceRule])
  case any([AudienceRule])
  case not(AudienceRule)
  case tag(String)
  case imported(Int64)
  case field(String, Comparison, String)
  case consent(String)
  case doNotContact(Bool)
  case engagement(Engagement, campaign: Int64)
  case texted(days: Int64)
  case notTexted(days: Int64)
  case saved(Int64)
  /// Of a file of a release that took what this one refuses: kept and shown as it is, and nobody is picked by it.
  case unreadable(JSON)

  package static let mostConditions = 50
  package static let deepest = 6
  /// Rules of whom a campaign leaves out.
  static let mostExclusions = 20
  /// With all audiences that a rule names filled in.
  static let mostConditionsTogether = 200
  /// The same: SQLite's parser nests a condition of some eighteen levels and no deeper, the reader of stored JSON one of thirty.
  static let deepestTogether = 14
}

extension AudienceRule {
  /// Those whom it picks and none of the others does.
  func without(_ excluded: [AudienceRule]) -> AudienceRule {
    excluded.isEmpty ? self : .all([self, .not(.any(excluded))])
  }
}

// MARK: JSON

extension AudienceRule {
  /// As a column holds it; nil: of null.
  static func read(stored: String) throws -> AudienceRule? {
    let json = try JSON(parsing: stored)
    return json == .null ? nil : AudienceRule(stored: json)
  }

  static func list(stored: String) throws -> [AudienceRule] {
    try (JSON(parsing: stored).list ?? []).map(AudienceRule.init(stored:))
  }

  /// What a file holds is never refused when it is read: that would stop everything that stands beside it.
  init(stored json: JSON) {
    self = (try? AudienceRule(json, at: "rule")) ?? .unreadable(json)
  }

  /// Reads a rule; a refusal names the path, like `audience.all[1].field`.
  package init(_ json: JSON, at path: String) throws {
    // The root joins them; it is none itself.
    var left = Self.mostConditions + 1
    self = try Self.read(json, path, depth: 1, &left)
  }

  /// One that was written down with its audiences filled in: it may be longer and deeper than one that is sent.
  init(resolved json: JSON) throws {
    var left = Self.mostConditionsTogether + 1
    self = try Self.read(json, "rule", depth: -Self.mostConditionsTogether, &left)
  }

  private static func read(_ json: JSON, _ path: String, depth: Int, _ left: inout Int) throws -> AudienceRule {
    guard let members = json.members, let first = members.first else {
      throw Refusal.invalid(path, "must be a rule, for example {\"all\": true} or {\"tag\": \"vip\"}")
    }
    guard depth <= deepest else { throw Refusal.invalid(path, "is nested deeper than \(deepest) levels") }
    left -= 1
    guard left >= 0 else { throw Refusal.invalid(path, "has more than \(mostConditions) conditions") }
    if let name = json["field"] { return try readField(name, members, path) }
    guard members.count == 1 else {
      throw Refusal.invalid(path, "must have one member, not \(members.map(\.0).prefix(5).joined(separator: " and "))")
    }
    let (name, value) = first
    let here = "\(path).\(name)"
    switch name {
    case "all":
      if value == true { return .everyone }
      return .all(try list(value, here, depth, &left))
    case "any": return .any(try list(value, here, depth, &left))
    case "not": return .not(try read(value, here, depth: depth + 1, &left))
    case "tag":
      guard let tag = Tag.read(value.text) else {
        throw Refusal.invalid(here, "must be the name of a tag: it \(Tag.rule)")
      }
      return .tag(tag)
    case "import": return .imported(try id(value, here))
    case "id": return .saved(try id(value, here))
    case "consent":
      guard let purpose = value.text, ["marketing", "informational"].contains(purpose) else {
        throw Refusal.invalid(here, "must be marketing or informational")
      }
      return .consent(purpose)
    case "do_not_contact":
      guard let flag = value.bool else { throw Refusal.invalid(here, "must be true or false") }
      return .doNotContact(flag)
    case "texted_days", "not_texted_days":
      guard let days = value.int, (1...3650).contains(days) else {
        throw Refusal.invalid(here, "must be a number of days from 1 to 3650")
      }
      return name == "texted_days" ? .texted(days: days) : .notTexted(days: days)
    default:
      guard let engagement = Engagement(rawValue: name) else {
        throw Refusal.invalid(here, "is not a known condition")
      }
      return .engagement(engagement, campaign: try id(value, here))
    }
  }

  private static func list(_ value: JSON, _ here: String, _ depth: Int, _ left: inout Int) throws -> [AudienceRule] {
    guard let rules = value.list, !rules.isEmpty else {
      throw Refusal.invalid(here, "must be true, or a list of rules that is not empty")
    }
    var read: [AudienceRule] = []
    for (index, rule) in rules.enumerated() {
      read.append(try Self.read(rule, "\(here)[\(index)]", depth: depth + 1, &left))
    }
    return read
  }

  private static func id(_ value: JSON, _ here: String) throws -> Int64 {
    guard let id = value.int, id > 0 else { throw Refusal.invalid(here, "must be an id") }
    return id
  }

  private static func readField(_ name: JSON, _ members: [(String, JSON)], _ path: String) throws -> AudienceRule {
    guard let field = name.text, field.wholeMatch(of: /[\p{L}\p{N}_]{1,60}/) != nil else {
      throw Refusal.invalid("\(path).field", "must be the name of a field")
    }
    guard members.count == 2, let (word, value) = members.first(where: { $0.0 != "field" }),
      let comparison = Comparison(rawValue: word)
    else {
      throw Refusal.invalid(
        path, "needs one of \(Comparison.allCases.map(\.rawValue).joined(separator: ", ")) beside the field")
    }
    let here = "\(path).\(word)"
    let text: String? =
      switch value {
      case .text(let text): text
      case .int, .double, .bool: value.serialized
      case .null, .list, .object: nil
      }
    guard let text, text.unicodeScalars.count <= 500, !text.unicodeScalars.contains("\u{0}") else {
      throw Refusal.invalid(here, "must be a value of at most 500 characters, without NUL")
    }
    if field == "created_at" {
      if comparison == .more || comparison == .less {
        throw Refusal.invalid(here, "is for numbers; a time is before or after another")
      }
      if comparison == .equals || comparison == .differs, Self.moment(text) == nil {
        throw Refusal.invalid(here, "must be a date like 2026-11-23")
      }
    }
    switch comparison {
    case .blank where value.bool == nil: throw Refusal.invalid(here, "must be true or false")
    case .more, .less: if Double(text)?.isFinite != true { throw Refusal.invalid(here, "must be a number") }
    case .before, .after:
      if Self.moment(text) == nil { throw Refusal.invalid(here, "must be a date like 2026-11-23") }
    default: break
    }
    return .field(field, comparison, text)
  }

  static func moment(_ text: String) -> Moment? {
    Moment(iso8601: ContactField.Kind.isDate(text) ? text + "T00:00:00Z" : text)
  }

  /// Whether it names a saved audience, at any depth.
  func names(_ ids: Set<Int64>) -> Bool {
    switch self {
    case .saved(let other): ids.contains(other)
    case .all(let rules), .any(let rules): rules.contains { $0.names(ids) }
    case .not(let rule): rule.names(ids)
    default: false
    }
  }

  package var json: JSON {
    switch self {
    case .everyone: ["all": true]
    case .all(let rules): ["all": .list(rules.map(\.json))]
    case .any(let rules): ["any": .list(rules.map(\.json))]
    case .not(let rule): ["not": rule.json]
    case .tag(let tag): ["tag": .text(tag)]
    case .imported(let id): ["import": .int(id)]
    case .field(let name, let comparison, let value):
      .object([
        ("field", .text(name)),
        (comparison.rawValue, comparison == .blank ? .bool(value == "true") : .text(value)),
      ])
    case .consent(let purpose): ["consent": .text(purpose)]
    case .doNotContact(let flag): ["do_not_contact": .bool(flag)]
    case .engagement(let kind, let campaign): .object([(kind.rawValue, .int(campaign))])
    case .texted(let days): ["texted_days": .int(days)]
    case .notTexted(let days): ["not_texted_days": .int(days)]
    case .saved(let id): ["id": .int(id)]
    case .unreadable(let json): json
    }
  }
}
