import GRDB

/// One uploaded list.
///
///     checking → applying → completed
///         └─────────┴→ failed
struct ImportBatch: Sendable {
  enum Mode: String, CaseIterable, Sendable {
    case dryRun = "dry-run"
    case commit
  }

  var id: Int64
  var state: String
  var mode: Mode
  var file: String
  var headers: [String]
  var map: String?
  var cursor: Int64
  var created: Int64
  var updated: Int64
  var unchanged: Int64
  var row: JSON

  init(_ row: Row) throws {
    let mapping = try JSON(parsing: row["mapping"] as String)
    id = row["id"]
    state = row["state"]
    mode = Mode(rawValue: row["mode"]) ?? .commit
    file = row["file"]
    headers = mapping["headers"]?.list?.compactMap(\.text) ?? []
    map = mapping["map"]?.text
    cursor = row["cursor"]
    created = row["created"]
    updated = row["updated"]
    unchanged = row["unchanged"]
    self.row = [
      "id": .int(id), "state": .text(state), "mode": .text(mode.rawValue), "rows": row.int("rows"),
      "created": .int(created),
      "updated": .int(updated), "unchanged": .int(unchanged), "rejected": row.int("rejected"),
      "failure": row.text("failure"), "created_at": row.moment("created_at"),
      "finished_at": row.moment("finished_at"),
    ]
  }

  static func find(_ db: Database, id: Int64) throws -> ImportBatch {
    guard let row = try Row.fetchOne(db, sql: "SELECT * FROM import_batches WHERE id = ?", arguments: [id]) else {
      throw Refusal.notFound("There is no such import.")
    }
    return try ImportBatch(row)
  }

  static func begin(
    _ db: Database, mode: Mode, file: String, bytes: Int, headers: [String], map: String?, actor: String, at: Moment
  ) throws -> ImportBatch {
    let mapping = JSON.object([("headers", .list(headers.map(JSON.text))), ("map", .optional(map))])
    try db.execute(
      sql: """
        INSERT INTO import_batches (state, mode, file, bytes, mapping, actor, created_at) VALUES ('checking', ?, ?, ?, ?, ?, ?)
        """,
      arguments: [mode.rawValue, file, bytes, mapping.serialized, actor, at])
    return try find(db, id: db.lastInsertedRowID)
  }

  func finish(_ db: Database, state: String, failure: String? = nil, at: Moment) throws {
    try db.execute(
      sql: "UPDATE import_batches SET state = ?, failure = ?, finished_at = ? WHERE id = ?",
      arguments: [state, failure, at, id])
  }
}
