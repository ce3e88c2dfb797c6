import GRDB

/// What open inboxes are sent, in order: which message or conversation is new or other than before. Only ids are kept; a reader gets
/// what they say now, so a row that changed five times while nobody looked is sent once.
///
/// A reply's way through the ledger is written down by a trigger of the schema, no matter what moves it on.
enum InboxLog {
  enum Kind: String { case message, conversation }

  static func append(_ db: Database, _ kind: Kind, _ subject: Int64) throws {
    try db.cachedStatement(sql: "INSERT INTO inbox_log (kind, subject) VALUES (?, ?)")
      .execute(arguments: [kind.rawValue, subject])
  }

  /// The last id ever given, also of rows that have been dropped.
  static func newest(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db.cachedStatement(sql: "SELECT seq FROM sqlite_sequence WHERE name = 'inbox_log'")) ?? 0
  }

  struct Item: Sendable, Equatable {
    var id: Int64
    var event: String
    var data: JSON
  }

  struct Page: Sendable {
    var items: [Item]
    /// Where to go on reading.
    var last: Int64
    var hasMore: Bool
  }

  private static let most = 100

  /// What came after an id. One that is not of this log, or older than what is kept, gets `reset`: read the lists anew.
  static func page(_ db: Database, after: Int64) throws -> Page {
    let newest = try newest(db)
    let oldest = try Int64.fetchOne(db.cachedStatement(sql: "SELECT min(id) FROM inbox_log")) ?? newest + 1
    if after > newest || after < oldest - 1 {
      return Page(items: [Item(id: newest, event: "reset", data: .object([]))], last: newest, hasMore: false)
    }
    let rows = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM inbox_log WHERE id > ? ORDER BY id LIMIT \(most)"), arguments: [after])
    var latest: [String: Int64] = [:]
    for row in rows { latest["\(row["kind"] as String) \(row["subject"] as Int64)"] = row["id"] }
    let items = try rows.compactMap { row -> Item? in
      let (id, kind, subject): (Int64, String, Int64) = (row["id"], row["kind"], row["subject"])
      guard latest["\(kind) \(subject)"] == id else { return nil }
      // What was erased meanwhile is sent to nobody.
      let json =
        kind == Kind.message.rawValue
        ? try MessageJSON.find(db, subject) : try ConversationJSON.find(db, subject)
      return json.map { Item(id: id, event: kind, data: $0) }
    }
    return Page(items: items, last: rows.last?["id"] ?? after, hasMore: rows.count == most)
  }
}
