package import GRDB

/// What a token leads to, as the file says now.
package enum LinkResolution: Sendable, Equatable {
  case open(OpenLink)
  /// There is a link, but it has expired or is disabled.
  case closed
  case unknown
}

package struct OpenLink: Sendable, Equatable {
  package var target: String
  package var preview: LinkPreview?
  package var expiresAt: Moment?
  /// Made from a contact's data: true of this moment only.
  package var isPersonal: Bool

  package init(target: String, preview: LinkPreview? = nil, expiresAt: Moment? = nil, isPersonal: Bool) {
    self.target = target
    self.preview = preview
    self.expiresAt = expiresAt
    self.isPersonal = isPersonal
  }
}

extension LinkResolution {
  /// As nodes write it to each other.
  package var shared: JSON {
    switch self {
    case .unknown: .null
    case .closed: ["closed": .bool(true)]
    case .open(let link):
      [
        "target": .text(link.target), "preview": link.preview?.json ?? .null,
        "expires_at": link.expiresAt.map { .int($0.milliseconds) } ?? .null,
      ]
    }
  }

  package init?(shared json: JSON) {
    if json["closed"]?.bool == true {
      self = .closed
    } else if let target = json["target"]?.text {
      self = .open(
        OpenLink(
          target: target, preview: json["preview"].flatMap(LinkPreview.init(stored:)),
          expiresAt: json["expires_at"]?.int.map(Moment.init(milliseconds:)), isPersonal: false))
    } else {
      return nil
    }
  }
}

extension ShortLink {
  package static func resolve(_ db: Database, _ token: LinkToken, at: Moment) throws -> LinkResolution {
    guard let row = try row(db, token) else { return .unknown }
    let link = ShortLink(row)
    guard link.isEnabled, link.expiresAt.map({ at < $0 }) ?? true else { return .closed }
    guard let target = try? LinkTarget(link.target) else { return .closed }
    var address = target.filled(target.hasFields ? try values(db, row) : { _ in nil })
    if let utm = try UTM.read(db) {
      let tagged = utm.added(to: address, campaign: row["campaign_name"], variant: row["variant_name"])
      if tagged.utf8.count <= LinkTarget.mostBytes { address = tagged }
    }
    return .open(
      OpenLink(target: address, preview: link.preview, expiresAt: link.expiresAt, isPersonal: target.hasFields))
  }

  private static func row(_ db: Database, _ token: LinkToken) throws -> Row? {
    switch token {
    case .link(let job, let number):
      try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT l.*, c.name AS campaign_name, \(variantName), j.phone, j.contact_id FROM send_jobs j
            JOIN short_links l ON l.campaign_id = ifnull(j.campaign_id, j.test_of) AND l.number = ?
            JOIN campaigns c ON c.id = l.campaign_id WHERE j.id = ? AND j.claimed_at IS NOT NULL
            """), arguments: [number, job])
    case .own(let code):
      try Row.fetchOne(
        db.cachedStatement(
          sql: "SELECT l.*, NULL AS campaign_name, NULL AS variant_name FROM short_links l WHERE l.code = ?"),
        arguments: [code])
    case .page: nil
    }
  }

  /// What the person whom the text went to is called now; nobody's, once they are gone.
  private static func values(_ db: Database, _ row: Row) throws -> (String) -> String? {
    let phone: PhoneNumber = row["phone"]
    let contact = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM contacts WHERE id = ? OR phone = ? ORDER BY id = ? DESC LIMIT 1"),
      arguments: [row["contact_id"] as Int64?, phone, row["contact_id"] as Int64?])
    guard let contact else { return { _ in nil } }
    return MergeField.values(of: contact, phone: contact["phone"])
  }
}

extension Runtime {
  /// Publishes to the router which slugs there are and how the tenant's pages look.
  package func publishLinks() async throws {
    let (slugs, page) = try await file.read { db in
      let rows = try Row.fetchAll(
        db, sql: "SELECT slug, code FROM short_links WHERE slug IS NOT NULL LIMIT \(LinkCacheState.mostSlugs)")
      return (
        Dictionary(rows.map { ($0["slug"] as String, $0["code"] as Int64) }) { first, _ in first },
        try TenantSettings.read(db).links.page
      )
    }
    links.fill(slugs: slugs, page: page)
  }
}
