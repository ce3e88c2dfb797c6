import GRDB

/// What people do to a link of their own. Each is one transaction with its audit row.
extension ShortLink {
  static func create(_ change: Transaction, _ draft: Draft) throws -> ShortLink {
    let link = try create(
      change.db, draft, keys: change.lease.linkKeys, actor: change.caller.name, at: change.now, &change.effects)
    try change.audit("link.create", "link:\(link.id)", after: link.json(change.lease).serialized)
    return link
  }

  static func edit(_ change: Transaction, _ id: Int64, _ edit: Edit) throws -> ShortLink {
    try editing(change, id, edit, "link.edit")
  }

  /// It leads nowhere from now on. The row stays for its hits, and its slug is not given again.
  static func disable(_ change: Transaction, _ id: Int64) throws {
    _ = try editing(change, id, Edit(isEnabled: false), "link.disable")
  }

  private static func editing(_ change: Transaction, _ id: Int64, _ edit: Edit, _ action: String) throws -> ShortLink {
    let before = try find(change.db, id: id)
    let after = try before.edit(change.db, edit, actor: change.caller.name, at: change.now, &change.effects)
    try change.audit(
      action, "link:\(id)", before: before.json(change.lease).serialized, after: after.json(change.lease).serialized)
    return after
  }

  /// `url` is null for a link of a campaign: each text has its own.
  func json(_ lease: Lease) -> JSON {
    let path = slug ?? code.map { LinkToken.own(code: $0).text(key: lease.linkKeys.newest) }
    let url = path.flatMap { path in lease.linkHosts.first.map { "https://\($0)/\(path)" } }
    return [
      "id": .int(id), "url": .optional(url), "slug": .optional(slug), "name": .optional(name), "target": .text(target),
      "campaign_id": .optional(campaignID), "number": .optional(number), "variant": .optional(variant),
      "enabled": .bool(isEnabled),
      "expires_at": .moment(expiresAt), "og": preview?.json ?? .null, "created_by": .text(createdBy),
      "created_at": .moment(createdAt), "updated_at": .moment(updatedAt),
    ]
  }
}
