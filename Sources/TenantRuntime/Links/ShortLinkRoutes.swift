import GRDB
import Hummingbird

/// Every link of the tenant: those of campaigns' texts, which can be changed, and those of its own, which can be made, too.
enum ShortLinkRoutes {
  static let all: [Route<Runtime>] = [
    Route(
      .get, "links", needs: .readLinks, about: "Short links", query: .page + [QueryField("campaign", .id)],
      answers: [.page(.link)], list),
    Route(
      .post, "links", needs: .editLinks, about: "Make a short link",
      body: .json(.ofLink), answers: [.created(.link)],
      create),
    Route(.get, "links/:id", needs: .readLinks, about: "One short link", answers: [.ok(.link)], whole: whole) {
      call in try await call.answer(try whole(call))
    },
    Route(
      .patch, "links/:id", needs: .editLinks, about: "Change where a link leads, or how it looks",
      body: .json(.ofLinkEdit), answers: [.ok(.link)], whole: whole, edit),
    Route(.delete, "links/:id", needs: .editLinks, about: "Disable a link", answers: [.none], whole: whole, disable),
    Route(
      .get, "links/:id/history", needs: .readLinks, about: "What a link was before each change", query: .page,
      answers: [.page(.linkChange)], history),
  ]

  // MARK: Read

  /// `campaign=ID` for those of one campaign.
  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    let lease = call.subject.lease
    let json: @Sendable (Row) -> JSON = { ShortLink($0).json(lease) }
    guard let text = call.query("campaign") else {
      return try await call.subject.file.page(
        page, "SELECT l.*, \(ShortLink.variantName) FROM short_links l WHERE l.id > ? ORDER BY l.id", [page.after], json
      )
    }
    guard let campaign = Int64(text), campaign > 0 else {
      throw Refusal.invalid("campaign", "must be the id of a campaign")
    }
    return try await call.subject.file.page(
      page,
      "SELECT l.*, \(ShortLink.variantName) FROM short_links l WHERE l.campaign_id = ? AND l.id > ? ORDER BY l.id",
      [campaign, page.after], json)
  }

  @Sendable private static func whole(_ call: Call<Runtime>) throws -> (@Sendable (Database) throws -> JSON) {
    let (id, lease) = (try call.id(of: "link"), call.subject.lease)
    return { db in try ShortLink.find(db, id: id).json(lease) }
  }

  /// What it was before each change, oldest first.
  @Sendable private static func history(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "link")
    let page = try PageRequest(call)
    _ = try await call.subject.file.read { db in try ShortLink.find(db, id: id) }
    return try await call.subject.file.page(
      page, "SELECT * FROM short_link_changes WHERE short_link_id = ? AND id > ? ORDER BY id", [id, page.after]
    ) { row in
      [
        "id": row.int("id"), "at": row.moment("at"), "actor": row.text("actor"), "before": row.document("before"),
        "after": row.document("after"),
      ]
    }
  }

  // MARK: Write

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    let draft = try await draft(call, try await call.fields(), call.subject.dependencies.now())
    guard !call.subject.lease.linkHosts.isEmpty else {
      throw Refusal.conflict("This tenant has no verified link host yet: add one with POST hosts and verify it.")
    }
    return try await call.answer(.created) { change in try ShortLink.create(change, draft).json(change.lease) }
  }

  private static func draft(_ call: Call<Runtime>, _ given: Fields, _ now: Moment) async throws -> ShortLink.Draft {
    var fields = given
    let settings = try await call.subject.file.read { db in try TenantSettings.read(db).links }
    let target = target(&fields, settings, own: call.subject.lease.linkHosts)
    if target == nil, !fields.has("target") { fields.fail("target", "is required: where it leads") }
    if target?.hasFields == true { fields.fail("target", ShortLink.hasFields) }
    let slug = slug(&fields)
    let name = name(&fields)
    let preview = LinkPreview.read(&fields)
    let expiresAt = fields.moment("expires_at")
    if let expiresAt, expiresAt <= now { fields.fail("expires_at", "is in the past") }
    try fields.finish()
    guard let target else { throw Refusal.invalid("target", "is required") }
    return ShortLink.Draft(target: target, slug: slug, name: name, preview: preview, expiresAt: expiresAt)
  }

  private static func target(_ fields: inout Fields, _ settings: LinkSettings, own: [String]) -> LinkTarget? {
    guard let text = fields.text("target", most: LinkTarget.longest) else { return nil }
    do {
      let target = try LinkTarget(text)
      if let problem = settings.problem(with: target, own: own) { fields.fail("target", problem) }
      return target
    } catch {
      fields.fail("target", error.message)
      return nil
    }
  }

  private static func slug(_ fields: inout Fields) -> Slug? {
    guard let text = fields.text("slug", most: 200) else { return nil }
    guard let slug = Slug(text[...]) else {
      fields.fail(
        "slug", "must have \(Slug.lengths.lowerBound) to \(Slug.lengths.upperBound) letters a to z, digits, - or _")
      return nil
    }
    if slug.isReserved { fields.fail("slug", "is a reserved word") }
    return slug
  }

  private static func name(_ fields: inout Fields) -> String? {
    fields.name("name", most: 200)
  }

  @Sendable private static func edit(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "link")
    var fields = try await call.fields()
    let (settings, known) = try await call.subject.file.read { db in
      (try TenantSettings.read(db).links, Set(try ContactField.all(db).keys))
    }
    var edit = ShortLink.Edit()
    edit.target = target(&fields, settings, own: call.subject.lease.linkHosts)
    if fields.has("target"), edit.target == nil, fields.hasNoErrors(about: "target") {
      fields.fail("target", "cannot be taken away; disable the link instead")
    }
    if let unknown = edit.target?.unknown(known) { fields.fail("target", unknown) }
    if fields.has("slug") {
      _ = fields.value("slug")
      fields.fail("slug", "stays as it is: it may be printed somewhere; make another link")
    }
    if fields.has("name") { edit.name = .some(name(&fields)) }
    if fields.has("og") { edit.preview = .some(LinkPreview.read(&fields)) }
    if fields.has("expires_at") { edit.expiresAt = .some(fields.moment("expires_at")) }
    edit.isEnabled = fields.bool("enabled")
    try fields.finish()
    return try await call.transact { [edit] change in
      try ShortLink.edit(change, id, edit).json(change.lease)
    }.response()
  }

  @Sendable private static func disable(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "link")
    try await call.transact { change in try ShortLink.disable(change, id) }
    return Response(status: .noContent)
  }
}

extension ShortLink {
  static let hasFields = "has merge fields, but no text leads here: anybody opens a link of its own"
}

extension LinkTarget {
  /// A field that no contact has.
  func unknown(_ known: Set<String>) -> String? {
    fields.lazy.compactMap { MergeField.problem($0.name, known: known) }.first
  }
}
