import GRDB

extension AudienceRule {
  /// A condition on a contact named `c`, with its values.
  struct Compiled: Sendable {
    var sql: String
    var arguments: StatementArguments
  }

  /// Saved audiences are looked up once and filled in, so that what remains is one condition.
  func compiled(_ db: Database, now: Moment) throws -> Compiled {
    try resolved(db).compile(now, try ContactField.all(db))
  }

  /// Without references to other audiences, and bounded as a whole: what each may hold is little, what they hold together need not be.
  func resolved(_ db: Database) throws -> AudienceRule {
    var left = Self.mostConditionsTogether
    return try resolve(db, within: [], depth: 1, &left)
  }

  private func resolve(_ db: Database, within outer: [Int64], depth: Int, _ left: inout Int) throws -> AudienceRule {
    left -= 1
    guard left >= 0 else {
      throw Refusal.invalid(
        "rule", "has, with the audiences it names, more than \(Self.mostConditionsTogether) conditions")
    }
    guard depth <= Self.deepestTogether else {
      throw Refusal.invalid(
        "rule", "is nested, with the audiences it names, in more than \(Self.deepestTogether) levels")
    }
    switch self {
    case .saved(let id):
      guard !outer.contains(id) else { throw Refusal.conflict("The audiences refer to each other in a circle.") }
      return try Audience.find(db, id: id).rule.resolve(db, within: outer + [id], depth: depth, &left)
    case .all(let rules): return .all(try rules.map { try $0.resolve(db, within: outer, depth: depth + 1, &left) })
    case .any(let rules): return .any(try rules.map { try $0.resolve(db, within: outer, depth: depth + 1, &left) })
    case .not(let rule): return .not(try rule.resolve(db, within: outer, depth: depth + 1, &left))
    case .unreadable:
      throw Refusal.conflict(
        "An audience is written as this release does not take it any more: choose anew whom it means.")
    default: return self
    }
  }

  /// Refuses a rule about something that is not there: its negation would mean everybody.
  func check(_ db: Database) throws {
    switch try resolved(db) {
    case .all(let rules), .any(let rules): for rule in rules { try rule.check(db) }
    case .not(let rule): try rule.check(db)
    case .imported(let id):
      let found = try Bool.fetchOne(
        db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM import_batches WHERE id = ?)"), arguments: [id])
      if found != true { throw Refusal.invalid("rule.import", "there is no import \(id)") }
    case .engagement(let kind, let id):
      let found = try Bool.fetchOne(
        db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM campaigns WHERE id = ?)"), arguments: [id])
      if found != true { throw Refusal.invalid("rule.\(kind.rawValue)", "there is no campaign \(id)") }
    case .field(let name, _, _):
      guard name != "created_at", !Self.columns.contains(name) else { return }
      let found = try Bool.fetchOne(
        db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM contact_fields WHERE name = ?)"), arguments: [name])
      if found != true { throw Refusal.invalid("rule.field", "no contact has a field \(name)") }
    case .everyone, .tag, .consent, .doNotContact, .texted, .notTexted, .saved, .unreadable: return
    }
  }

  private func compile(_ now: Moment, _ kinds: [String: ContactField.Kind]) -> Compiled {
    switch self {
    case .everyone: Compiled(sql: "1", arguments: [])
    case .all(let rules): Self.join(rules, " AND ", now, kinds)
    case .any(let rules): Self.join(rules, " OR ", now, kinds)
    case .not(let rule):
      { rule in Compiled(sql: "NOT ifnull(\(rule.sql), 0)", arguments: rule.arguments) }(rule.compile(now, kinds))
    case .tag(let tag):
      Compiled(
        sql: """
          EXISTS (SELECT 1 FROM contact_tags x WHERE x.contact_id = c.id AND x.tag_id = \(Tag.id))
          """, arguments: [Tag.folded(tag)])
    case .imported(let id): Compiled(sql: "c.import_id = ?", arguments: [id])
    case .field(let name, let comparison, let value): Self.field(name, comparison, value, kinds[name] ?? .text)
    case .consent(let purpose): Compiled(sql: Self.consentSQL, arguments: [purpose, purpose])
    case .doNotContact(let flag):
      Compiled(
        sql: "\(flag ? "" : "NOT ")EXISTS (SELECT 1 FROM do_not_contact x WHERE x.phone = c.phone)", arguments: [])
    case .engagement(let kind, let campaign): Self.engagement(kind, campaign)
    case .texted(let days): Self.texted("EXISTS", days, now)
    case .notTexted(let days): Self.texted("NOT EXISTS", days, now)
    case .saved, .unreadable: Compiled(sql: "0", arguments: [])
    }
  }

  private static func texted(_ word: String, _ days: Int64, _ now: Moment) -> Compiled {
    let since = now.advanced(bySeconds: -days * 86_400)
    return Compiled(
      sql: """
        \(word) (SELECT 1 FROM send_jobs x WHERE x.phone = c.phone AND x.claimed_at >= ?
        UNION ALL \(formerly) AND x.claimed_at >= ?)
        """, arguments: [since, since])
  }

  /// What went to the contact while it had another number, before a change or a merge.
  private static let formerly = """
    SELECT 1 FROM former_numbers f JOIN send_jobs x ON x.phone = f.phone AND x.claimed_at > f.since AND x.claimed_at <= f.until
    WHERE f.contact_id = c.id
    """

  private static func join(_ rules: [AudienceRule], _ word: String, _ now: Moment, _ kinds: [String: ContactField.Kind])
    -> Compiled
  {
    let parts = rules.map { $0.compile(now, kinds) }
    return Compiled(
      sql: "(" + parts.map(\.sql).joined(separator: word) + ")",
      arguments: parts.reduce(StatementArguments()) { $0 + $1.arguments })
  }

