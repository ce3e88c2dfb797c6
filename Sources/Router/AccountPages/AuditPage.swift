import TenantRuntime

/// Who changed what, the newest first: a tenant's log, and the platform's.
struct AuditPage: Page {
  static let template = "audit"

  struct Entry: Sendable {
    let when: String
    let actor: String
    let action: String
    let subject: String
    let change: String?
    let address: String
  }

  let title: String
  let entries: [Entry]
  let hasEntries: Bool
  let actor: String
  let action: String
  let subject: String
  let since: String
  let until: String
  let at: String
  let csv: String
  let next: String?
  let isFiltered: Bool

  private static let filters = ["actor", "action", "subject", "since", "until"]

  static func make<Subject>(
    _ visit: Visit<Subject>, at path: String, csv: String, _ read: (String) async throws -> JSON
  ) async throws -> any Page {
    let words = visit.words
    var given = visit.call.request.queryForm.filter { filters.contains($0.name) && !$0.value.isEmpty }
    // Days, as native fields say them, are whole ones of UTC.
    given = given.map { name, value in
      (
        name,
        ["since", "until"].contains(name) && value.utf8.count == 10
          ? value + (name == "since" ? "T00:00:00Z" : "T23:59:59Z") : value
      )
    }
    let cursor = visit.query("cursor").map { [(name: "cursor", value: $0)] } ?? []
    let answer = try await read(FormBody.encoded([(name: "limit", value: "50")] + given + cursor))
    let entries = answer.rows.map { row in
      let sides = [row["before"]?.text, row["after"]?.text]
      return Entry(
        when: row.moment("at").map(words.time) ?? "", actor: row.text("actor"), action: row.text("action"),
        subject: row.text("subject"),
        change: sides.allSatisfy { $0 == nil } ? nil : "\(cut(sides[0]) ?? "–") → \(cut(sides[1]) ?? "–")",
        address: row.text("address"))
    }
    func of(_ name: String) -> String { visit.query(name) ?? "" }
    let filter = FormBody.encoded(given)
    return AuditPage(
      title: words("Audit log"), entries: entries, hasEntries: !entries.isEmpty, actor: of("actor"),
      action: of("action"),
      subject: of("subject"), since: of("since"), until: of("until"), at: path,
      csv: csv + (filter.isEmpty ? "" : "?" + filter),
      next: answer["next_cursor"]?.text.map { path + "?" + FormBody.encoded(given + [(name: "cursor", value: $0)]) },
      isFiltered: !given.isEmpty)
  }

  private static func cut(_ text: String?) -> String? { text.map { $0.count > 160 ? $0.prefix(160) + "…" : $0 } }
}
