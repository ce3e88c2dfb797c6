import GRDB

/// Short links, the newest first: those of campaigns' texts and those of their own.
struct LinkListPage: Page {
  static let template = "links"

  struct Line: Sendable {
    let path: String
    let name: String
    let detail: String
    let target: String
    let people: String
    let clicks: String
    let bots: String
    let state: SetupSignal
    let until: String?
    let made: String
  }

  let title: String
  let links: [Line]
  let hasLinks: Bool
  let isEmpty: Bool
  let isFiltered: Bool
  let words: String
  let kinds: [Choice]
  let pager: Pager?
  let mayEdit: Bool
  let lacksHost: Bool

  private static let mostMilliseconds = 1_000

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (words, lease) = (visit.words, visit.subject.lease)
    let page = try PageRequest(visit.call, shown: 50)
    let search = visit.query("q").map { String($0.unicodeScalars.prefix(100).map(Character.init)) }
    let kind = visit.query("of").flatMap { ["own", "campaigns"].contains($0) ? $0 : nil }
    return try await visit.subject.file.read { db in
      func sum(_ column: String) -> String {
        "(SELECT ifnull(sum(\(column)), 0) FROM link_figures f WHERE f.short_link_id = l.id)"
      }
      let sql = """
        SELECT l.*, \(ShortLink.variantName), c.name AS campaign_name, \(sum("human")) AS human, \(sum("bot")) AS bot,
        \(sum("first_people")) AS people FROM short_links l LEFT JOIN campaigns c ON c.id = l.campaign_id
        WHERE l.id < ?1 AND (?2 IS NULL OR (?2 = 'own') = (l.campaign_id IS NULL)) AND (?3 IS NULL
          OR instr(lower(ifnull(l.name, '') || ' ' || ifnull(l.slug, '') || ' ' || l.target || ' ' || ifnull(c.name, '')), lower(?3)) > 0)
        ORDER BY l.id DESC LIMIT \(page.limit + 1)
        """
      let found = try Deadline.run(db, milliseconds: mostMilliseconds) {
        try Row.fetchAll(db, sql: sql, arguments: [page.isFirst ? Int64.max : page.after, kind, search])
      }
      guard let rows = found else { throw Refusal.invalid("q", "takes too long to find; ask for less") }
      let lines = rows.prefix(page.limit).map { line($0, lease, words) }
      let isFiltered = kind != nil || search != nil
      return LinkListPage(
        title: words("Links"), links: lines, hasLinks: !lines.isEmpty,
        isEmpty: lines.isEmpty && !isFiltered && page.isFirst, isFiltered: isFiltered, words: search ?? "",
        kinds: [("own", words("Made by hand")), ("campaigns", words("Of campaigns"))].map {
          Choice($0.0, $0.1, chosen: kind)
        }, pager: Pager(visit, next: page.next(after: rows.map { $0["id"] })), mayEdit: visit.may(.editLinks),
        lacksHost: lease.linkHosts.isEmpty)
    }
  }

  private static func line(_ row: Row, _ lease: Lease, _ words: Words) -> Line {
    let link = ShortLink(row)
    let campaign: String? = row["campaign_name"]
    return Line(
      path: "/t/\(lease.tenant)/links/\(link.id)", name: link.shownName(campaign),
      detail: campaign.map { words("in “{0}”", $0) + (link.variant.map { " · \($0)" } ?? "") }
        ?? link.address(lease) ?? "",
      target: link.target, people: words.number(row["people"]), clicks: words.number(row["human"]),
      bots: words.number(row["bot"]), state: link.signal(words), until: link.until(words),
      made: words.short(link.createdAt))
  }
}

/// A link of its own: for a poster, a profile, a mail.
struct LinkNewPage: Page {
  static let template = "link-new"
  let title: String
  let fields: LinkFields
  let slug: String
  let host: String
  let lacksHost: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let hosts = visit.subject.lease.linkHosts
    return LinkNewPage(
      title: visit.words("A new link"), fields: LinkFields(visit, nil), slug: visit.field("slug", nil),
      host: hosts.first.map { $0 + "/" } ?? "", lacksHost: hosts.isEmpty)
  }
}

/// What both forms of a link have.
struct LinkFields: Sendable {
  let target: String
  let name: String
  let expires: String
  let place: String
  let looks: [Choice]
  let ogTitle: String
  let ogDescription: String
  let ogImage: String

  init(_ visit: Visit<Runtime>, _ link: ShortLink?) {
    let words = visit.words
    target = visit.field("target", link?.target)
    name = visit.field("name", link?.name)
    expires = visit.field("expires_at", words.field(link?.expiresAt))
    place = words.place
    let look = visit.field("_og", link?.preview == nil ? "none" : "own")
    looks = [("none", words("what its page says of itself")), ("own", words("these words of yours"))].map {
      Choice($0.0, $0.1, chosen: look)
    }
    ogTitle = visit.field("og.title:if=_og=own", link?.preview?.title)
    ogDescription = visit.field("og.description:if=_og=own", link?.preview?.description)
    ogImage = visit.field("og.image_url:if=_og=own", link?.preview?.imageURL)
  }
}

extension ShortLink {
  func shownName(_ campaign: String?) -> String {
    name ?? slug ?? campaign.flatMap { _ in LinkName.host(of: target) } ?? LinkName.host(of: target) ?? "#\(id)"
  }

  /// Without the scheme; nil: each text of a campaign has its own.
  func address(_ lease: Lease) -> String? { json(lease)["url"]?.text.map { $0.replacing("https://", with: "") } }

  func signal(_ words: Words) -> SetupSignal {
    if !isEnabled { return SetupSignal("stop", words("Disabled")) }
    if let expiresAt, expiresAt <= words.now { return SetupSignal("wait", words("Expired")) }
    return SetupSignal("go", words("Open"))
  }

  func until(_ words: Words) -> String? {
    guard let expiresAt, isEnabled else { return nil }
    return expiresAt <= words.now
      ? words("since {0}", words.short(expiresAt)) : words("until {0}", words.time(expiresAt))
  }
}

private enum LinkName {
  static func host(of target: String) -> String? { (try? LinkTarget(target))?.host }
}
