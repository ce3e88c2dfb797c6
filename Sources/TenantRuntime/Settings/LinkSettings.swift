/// What a tenant decides about its short links.
package struct LinkSettings: Sendable, Equatable {
  /// Where links may lead; nil: anywhere. `*.shop.test` stands for every host below `shop.test`.
  var targetHosts: [String]?
  var utm: UTM?
  package var page = LinkPage()

  private static let mostHosts = 100

  mutating func take(_ fields: inout Fields) throws {
    if fields.has("link_target_hosts") { targetHosts = Self.hosts(&fields) }
    if fields.has("utm") { utm = Self.utm(&fields) }
    if fields.has("link_page") { page = Self.page(&fields) }
  }

  var members: [(String, JSON)] {
    [
      ("link_target_hosts", targetHosts.map { .list($0.map { .text($0) }) } ?? .null),
      (
        "utm",
        utm.map {
          [
            "source": .optional($0.source), "medium": .optional($0.medium), "campaign": .bool($0.campaign),
            "content": .bool($0.content),
          ]
        } ?? .null
      ),
      (
        "link_page",
        page == LinkPage()
          ? .null : ["name": .optional(page.name), "color": .optional(page.color), "text": .optional(page.text)]
      ),
    ]
  }

  /// Why a target is refused; nil: it is not.
  /// - Parameter own: the tenant's link hosts: a short link that leads to a short link may lead to itself, and hides where it leads.
  func problem(with target: LinkTarget, own: [String]) -> String? {
    if own.contains(target.host) {
      return "leads to \(target.host), a link host of this tenant; write the address where that link leads"
    }
    guard let targetHosts, !targetHosts.contains(where: { Self.covers($0, target.host) }) else { return nil }
    return "leads to \(target.host), which is not among this tenant's link_target_hosts"
  }

  private static func covers(_ pattern: String, _ host: String) -> Bool {
    pattern.hasPrefix("*.") ? host.hasSuffix(pattern.dropFirst()) : host == pattern
  }

  private static func hosts(_ fields: inout Fields) -> [String]? {
    guard let list = fields.list("link_target_hosts", most: mostHosts) else { return nil }
    let hosts = list.compactMap { $0.text?.lowercased() }.filter {
      $0.utf8.count <= 253
        && $0.wholeMatch(of: /(\*\.)?([a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?/)
          != nil
    }
    if hosts.count != list.count {
      fields.fail("link_target_hosts", "must be host names like shop.test or *.shop.test")
    }
    return hosts
  }

  private static func utm(_ fields: inout Fields) -> UTM? {
    guard var inner = fields.object("utm") else { return nil }
    defer { fields.absorb(inner) }
    return UTM(&inner)
  }

  private static func page(_ fields: inout Fields) -> LinkPage {
    guard var inner = fields.object("link_page") else { return LinkPage() }
    defer { fields.absorb(inner) }
    let page = LinkPage(
      name: inner.name("name", most: 100), color: inner.text("color", most: 7),
      text: inner.text("text", most: 500)?.trimmed)
    if let color = page.color, color.wholeMatch(of: /#[0-9A-Fa-f]{6}/) == nil {
      inner.fail("color", "must be a colour like #1a73e8")
    }
    return page
  }
}

/// The look of the page that stands where a link leads nowhere. What is nil is the product's own.
package struct LinkPage: Sendable, Equatable {
  package var name: String?
  /// `#rrggbb`.
  package var color: String?
  package var text: String?

  package init(name: String? = nil, color: String? = nil, text: String? = nil) {
    self.name = name
    self.color = color
    self.text = text
  }
}
