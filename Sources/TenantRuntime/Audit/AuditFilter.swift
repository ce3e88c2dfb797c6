package import GRDB

/// Which rows of an audit log are asked for. Newest first; a page begins below an id.
package struct AuditFilter: Sendable {
  package var actor: String?
  package var action: String?
  package var subject: String?
  package var since: Moment?
  package var until: Moment?

  package static let fields: [QueryField] = [
    QueryField("actor", Shape.text(most: 400, example: "user:ada@acme.example").about("Who, as the log writes it.")),
    QueryField("action", Shape.text(most: 100, example: "campaign.launch").about("What was done.")),
    QueryField("subject", Shape.text(most: 400, example: "campaign:17").about("To what.")),
    QueryField("since", Shape.moment.about("From then on.")), QueryField("until", Shape.moment.about("Up to then.")),
  ]

  package init() {}

  package init<Subject>(_ call: Call<Subject>) throws {
    (actor, action, subject) = (call.query("actor"), call.query("action"), call.query("subject"))
    since = try Self.moment(call, "since")
    until = try Self.moment(call, "until")
  }

  private static func moment<Subject>(_ call: Call<Subject>, _ name: String) throws -> Moment? {
    try call.query(name).map { text in
      guard let moment = Moment(iso8601: text) else {
        throw Refusal.invalid(name, "must be a time in ISO 8601 with a zone, like 2026-11-23T16:25:00Z")
      }
      return moment
    }
  }

  /// Times never go back from row to row, so they are bounds of ids. A statement for each filter that an index leads by; the rest narrow it.
  package func page(_ db: Database, below id: Int64, of tenant: String? = nil, atMost limit: Int) throws -> [AuditEntry]
  {
    guard let bounds = try bounds(db, below: id) else { return [] }
    let wanted: StatementArguments = [
      bounds.upperBound, bounds.lowerBound, actor, action, subject, limit, tenant,
    ]
    return try Row.fetchAll(db.cachedStatement(sql: statement(of: tenant)), arguments: wanted).map(AuditEntry.init)
  }

  private func bounds(_ db: Database, below id: Int64) throws -> ClosedRange<Int64>? {
    var (first, end) = (Int64(0), id)
    if let since {
      let found = try Int64.fetchOne(
        db.cachedStatement(sql: "SELECT id FROM audit_log WHERE at >= ? ORDER BY at, id LIMIT 1"), arguments: [since])
      guard let found else { return nil }
      first = found
    }
    if let until {
      let found = try Int64.fetchOne(
        db.cachedStatement(sql: "SELECT id FROM audit_log WHERE at <= ? ORDER BY at DESC, id DESC LIMIT 1"),
        arguments: [until])
      guard let found else { return nil }
      end = min(end, found + 1)
    }
    return first <= end ? first...end : nil
  }

  private func statement(of tenant: String?) -> String {
    let lead =
      subject != nil ? "subject = ?5" : actor != nil ? "actor = ?3" : action != nil ? "action = ?4" : "id > 0"
    let owner = tenant == nil ? "?7 IS NULL" : "tenant_key = ?7"
    return """
      SELECT * FROM audit_log WHERE \(lead) AND \(owner) AND id < ?1 AND id >= ?2 AND actor = coalesce(?3, actor)
      AND action = coalesce(?4, action) AND subject = coalesce(?5, subject) ORDER BY id DESC LIMIT ?6
      """
  }
}
