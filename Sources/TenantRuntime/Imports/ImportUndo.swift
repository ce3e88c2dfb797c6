import GRDB

/// Takes back what an import did, in slices: contacts it made go, values it changed return, unless somebody has edited the contact
/// since, or a later import has found it as its own file says; those are kept and counted. Opt-outs and the ledger of texts are nobody's to undo.
struct ImportUndo {
  let runtime: Runtime
  /// One slice: so long, and at least one window of so many contacts.
  private static let longestSlice = Duration.milliseconds(80)
  private static let window: Int64 = 200

  /// True while there is more to do.
  func takeTurn() async throws -> Bool {
    let now = runtime.dependencies.now()
    return try await runtime.file.write { db in try Self.slice(db, at: now) }
  }

  /// How long a contact takes, nobody knows before: the slice ends by time.
  static func slice(_ db: Database, at: Moment, lasting: Duration = longestSlice) throws -> Bool {
    let ends = ContinuousClock.now + lasting
    repeat {
      guard
        let row = try Row.fetchOne(
          db.cachedStatement(
            sql:
              "SELECT * FROM import_batches WHERE undo_asked_at IS NOT NULL AND undone_at IS NULL ORDER BY id LIMIT 1"))
      else { return false }
      let batch = try ImportBatch(row)
      if try deleteSome(db, batch, at: at) { continue }
      if try restoreSome(db, batch, at: at) { continue }
      try db.execute(
        sql: "UPDATE import_batches SET state = 'undone', undone_at = ? WHERE id = ?", arguments: [at, batch.id])
    } while ContinuousClock.now < ends
    return true
  }

  private static func deleteSome(_ db: Database, _ batch: ImportBatch, at: Moment) throws -> Bool {
    guard let first = batch.firstContactID, let last = batch.lastContactID, batch.undoCursor < last else {
      return false
    }
    let from = max(batch.undoCursor, first - 1)
    let to = min(from + window, last)
    let made = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT id, updated_at FROM contacts WHERE id > ? AND id <= ? AND import_id = ?"),
      arguments: [from, to, batch.id])
    var kept: [Int64] = []
    for row in made {
      if row["updated_at"] as Moment == batch.createdAt, try !ImportHolds.hold(db, contact: row["id"], since: batch.id)
      {
        try Contact.remove(db, id: row["id"])
      } else {
        kept.append(row["id"])
      }
    }
    try db.execute(
      sql: "UPDATE import_batches SET undo_cursor = ?, undo_deleted = undo_deleted + ? WHERE id = ?",
      arguments: [to, made.count - kept.count, batch.id])
    try DayFigures.add(db, .people(.undone), Int64(made.count - kept.count), at: at)
    try note(db, batch, kept: kept)
    return true
  }

  private static func restoreSome(_ db: Database, _ batch: ImportBatch, at: Moment) throws -> Bool {
    let changes = try Row.fetchAll(
      db,
      sql: """
        SELECT i.contact_id, i.before, c.updated_at FROM import_changes i LEFT JOIN contacts c ON c.id = i.contact_id
        WHERE i.import_id = ? ORDER BY i.contact_id LIMIT \(window)
        """, arguments: [batch.id])
    guard let last = changes.last else { return false }
    var kept: [Int64] = []
    for row in changes {
      if (row["updated_at"] as Moment?) == batch.createdAt,
        try !ImportHolds.hold(db, contact: row["contact_id"], since: batch.id)
      {
        try restore(db, contact: row["contact_id"], JSON(parsing: row["before"] as String))
      } else {
        kept.append(row["contact_id"])
      }
    }
    try db.execute(
      sql: "DELETE FROM import_changes WHERE import_id = ? AND contact_id <= ?",
      arguments: [batch.id, last["contact_id"] as Int64])
    try db.execute(
      sql: "UPDATE import_batches SET undo_restored = undo_restored + ? WHERE id = ?",
      arguments: [changes.count - kept.count, batch.id])
    try note(db, batch, kept: kept)
    return true
  }

  private static let mostNamed = 100

  /// Counts who was left as they are, and names the first of them.
  private static func note(_ db: Database, _ batch: ImportBatch, kept: [Int64]) throws {
    guard !kept.isEmpty else { return }
    let before = try String.fetchOne(
      db.cachedStatement(sql: "SELECT undo_kept_contacts FROM import_batches WHERE id = ?"), arguments: [batch.id])
    let named = (try JSON(parsing: before ?? "[]").list ?? []) + kept.map(JSON.int)
    try db.execute(
      sql: "UPDATE import_batches SET undo_kept = undo_kept + ?, undo_kept_contacts = ? WHERE id = ?",
      arguments: [kept.count, JSON.list(Array(named.prefix(mostNamed))).serialized, batch.id])
  }

  private static func restore(_ db: Database, contact: Int64, _ before: JSON) throws {
    for (column, value) in before.members ?? [] {
      switch column {
      case "tags":
        for tag in value.list?.compactMap(\.text) ?? [] {
          try db.cachedStatement(
            sql: "DELETE FROM contact_tags WHERE contact_id = ? AND tag_id = (SELECT id FROM tags WHERE name = ?)"
          ).execute(arguments: [contact, tag])
        }
      case "first_name", "last_name", "email", "time_zone", "language", "notes", "fields":
        try db.cachedStatement(sql: "UPDATE contacts SET \(column) = ? WHERE id = ?").execute(
          arguments: [value.text, contact])
      case "updated_at":
        try db.cachedStatement(sql: "UPDATE contacts SET updated_at = ? WHERE id = ?").execute(
          arguments: [value.int, contact])
      default: break
      }
    }
  }
}
