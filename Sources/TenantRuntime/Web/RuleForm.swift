/// A rule of an audience as the fields of a form, and back: what the rule builder shows, sends and keeps while nobody has saved it.
///
/// Every field has the same name, `rule:parts`, and they count in the order in which they stand on the page: `(`, how a group joins, its
/// parts, `)`; a condition is `-`, what, how, value. So an unsaved rule of any depth lives in its form, and the form needs no script.
///
/// What a condition is about has the names of the API, a field as `field.NAME`. How begins with `not_` where the opposite is meant.
package struct RuleForm: Sendable, Equatable {
  package indirect enum Part: Sendable, Equatable {
    case group(Join, [Part])
    case row(what: String, how: String, value: String)
  }

  package enum Join: String, CaseIterable, Sendable { case all, any, none, notAll = "not_all" }

  package private(set) var join: Join
  package private(set) var parts: [Part]

  package init(_ join: Join = .all, _ parts: [Part] = []) { (self.join, self.parts) = (join, parts) }

  private static let most = 400

  // MARK: Fields

  /// Nil: these are no fields of a rule.
  package init?(fields: [String]) {
    var rest = fields[...]
    guard rest.count <= Self.most * 4, rest.popFirst() == "(", case .group(let join, let parts)? = Self.group(&rest, 1),
      rest.isEmpty
    else { return nil }
    self.init(join, parts)
  }

  private static func group(_ rest: inout ArraySlice<String>, _ depth: Int) -> Part? {
    guard depth <= 12, let join = rest.popFirst().flatMap(Join.init(rawValue:)) else { return nil }
    var parts: [Part] = []
    while let mark = rest.popFirst() {
      switch mark {
      case ")": return .group(join, parts)
      case "(":
        guard let part = group(&rest, depth + 1) else { return nil }
        parts.append(part)
      case "-":
        guard let what = rest.popFirst(), let how = rest.popFirst(), let value = rest.popFirst() else { return nil }
        parts.append(.row(what: what, how: how, value: value))
      default: return nil
      }
    }
    return nil
  }

  // MARK: The rule

  /// - Parameter isDraft: without what is not filled in yet, so that the rest can be counted.
  package func json(isDraft: Bool = false) -> JSON {
    if join == .all, parts.isEmpty { return ["all": true] }
    return Self.json(.group(join, parts), isDraft) ?? (isDraft ? ["all": true] : ["any": []])
  }

  private static func json(_ part: Part, _ isDraft: Bool) -> JSON? {
    switch part {
    case .row(let what, let how, let value):
      if isDraft, !isComplete(part) { return nil }
      return json(what, how, value)
    case .group(let join, let parts):
      let rules = parts.compactMap { json($0, isDraft) }
      guard let first = rules.first else { return nil }
      switch join {
      case .all: return rules.count == 1 ? first : ["all": .list(rules)]
      case .any: return rules.count == 1 ? first : ["any": .list(rules)]
      case .none: return ["not": rules.count == 1 ? first : ["any": .list(rules)]]
      case .notAll: return ["not": rules.count == 1 ? first : ["all": .list(rules)]]
      }
    }
  }

  package static func isComplete(_ part: Part) -> Bool {
    guard case .row(let what, let how, let value) = part else { return true }
    return !value.trimmed.isEmpty || ["everyone", "do_not_contact"].contains(what) || how.hasSuffix("blank")
  }

  private static func json(_ what: String, _ how: String, _ value: String) -> JSON {
    let isNot = how.hasPrefix("not")
    if what.hasPrefix("field.") {
      let name = JSON.text(String(what.dropFirst(6)))
      if how.hasSuffix("blank") { return ["field": name, "blank": .bool(!isNot)] }
      let comparison = how.hasPrefix("not_") ? String(how.dropFirst(4)) : how
      let rule = JSON.object([("field", name), (comparison.isEmpty ? "is" : comparison, .text(value))])
      return isNot ? ["not": rule] : rule
    }
    let rule: JSON =
      switch what {
      case "everyone": ["all": true]
      case "do_not_contact": ["do_not_contact": .bool(!isNot)]
      case "tag", "consent": .object([(what, .text(value))])
      default: .object([(what, Int64(value.trimmed).map(JSON.int) ?? .text(value))])
      }
    return isNot && what != "do_not_contact" ? ["not": rule] : rule
  }

  /// Nil: a shape that the builder does not know.
  package init?(_ rule: JSON) {
    switch Self.part(rule, isNot: false) {
    case .group(let join, let parts)?: self.init(join, parts)
    case .row(what: "everyone", how: "is", value: _)?: self.init()
    case let row?: self.init(.all, [row])
    case nil: return nil
    }
  }

  private static func part(_ rule: JSON, isNot: Bool) -> Part? {
    guard let members = rule.members, let first = members.first else { return nil }
    if let field = rule["field"]?.text {
      guard members.count == 2, let (how, value) = members.first(where: { $0.0 != "field" }) else { return nil }
      return row(field, how, value, isNot)
    }
    guard members.count == 1 else { return nil }
    let (name, value) = first
    switch name {
    case "all" where value == true: return .row(what: "everyone", how: isNot ? "not" : "is", value: "")
    case "all", "any":
      guard let list = value.list else { return nil }
      let parts = list.compactMap { part($0, isNot: false) }
      guard parts.count == list.count else { return nil }
      return .group(name == "all" ? (isNot ? .notAll : .all) : (isNot ? .none : .any), parts)
    case "not":
      if !isNot { return part(value, isNot: true) }
      return part(rule, isNot: false).map { .group(.none, [$0]) }
    case "do_not_contact":
      guard let flag = value.bool else { return nil }
      return .row(what: name, how: flag == isNot ? "not" : "is", value: "")
    case "tag", "consent", "import", "id", "not_texted_days", "texted", "received", "delivered", "clicked", "replied",
      "failed":
      guard let text = value.text ?? value.int.map(String.init) else { return nil }
      return .row(what: name, how: isNot ? "not" : "is", value: text)
    default: return nil
    }
  }

  private static func row(_ field: String, _ how: String, _ value: JSON, _ isNot: Bool) -> Part? {
    let what = "field.\(field)"
    if how == "blank" {
      guard let flag = value.bool else { return nil }
      return .row(what: what, how: flag == isNot ? "not_blank" : "blank", value: "")
    }
    let text: String? =
      switch value {
      case .text(let text): text
      case .int, .double, .bool: value.serialized
      case .null, .list, .object: nil
      }
    return text.map { .row(what: what, how: isNot ? "not_\(how)" : how, value: $0) }
  }

  // MARK: Buttons

  /// What a button of the form asks for, by the place of its part: `row:0.2`, `group:`, `remove:1`.
  package mutating func apply(_ button: String) {
    let sides = button.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard sides.count == 2 else { return }
    let places = sides[1].split(separator: ".").compactMap { Int($0) }
    let new: Part? =
      switch sides[0] {
      case "row": .row(what: "tag", how: "is", value: "")
      case "group": .group(.any, [.row(what: "tag", how: "is", value: "")])
      default: nil
      }
    guard new != nil || sides[0] == "remove" else { return }
    parts = Self.changed(parts, places[...], new)
  }

  /// Adds to the group at the places, or takes away what stands there.
  private static func changed(_ parts: [Part], _ places: ArraySlice<Int>, _ new: Part?) -> [Part] {
    guard let place = places.first else { return parts + [new].compactMap { $0 } }
    guard parts.indices.contains(place) else { return parts }
    var changed = parts
    if new == nil, places.count == 1 {
      changed.remove(at: place)
    } else if case .group(let join, let inner) = parts[place] {
      changed[place] = .group(join, Self.changed(inner, places.dropFirst(), new))
    }
    return changed
  }
}