  /// The last word counts, but an import's attestation of the past never lifts an opt-out; imports that were undone attest nothing.
  private static let consentSQL = """
    (EXISTS (SELECT 1 FROM consents x LEFT JOIN import_batches b ON b.id = x.import_id
      WHERE x.phone = c.phone AND x.action = 'grant' AND (x.purpose IS NULL OR x.purpose = ?) AND b.undone_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM consents y WHERE y.phone = c.phone AND y.action = 'revoke'
        AND (y.purpose IS NULL OR y.purpose = ?) AND (y.at > x.at OR (y.at = x.at AND y.no > x.no) OR x.method = 'import'))))
    """

  /// Names of columns come from this list, never from the caller.
  private static let columns: Set<String> = ["first_name", "last_name", "email", "time_zone", "language", "notes"]

  private static func field(
    _ name: String, _ comparison: Comparison, _ value: String, _ kind: ContactField.Kind
  ) -> Compiled {
    if name == "created_at" { return created(comparison, value) }
    let isColumn = columns.contains(name)
    let expression = isColumn ? "c.\(name)" : "json_extract(c.fields, '$.' || json_quote(?))"
    let before: StatementArguments = isColumn ? [] : [name]
    func compiled(_ sql: (String) -> String, _ arguments: StatementArguments) -> Compiled {
      Compiled(sql: sql(expression), arguments: before + arguments)
    }
    // What is written in another way is the same value: 12.5 and 12.50, Yes and true.
    let isNumber = kind == .number && Double(value) != nil
    let wanted = isColumn ? value : kind.canonical(value) ?? value
    switch comparison {
    case .equals where isNumber: return compiled({ "CAST(\($0) AS REAL) = CAST(? AS REAL)" }, [value])
    case .differs where isNumber: return compiled({ "ifnull(CAST(\($0) AS REAL) <> CAST(? AS REAL), 1)" }, [value])
    // Swift's idea of upper and lower case, which knows more letters than SQLite's.
    case .equals: return compiled({ "\($0) = ? COLLATE swiftCaseInsensitiveCompare" }, [wanted])
    case .differs: return compiled({ "ifnull(\($0), '') <> ? COLLATE swiftCaseInsensitiveCompare" }, [wanted])
    case .contains: return compiled({ "instr(swiftLowercaseString(\($0)), ?) > 0" }, [value.lowercased()])
    case .startsWith: return compiled({ "instr(swiftLowercaseString(\($0)), ?) = 1" }, [value.lowercased()])
    case .more: return compiled({ "CAST(\($0) AS REAL) > CAST(? AS REAL)" }, [value])
    case .less: return compiled({ "CAST(\($0) AS REAL) < CAST(? AS REAL)" }, [value])
    // Dates are compared by their day, as they are stored.
    case .before: return compiled({ "\($0) < ?" }, [day(value)])
    case .after: return compiled({ "\($0) > ?" }, [day(value)])
    case .blank: return compiled({ "(\($0) IS \(value == "true" ? "" : "NOT ")NULL)" }, [])
    }
  }

  private static func day(_ value: String) -> String {
    ContactField.Kind.isDate(value) ? value : String(value.prefix(10))
  }

  /// A point in time, by UTC: a date means its whole day.
  private static func created(_ comparison: Comparison, _ value: String) -> Compiled {
    let from = moment(value)?.milliseconds ?? 0
    let to = ContactField.Kind.isDate(value) ? from + 86_399_999 : from
    let text = "strftime('%Y-%m-%dT%H:%M:%SZ', c.created_at / 1000, 'unixepoch')"
    switch comparison {
    case .equals: return Compiled(sql: "c.created_at BETWEEN ? AND ?", arguments: [from, to])
    case .differs: return Compiled(sql: "c.created_at NOT BETWEEN ? AND ?", arguments: [from, to])
    case .before, .less: return Compiled(sql: "c.created_at < ?", arguments: [from])
    case .after, .more: return Compiled(sql: "c.created_at > ?", arguments: [to])
    case .contains: return Compiled(sql: "instr(lower(\(text)), ?) > 0", arguments: [value.lowercased()])
    case .startsWith: return Compiled(sql: "instr(lower(\(text)), ?) = 1", arguments: [value.lowercased()])
    case .blank: return Compiled(sql: value == "true" ? "0" : "1", arguments: [])
    }
  }

  private static func engagement(_ kind: Engagement, _ campaign: Int64) -> Compiled {
    if kind == .replied {
      return Compiled(
        sql: """
          EXISTS (SELECT 1 FROM messages x WHERE x.phone = c.phone AND x.campaign_id = ? AND x.direction = 'in'
          UNION ALL SELECT 1 FROM former_numbers f JOIN messages x ON x.phone = f.phone AND x.at > f.since AND x.at <= f.until
          WHERE f.contact_id = c.id AND x.campaign_id = ? AND x.direction = 'in')
          """, arguments: [campaign, campaign])
    }
    let condition =
      switch kind {
      case .texted: "x.claimed_at IS NOT NULL"
      case .received: "x.state IN ('sent', 'delivered')"
      case .delivered: "x.state = 'delivered'"
      case .clicked: "x.clicked_at IS NOT NULL"
      case .failed, .replied: "x.superseded = 0 AND x.state IN ('failed', 'undelivered')"
      }
    return Compiled(
      sql: """
        EXISTS (SELECT 1 FROM send_jobs x WHERE x.phone = c.phone AND x.campaign_id = ? AND \(condition)
        UNION ALL \(formerly) AND x.campaign_id = ? AND \(condition))
        """, arguments: [campaign, campaign])
  }
}
