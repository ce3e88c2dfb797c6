import GRDB

/// The index of words behind `GET contacts?q=`: names, numbers, e-mail, custom fields.
///
/// - A worker keeps it up in slices, so that an import of a million people need not; ids above the mark and ids in
///   `contact_search_stale` are what is missing.
/// - A search first brings the index up to date by one slice, so that what was just typed in is found; while a large import is
///   still being indexed, the answer says so.
/// - Numbers are found by their beginning: with country code, without, from the local part on, and by the last four digits.
enum ContactSearch {
  private static let slice = 2_000
  static let mostWords = 8

  /// For a search that has come first: what one slice finds is found.
  static func indexSome(_ runtime: Runtime) async throws {
    _ = try await runtime.transact(.worker("search"), durability: .replayable) { change in try indexSome(change.db) }
  }

  /// Indexes one slice. True while more is missing.
  static func indexSome(_ db: Database) throws -> Bool {
    let stale = try Int64.fetchAll(
      db, sql: "SELECT contact_id FROM contact_search_stale ORDER BY contact_id LIMIT \(slice)")
    for id in stale {
      try db.cachedStatement(sql: "DELETE FROM contact_search WHERE rowid = ?").execute(arguments: [id])
      if let row = try Row.fetchOne(db.cachedStatement(sql: "\(select) WHERE id = ?"), arguments: [id]) {
        try insert(db, row)
      }
    }
    if let last = stale.last {
      try db.execute(sql: "DELETE FROM contact_search_stale WHERE contact_id <= ?", arguments: [last])
      return true
    }
    let mark = try Int64.fetchOne(db.cachedStatement(sql: "SELECT indexed_up_to FROM contact_search_mark")) ?? 0
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: "\(select) WHERE id > ? ORDER BY id LIMIT \(slice)"), arguments: [mark])
    var last: Int64?
    while let row = try rows.next() {
      try insert(db, row)
      last = row["id"]
    }
    guard let last else { return try cleanSome(db) }
    try db.execute(sql: "UPDATE contact_search_mark SET indexed_up_to = ?", arguments: [last])
    return true
  }

  /// A deleted row's words stay in the index until its parts are merged; an erasure wants them gone.
  static func askCleaning(_ db: Database) throws { try db.execute(sql: "UPDATE contact_search_mark SET cleaning = 1") }

  /// Merges some pages (fts5, 'merge' with a negative amount: all into one, as `optimize` would, but a little at a time).
  private static func cleanSome(_ db: Database) throws -> Bool {
    guard let step = try Int.fetchOne(db.cachedStatement(sql: "SELECT cleaning FROM contact_search_mark")), step > 0
    else {
      return false
    }
    let before = try Int.fetchOne(db.cachedStatement(sql: "SELECT total_changes()")) ?? 0
    try db.execute(
      sql: "INSERT INTO contact_search (contact_search, rank) VALUES ('merge', ?)", arguments: [step == 1 ? -500 : 500])
    let after = try Int.fetchOne(db.cachedStatement(sql: "SELECT total_changes()")) ?? 0
    // Documented: a difference below two says that there was nothing left to do.
    try db.execute(sql: "UPDATE contact_search_mark SET cleaning = ?", arguments: [after - before < 2 ? 0 : 2])
    return true
  }

  /// How many contacts are not in the index yet.
  static func missing(_ db: Database) throws -> Int64 {
    let highest = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(id) FROM contacts")) ?? 0
    let mark = try Int64.fetchOne(db.cachedStatement(sql: "SELECT indexed_up_to FROM contact_search_mark")) ?? 0
    let stale =
      try Int64.fetchOne(
        db.cachedStatement(sql: "SELECT count(*) FROM (SELECT 1 FROM contact_search_stale LIMIT 10000)")) ?? 0
    return max(0, highest - mark) + stale
  }

  /// An FTS5 expression of what a person typed: every word must begin a word of the contact. Nil when there is no word in it.
  static func expression(_ typed: String) -> String? {
    let terms = words(typed: typed).map { "\"\($0)\"*" }
    return terms.isEmpty ? nil : terms.joined(separator: " AND ")
  }

  static func words(typed: String) -> [String] {
    let words =
      digits(typed: typed).map { [$0] } ?? typed.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    return words.prefix(mostWords).map { String($0.prefix(60)) }
  }

  /// A number as people write it is one word.
  static func digits(typed: String) -> String? {
    let digits = typed.filter(\.isNumber)
    return digits.count >= 3 && typed.allSatisfy { $0.isNumber || " +-().".contains($0) } ? digits : nil
  }

  /// The same for words that are known in full.
  static func wholeWords(_ text: String) -> String? {
    let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }.prefix(mostWords)
    return words.isEmpty ? nil : words.map { "\"\($0)\"" }.joined(separator: " AND ")
  }

  static let select = "SELECT id, phone, first_name, last_name, email, fields FROM contacts"

  private static func insert(_ db: Database, _ row: Row) throws {
    try db.cachedStatement(sql: "INSERT INTO contact_search (rowid, words) VALUES (?, ?)")
      .execute(arguments: [row["id"] as Int64, words(row)])
  }

  /// What the index holds of a contact.
  static func words(_ row: Row) -> String {
    let phone = String(row["phone"] as Int64)
    var words = [phone]
    if phone.count == 11, phone.hasPrefix("1") { words += [String(phone.dropFirst()), String(phone.suffix(7))] }
    words.append(String(phone.suffix(4)))
    for column in ["first_name", "last_name", "email"] {
      if let text = row[column] as String? { words.append(text) }
    }
    let fields: String = row["fields"]
    if fields != "{}" { words += ContactField.values(fields).values }
    return words.joined(separator: " ")
  }
}

struct SearchWorker {
  let runtime: Runtime

  func takeTurn() async throws -> NextTurn {
    let more = try await runtime.file.write(.replayable) { db in
      // An import has the writer to itself; the index follows it.
      let isImporting = try Bool.fetchOne(
        db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM import_batches WHERE state IN ('checking', 'applying'))"))
      if isImporting == true { return false }
      return try ContactSearch.indexSome(db)
    }
    return more ? .now : .whenNudged
  }
}
