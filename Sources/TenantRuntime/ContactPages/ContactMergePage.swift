import GRDB

/// Two records of one person: found, looked at side by side, made one.
struct ContactMergePage: Page {
  static let template = "contact-merge"

  struct Found: Sendable {
    let path: String
    let name: PersonName
    let phone: String
    let email: String?
  }

  struct Side: Sendable {
    let name: String
    let stays: String?
    let goes: String?
    let result: String
    /// What the one that stays lacks comes from the other.
    let isTaken: Bool
  }

  let title: String
  let id: String
  let kept: String
  let words: String
  let found: [Found]
  let hasFound: Bool
  let hasSearched: Bool
  let other: Found?
  let otherID: String?
  let sides: [Side]
  let turned: String?

  private static let shown = 10

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (call, words) = (visit.call, visit.words)
    let id = try visit.id(of: "contact")
    let otherID = visit.query("other").flatMap { Int64($0) }.flatMap { $0 == id ? nil : $0 }
    let hasSearched = visit.query("q") != nil
    let filter = hasSearched ? try ContactFilter(call) : nil
    if filter != nil { try await ContactSearch.indexSome(call.subject) }
    return try await call.subject.file.read { db in
      let row = try ContactJSON.find(db, id)
      let path = "\(visit.base)/contacts/\(id)/merge"
      func found(_ row: Row) -> Found {
        Found(
          path: "\(path)?other=\(row["id"] as Int64)", name: visit.person(row), phone: words.phone(row["phone"]),
          email: row["email"])
      }
      var rows: [Row] = []
      if let filter {
        let (sql, arguments) = try filter.statement(db, after: 0, limit: shown + 1, now: words.now)
        let taken = try Deadline.run(db, milliseconds: 1_000) { try Row.fetchAll(db, sql: sql, arguments: arguments) }
        rows = (taken ?? []).filter { $0["id"] as Int64 != id }
      }
      let other = try otherID.map { try ContactJSON.find(db, $0) }
      let kinds = try ContactField.all(db)
      return ContactMergePage(
        title: words("Merge {0} with another contact", visit.person(row).text), id: String(id),
        kept: visit.person(row).text, words: visit.query("q") ?? "", found: rows.prefix(shown).map(found),
        hasFound: !rows.isEmpty, hasSearched: hasSearched, other: other.map(found), otherID: otherID.map(String.init),
        sides: other.map { sides(row, $0, kinds, words) } ?? [],
        turned: otherID.map { "\(visit.base)/contacts/\($0)/merge?other=\(id)" })
    }
  }

  /// As `ContactMerge` does it: what is there stays, what is lacking comes over, tags and notes come together.
  private static func sides(_ row: Row, _ other: Row, _ kinds: [String: ContactField.Kind], _ words: Words) -> [Side] {
    var sides: [Side] = []
    func add(_ name: String, _ stays: String?, _ goes: String?, isJoined: Bool = false, isKept: Bool = false) {
      let (own, others) = (stays ?? "", goes ?? "")
      if own.isEmpty, others.isEmpty { return }
      let parts = [own, others].filter { !$0.isEmpty }
      let result = isJoined ? parts.joined(separator: ", ") : own.isEmpty && !isKept ? others : own
      sides.append(
        Side(
          name: name, stays: own.isEmpty ? nil : own, goes: others.isEmpty ? nil : others, result: result,
          isTaken: own.isEmpty && !others.isEmpty && !isKept))
    }
    add(words("Number"), words.phone(row["phone"]), words.phone(other["phone"]), isKept: true)
    for (name, column) in [
      (words("First name"), "first_name"), (words("Last name"), "last_name"), (words("E-mail"), "email"),
      (words("Time zone"), "time_zone"), (words("Language"), "language"),
    ] { add(name, row[column], other[column]) }
    func names(_ row: Row) -> [String] { row.document("tags").list?.compactMap(\.text) ?? [] }
    let joined = (names(row) + names(other)).reduce(into: [String]()) { all, tag in
      if !all.contains(where: { Tag.folded($0) == Tag.folded(tag) }) { all.append(tag) }
    }
    if !joined.isEmpty {
      sides.append(
        Side(
          name: words("Tags"), stays: names(row).joined(separator: ", "), goes: names(other).joined(separator: ", "),
          result: joined.joined(separator: ", "), isTaken: false))
    }
    add(words("Notes"), row["notes"], other["notes"], isJoined: true)
    let (own, others) = (ContactField.values(row["fields"]), ContactField.values(other["fields"]))
    for name in Set(own.keys).union(others.keys).sorted() {
      func said(_ value: String?) -> String? {
        kinds[name] == .boolean ? value.map { $0 == "true" ? words("Yes") : words("No") } : value
      }
      add(ContactPage.fieldName(name), said(own[name]), said(others[name]))
    }
    return sides
  }
}
