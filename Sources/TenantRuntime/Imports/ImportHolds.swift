import GRDB

/// Whom an import finds as its file says: taking back an earlier import leaves them as they are.
///
/// Kept as runs of ids: people of one import stand in the order of their phones, as the rows of a file do.
struct ImportHolds {
  private var runs: [ClosedRange<Int64>] = []
  /// Anyone who asks looks at so many beginnings; the table's check allows more.
  private static let longestRun = 64
  /// Of one and the same run: more than people take back one after the other, and no more for each night of a list that comes every night.
  private static let keptOfRun = 4

  mutating func add(_ contact: Int64) {
    if let run = runs.last, run.upperBound + 1 == contact, run.count < Self.longestRun {
      runs[runs.count - 1] = run.lowerBound...contact
    } else {
      runs.append(contact...contact)
    }
  }

  func write(_ db: Database, of importID: Int64) throws {
    if runs.isEmpty { return }
    let statement = try RawStatement(
      db,
      "INSERT INTO import_holds (first_contact_id, last_contact_id, import_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
    let sweep = try RawStatement(
      db,
      """
      DELETE FROM import_holds WHERE first_contact_id = ?1 AND last_contact_id <= ?2 AND import_id < (
        SELECT import_id FROM import_holds WHERE first_contact_id = ?1 AND last_contact_id >= ?2
        ORDER BY import_id DESC LIMIT 1 OFFSET \(Self.keptOfRun - 1))
      """)
    statement.bind(3, importID)
    for run in runs {
      try Self.run(statement, run)
      try Self.run(sweep, run)
    }
  }

  private static func run(_ statement: RawStatement, _ run: ClosedRange<Int64>) throws {
    statement.bind(1, run.lowerBound)
    statement.bind(2, run.upperBound)
    try statement.run()
  }

  /// Whether a later import that was not taken back itself has found the contact so.
  static func hold(_ db: Database, contact: Int64, since importID: Int64) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT EXISTS (SELECT 1 FROM import_holds h JOIN import_batches b ON b.id = h.import_id
          WHERE h.first_contact_id > ?1 - \(longestRun) AND h.first_contact_id <= ?1 AND h.last_contact_id >= ?1
          AND h.import_id > ?2 AND b.undo_asked_at IS NULL)
          """), arguments: [contact, importID]) ?? false
  }
}
