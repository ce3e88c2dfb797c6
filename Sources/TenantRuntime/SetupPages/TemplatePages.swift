import GRDB

/// Texts that campaigns begin with.
struct TemplateListPage: Page {
  static let template = "message-templates"

  struct Line: Sendable {
    let path: String
    let name: String
    let body: String
    let fields: String
    let changed: String
  }

  let title: String
  let templates: [Line]
  let hasTemplates: Bool
  let isEmpty: Bool
  let isFiltered: Bool
  let words: String
  let mayEdit: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (words, tenant) = (visit.words, visit.subject.lease.tenant)
    let search = visit.query("q").map { String($0.unicodeScalars.prefix(100).map(Character.init)) }
    let lines = try await visit.subject.file.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT * FROM message_templates WHERE ?1 IS NULL OR instr(lower(name || ' ' || body), lower(?1)) > 0
          ORDER BY name LIMIT \(SavedTemplate.most)
          """, arguments: [search]
      ).map { row in
        let template = SavedTemplate(row)
        return Line(
          path: "/t/\(tenant)/templates/\(template.id)", name: template.name,
          body: String(template.body.unicodeScalars.prefix(140).map(Character.init)),
          fields: template.fields.joined(separator: ", "), changed: words.short(template.updatedAt))
      }
    }
    return TemplateListPage(
      title: words("Templates"), templates: lines, hasTemplates: !lines.isEmpty,
      isEmpty: lines.isEmpty && search == nil, isFiltered: search != nil, words: search ?? "",
      mayEdit: visit.may(.editCampaigns))
  }
}

/// One of them, or the next one.
struct TemplatePage: Page {
  static let template = "message-template"
  let title: String
  let id: String?
  let etag: String?
  let name: String
  let body: String
  let changed: String?
  let fields: [String]
  let link: String?
  let mayEdit: Bool

  @Sendable static func new(_ visit: Visit<Runtime>) async throws -> any Page { try await make(visit, nil) }
  @Sendable static func edit(_ visit: Visit<Runtime>) async throws -> any Page {
    try await make(visit, try visit.id(of: "template"))
  }

  private static func make(_ visit: Visit<Runtime>, _ id: Int64?) async throws -> any Page {
    let (words, lease) = (visit.words, visit.subject.lease)
    return try await visit.subject.file.read { db in
      let kept = try id.map { try SavedTemplate.find(db, id: $0) }
      return TemplatePage(
        title: kept?.name ?? words("A new template"), id: kept.map { String($0.id) },
        etag: kept.map { EntityTag(of: $0.json.serialized.utf8).text }, name: visit.field("name", kept?.name),
        body: visit.field("body", kept?.body), changed: kept.map { words("Changed {0}", words.time($0.updatedAt)) },
        fields: ["first_name", "last_name", "email"] + (try ContactField.all(db).keys.sorted().prefix(40)),
        link: lease.linkHosts.first.map { "https://\($0)/x7Kp2Q9a" }, mayEdit: visit.may(.editCampaigns))
    }
  }
}
