import GRDB

/// What a campaign's text, or that of each of its variants, must keep to.
struct BodyRules: Sendable {
  static let longest = 1600

  /// Names of the tenant's own contact fields.
  var fields: Set<String>
  var links: LinkSettings
  /// The tenant's own link hosts.
  var hosts: [String]

  static func read(_ db: Database, _ lease: Lease) throws -> BodyRules {
    BodyRules(
      fields: Set(try ContactField.all(db).keys), links: try TenantSettings.read(db).links,
      hosts: lease.linkHosts)
  }

  /// What is wrong with a text; nil: nothing.
  func problem(_ body: String) -> String? {
    if let problem = MessageTemplate.problem(body, known: fields) { return problem }
    guard let template = try? MessageTemplate(body) else { return nil }
    if let problem = template.targets.lazy.compactMap({ links.problem(with: $0, own: hosts) }).first { return problem }
    if hosts.isEmpty, template.hasUnsubscribeLink {
      return "has {{unsubscribe_link}}, but this tenant has no link host yet; add one first"
    }
    return nil
  }
}

extension Fields {
  /// A text that is to be sent, cleaned of what nobody sees; what is left may be blank.
  mutating func body(_ name: String, most: Int = BodyRules.longest) -> String? {
    text(name, most: most).map(TextCleaner.body)
  }

  mutating func requiredBody(_ name: String, most: Int = BodyRules.longest) -> String {
    let body = TextCleaner.body(requiredText(name, most: most))
    if body.trimmed.isEmpty, hasNoErrors(about: name) { fail(name, "is required") }
    return body
  }
}
