package import GRDB

/// A short link: one of a campaign's text, or one of its own (a poster's code, a profile) with a slug or a made token.
///
///     open ⇄ disabled        and from its `expires_at` on it is closed, whatever else
///
/// It is never deleted, but for those of a draft whose text changes (CampaignLinks): its hits name it, and its slug and code are not given
/// to another. Verbs: `create`, `edit`, `resolve` (ShortLinkResolution).
package struct ShortLink: Sendable {
  var id: Int64
  var campaignID: Int64?
  var number: Int64?
  /// The name of the campaign's variant in whose text it is.
  var variant: String?
  var code: Int64?
  var slug: String?
  var name: String?
  var target: String
  var preview: LinkPreview?
  var isEnabled: Bool
  var expiresAt: Moment?
  var createdBy: String
  var createdAt: Moment
  var updatedAt: Moment

  init(_ row: Row) {
    id = row["id"]
    campaignID = row["campaign_id"]
    number = row["number"]
    variant = row["variant_name"]
    code = row["code"]
    slug = row["slug"]
    name = row["name"]
    target = row["target"]
    preview = (row["preview"] as String?).flatMap { try? JSON(parsing: $0) }.flatMap(LinkPreview.init(stored:))
    isEnabled = row["enabled"]
    expiresAt = row["expires_at"]
    createdBy = row["created_by"]
    createdAt = row["created_at"]
    updatedAt = row["updated_at"]
  }

  static func find(_ db: Database, id: Int64) throws -> ShortLink {
    guard
      let row = try Row.fetchOne(
        db, sql: "SELECT l.*, \(variantName) FROM short_links l WHERE l.id = ?", arguments: [id])
    else {
      throw Refusal.notFound("There is no such link.")
    }
    return ShortLink(row)
  }

  /// Campaigns with links that are to be texted yet.
  package static func campaignsUnderWay(_ db: Database) throws -> Int {
    try Int.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT count(*) FROM campaigns c WHERE state IN ('scheduled', 'starting', 'running', 'paused')
          AND EXISTS (SELECT 1 FROM short_links WHERE campaign_id = c.id)
          """)) ?? 0
  }
}

// MARK: Verbs

extension ShortLink {
  struct Draft: Sendable {
    var target: LinkTarget
    var slug: Slug?
    var name: String?
    var preview: LinkPreview?
    var expiresAt: Moment?
  }

  /// Links of its own that a tenant may have.
  static let most = 50_000

  static func create(
    _ db: Database, _ draft: Draft, keys: LinkKeys, actor: String, at: Moment, _ effects: inout Effects
  ) throws -> ShortLink {
    try refuseTooMany(db)
    if let slug = draft.slug { try check(db, slug, keys) }
    let code = try freshCode(db)
    try db.execute(
      sql: """
        INSERT INTO short_links (code, slug, name, target, preview, expires_at, created_by, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        code, draft.slug?.text, draft.name, draft.target.written, draft.preview?.json.serialized, draft.expiresAt,
        actor, at, at,
      ])
    if let slug = draft.slug { effects.newSlugs[slug.text] = code }
    return try find(db, id: db.lastInsertedRowID)
  }

  struct Edit: Sendable {
    var target: LinkTarget?
    var name: String??
    var preview: LinkPreview??
    var expiresAt: Moment??
    var isEnabled: Bool?
  }

  /// Changes it from the next request on, also for texts that are out; what it was before is kept.
  func edit(_ db: Database, _ edit: Edit, actor: String, at: Moment, _ effects: inout Effects) throws -> ShortLink {
    if campaignID == nil, edit.target?.hasFields == true { throw Refusal.invalid("target", Self.hasFields) }
    var after = self
    if let target = edit.target { after.target = target.written }
    if let name = edit.name { after.name = name }
    if let preview = edit.preview { after.preview = preview }
    if let expiresAt = edit.expiresAt { after.expiresAt = expiresAt }
    if let isEnabled = edit.isEnabled { after.isEnabled = isEnabled }
    let (was, now) = Self.difference(self, after)
    guard !now.isEmpty else { return self }
    try db.execute(
      sql: """
        UPDATE short_links SET target = ?, name = ?, preview = ?, expires_at = ?, enabled = ?, updated_at = ? WHERE id = ?
        """,
      arguments: [
        after.target, after.name, after.preview?.json.serialized, after.expiresAt, after.isEnabled, at, id,
      ])
    try db.execute(
      sql: "INSERT INTO short_link_changes (short_link_id, at, actor, before, after) VALUES (?, ?, ?, ?, ?)",
      arguments: [id, at, actor, JSON.object(was).serialized, JSON.object(now).serialized])
    effects.linksChanged = true
    return try Self.find(db, id: id)
  }

  /// What differs, before and after.
  private static func difference(
    _ before: ShortLink, _ after: ShortLink
  ) -> (before: [(String, JSON)], after: [(String, JSON)]) {
    let pairs = zip(before.changeable, after.changeable).filter { $0.1 != $1.1 }
    return (pairs.map(\.0), pairs.map(\.1))
  }

  private var changeable: [(String, JSON)] {
    [
      ("target", .text(target)), ("name", .optional(name)), ("og", preview?.json ?? .null),
      ("expires_at", .moment(expiresAt)), ("enabled", .bool(isEnabled)),
    ]
  }

  private static func refuseTooMany(_ db: Database) throws {
    let count =
      try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM short_links WHERE code IS NOT NULL")) ?? 0
    guard count < most else { throw Refusal.conflict("There are \(most) links already.") }
  }

  private static func check(_ db: Database, _ slug: Slug, _ keys: LinkKeys) throws {
    if slug.isReserved { throw Refusal.invalid("slug", "is a reserved word") }
    if try isTaken(db, "slug = ?", [slug.text]) {
      throw Refusal.conflict("A link has the slug \(slug.text), or had it: a slug is not given twice.")
    }
    let count =
      try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM short_links WHERE slug IS NOT NULL")) ?? 0
    guard count < LinkCacheState.mostSlugs else {
      throw Refusal.conflict("There are \(LinkCacheState.mostSlugs) links with a slug already; leave it out.")
    }
    for token in slug.spellings.compactMap({ LinkToken(path: $0[...], keys: keys) }) where try names(db, token) {
      throw Refusal.invalid("slug", "is spelled like the token of a link that exists; choose another")
    }
  }

  private static func names(_ db: Database, _ token: LinkToken) throws -> Bool {
    switch token {
    case .link(let job, _), .page(let job): try SendJob.find(db, id: job) != nil
    case .own(let code): try isTaken(db, "code = ?", [code])
    }
  }

  private static func freshCode(_ db: Database) throws -> Int64 {
    for _ in 0..<100 {
      let code = Int64.random(in: 0...LinkToken.highestID)
      if try !isTaken(db, "code = ?", [code]) { return code }
    }
    throw Refusal.unavailable("No free code was found; try again.")
  }

  private static func isTaken(_ db: Database, _ condition: String, _ value: StatementArguments) throws -> Bool {
    try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM short_links WHERE \(condition))", arguments: value)
      ?? false
  }
}
