import GRDB
import Hummingbird

/// Gate 6: who is left out of campaigns though nothing forbids texting them. A rule of the tenant, for every campaign.
struct SuppressionRule: Sendable, Equatable {
  enum Kind: String, CaseIterable, Sendable {
    case textedWithin = "texted_within"
    case tag
    case inCampaign = "in_campaign"
  }

  var kind: Kind
  var hours: Int64?
  var tag: String?
  var campaign: Int64?

  static func all(_ db: Database) throws -> [SuppressionRule] {
    try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM suppression_rules ORDER BY id")).compactMap { row in
      Kind(rawValue: row["kind"]).map {
        SuppressionRule(kind: $0, hours: row["hours"], tag: row["tag"], campaign: row["campaign_id"])
      }
    }
  }

  /// A failed try that is being sent again does not count: its later try does, once it goes out.
  func suppresses(_ db: Database, phone: PhoneNumber, contact: Int64?, now: Moment) throws -> Bool {
    let (sql, arguments): (String, StatementArguments) =
      switch kind {
      case .textedWithin:
        (
          """
          SELECT EXISTS (SELECT 1 FROM send_jobs WHERE phone = ?1 AND claimed_at >= ?3 AND kind = 'campaign' AND superseded = 0)
          OR EXISTS (\(Self.formerly) AND j.claimed_at >= ?3 AND j.kind = 'campaign')
          """,
          [phone, contact, now.advanced(bySeconds: -(hours ?? 0) * 3600)]
        )
      case .tag:
        (
          "SELECT EXISTS (SELECT 1 FROM contact_tags WHERE contact_id = ? AND tag_id = \(Tag.id))",
          [contact, tag.map(Tag.folded)]
        )
      case .inCampaign:
        (
          """
          SELECT EXISTS (
            SELECT 1 FROM send_jobs WHERE phone = ?1 AND campaign_id = ?3 AND claimed_at IS NOT NULL AND superseded = 0)
          OR EXISTS (\(Self.formerly) AND j.campaign_id = ?3)
          """,
          [phone, contact, campaign]
        )
      }
    return try Bool.fetchOne(db.cachedStatement(sql: sql), arguments: arguments) ?? false
  }

  /// What went to the contact `?2` while it had another number.
  private static let formerly = """
    SELECT 1 FROM former_numbers f JOIN send_jobs j ON j.phone = f.phone AND j.claimed_at > f.since AND j.claimed_at <= f.until
    WHERE f.contact_id = ?2 AND j.superseded = 0
    """

  // MARK: Routes

  private static let kindField = Field<Kind>.choice(
    "kind", missing: "is required: texted_within, tag or in_campaign", about: "Who is left out.")
  private static let hoursField = Field<Int64>.int("hours", 1...8760, about: "For texted_within.", example: 24)
  private static let campaignField = Field<Int64>.int(
    "campaign_id", 1...Int64.max, about: "For in_campaign.", example: 3)

  static let routes: [Route<Runtime>] = [
    Route(
      .get, "suppression-rules", needs: .readCampaigns, about: "Rules that leave people out of campaigns", query: .page,
      answers: [.page(.suppressionRule)], list),
    Route(
      .post, "suppression-rules", needs: .editCampaigns, about: "Make a rule",
      body: .json([
        kindField, hoursField, Documented("tag", Shape.text(most: Tag.longest, example: "vip").orNull), campaignField,
      ]), answers: [.created(.suppressionRule)], create),
    Route(.delete, "suppression-rules/:id", needs: .editCampaigns, about: "Delete a rule", answers: [.none], delete),
  ]

  @Sendable private static func json(_ row: Row) -> JSON {
    [
      "id": row.int("id"), "kind": row.text("kind"), "hours": row.int("hours"), "tag": row.text("tag"),
      "campaign_id": row.int("campaign_id"), "created_at": row.moment("created_at"),
    ]
  }

  static func list(_ db: Database) throws -> [JSON] {
    try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM suppression_rules ORDER BY id LIMIT 500")).map(json)
  }

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    return try await call.subject.file.page(
      page, "SELECT * FROM suppression_rules WHERE id > ? ORDER BY id", [page.after], json)
  }

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let kind = fields.take(kindField)
    let hours = fields.take(hoursField)
    let tag = fields.tag("tag")
    let campaign = fields.take(campaignField)
    for (name, value, owner) in [
      ("hours", hours != nil, Kind.textedWithin), ("tag", !(tag ?? "").isEmpty, .tag),
      ("campaign_id", campaign != nil, .inCampaign),
    ] {
      if kind == owner, !value, fields.hasNoErrors(about: name) {
        fields.fail(name, "is required for \(owner.rawValue)")
      }
      if kind != owner, value { fields.fail(name, "belongs to \(owner.rawValue)") }
    }
    try fields.finish()
    guard let kind else { throw Refusal.invalid("kind", "is required") }
    let rule = SuppressionRule(kind: kind, hours: hours, tag: tag, campaign: campaign)
    return try await call.transact { change in try create(change, rule) }.response(status: .created)
  }

  @Sendable private static func delete(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "suppression rule")
    try await call.transact { change in try delete(change, id) }
    return Response(status: .noContent)
  }

  // MARK: Verbs

  private static func create(_ change: Transaction, _ rule: SuppressionRule) throws -> JSON {
    let db = change.db
    if let campaign = rule.campaign { _ = try Campaign.find(db, id: campaign) }
    try db.execute(
      sql:
        "INSERT INTO suppression_rules (kind, hours, tag, campaign_id, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [rule.kind.rawValue, rule.hours, rule.tag, rule.campaign, change.caller.name, change.now])
    let id = db.lastInsertedRowID
    try change.audit("suppression_rule.create", "suppression_rule:\(id)", after: rule.kind.rawValue)
    return try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM suppression_rules WHERE id = ?"), arguments: [id])
      .map(json) ?? .null
  }

  private static func delete(_ change: Transaction, _ id: Int64) throws {
    let kind = try String.fetchOne(
      change.db.cachedStatement(sql: "SELECT kind FROM suppression_rules WHERE id = ?"), arguments: [id])
    guard let kind else { throw Refusal.notFound("There is no such suppression rule.") }
    try change.db.execute(sql: "DELETE FROM suppression_rules WHERE id = ?", arguments: [id])
    try change.audit("suppression_rule.delete", "suppression_rule:\(id)", before: kind)
  }
}
