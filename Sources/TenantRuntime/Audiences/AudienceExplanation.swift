import GRDB

/// Why a contact is in an audience, or not: the rule as a tree, each condition with its own answer.
enum AudienceExplanation {
  static func explain(_ db: Database, _ rule: AudienceRule, contact: Int64, now: Moment) throws -> JSON {
    let tree = try node(db, try rule.resolved(db), contact, now)
    let isIn = tree["holds"] == true
    return ["in": .bool(isIn), "because": .text(sentence(tree, isIn)), "conditions": tree]
  }

  private static func node(_ db: Database, _ rule: AudienceRule, _ contact: Int64, _ now: Moment) throws -> JSON {
    let compiled = try rule.compiled(db, now: now)
    let holds = try Bool.fetchOne(
      db, sql: "SELECT ifnull(\(compiled.sql), 0) FROM contacts c WHERE c.id = ?",
      arguments: compiled.arguments + [contact])
    let parts: [AudienceRule] =
      switch rule {
      case .all(let rules), .any(let rules): rules
      case .not(let rule): [rule]
      default: []
      }
    var members: [(String, JSON)] = [
      ("rule", rule.json), ("holds", .bool(holds ?? false)), ("says", .text(words(rule))),
    ]
    if !parts.isEmpty { members.append(("parts", .list(try parts.map { try node(db, $0, contact, now) }))) }
    return .object(members)
  }

  /// The conditions that decide: those that hold for somebody who is in, those that fail for somebody who is not.
  private static func sentence(_ tree: JSON, _ isIn: Bool) -> String {
    let deciding = leaves(tree, wanted: isIn)
    let said = deciding.prefix(4).joined(separator: "; ")
    return (isIn ? "in because " : "out because ") + (said.isEmpty ? "of the rule as a whole" : said)
  }

  private static func leaves(_ tree: JSON, wanted: Bool) -> [String] {
    let holds = tree["holds"] == true
    guard let parts = tree["parts"]?.list else {
      return holds == wanted ? ["\(tree["says"]?.text ?? "")\(holds ? "" : " is not so")"] : []
    }
    if tree["rule"]?["not"] != nil { return parts.flatMap { leaves($0, wanted: !wanted) } }
    return holds == wanted ? parts.flatMap { leaves($0, wanted: wanted) } : []
  }

  static func words(_ rule: AudienceRule) -> String {
    switch rule {
    case .everyone: "everybody is meant"
    case .all: "all of these"
    case .any: "any of these"
    case .not: "not this"
    case .tag(let tag): "tagged \(tag)"
    case .imported(let id): "made by import \(id)"
    case .field(let name, let comparison, let value):
      "\(name) \(comparison.rawValue.replacing("_", with: " ")) \(value)"
    case .consent(let purpose): "has consented to \(purpose)"
    case .doNotContact(let flag): flag ? "has opted out" : "has not opted out"
    case .engagement(let kind, let campaign): "\(kind.rawValue) campaign \(campaign)"
    case .texted(let days): "texted in the last \(days) days"
    case .notTexted(let days): "not texted in \(days) days"
    case .saved(let id): "in audience \(id)"
    case .unreadable: "a rule that is not taken any more"
    }
  }
}
