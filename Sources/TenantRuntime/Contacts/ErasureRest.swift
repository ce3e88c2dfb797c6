import GRDB

/// The part of an erasure that no index leads to: rejected rows of imports, and where a number stands in the audit log and in remembered
/// answers. Those tables are as large as the tenant's past, so they are looked through in short slices.
///
/// - A row of `erasures` per number and e-mail address, written in the transaction of the erasure, says what is looked for and behind which
///   row it goes on. A crash goes on from there; the row is deleted with the last slice.
/// - The request itself takes slices for `longestWait`, which is enough but for very large tenants; the worker does what is left.
struct ErasureRest {
  private enum Place: String, CaseIterable {
    case importRejects = "import_rejects", auditLog = "audit_log", answers = "idempotency_keys"
  }

  /// One slice: so long, and at least one window of so many rows.
  private static let longestSlice = Duration.milliseconds(50)
  private static let window = 100
  static let longestWait = Duration.seconds(5)

  private let row: Row
  private let phone: PhoneNumber?
  /// Digits, or an address in small letters.
  private let wanted: String
  private var place: Place?
  private var cursor: Int64
  private var cursorRow: Int64

  private init(_ row: Row) {
    self.row = row
    phone = row["phone"]
    wanted = phone?.areaLocal ?? row["email"] ?? ""
    (place, cursor, cursorRow) = (Place(rawValue: row["place"]), row["cursor"], row["cursor_row"])
  }

  /// In the transaction of the erasure.
  static func begin(_ db: Database, _ numbers: [PersonNumber], email: String?) throws {
    let insert = """
      INSERT INTO erasures (phone, email, after, through, imports_up_to, audit_up_to, answers_up_to)
      SELECT ?, ?, ?, ?, (SELECT ifnull(max(id), 0) FROM import_batches), (SELECT ifnull(max(id), 0) FROM audit_log),
        (SELECT ifnull(max(id), 0) FROM idempotency_keys)
      """
    for number in numbers {
      try db.execute(sql: insert, arguments: [number.phone, nil, number.after, number.through])
    }
    if let email, !email.isEmpty { try db.execute(sql: insert, arguments: [nil, email.lowercased(), 0, 0]) }
  }

  static func takeTurn(_ runtime: Runtime) async throws -> NextTurn {
    try await runtime.file.write { db in try slice(db) } ? .now : .whenNudged
  }

  /// For the request that asked for it. The rows are there, so it succeeds whatever becomes of this.
  static func finish(_ runtime: Runtime, within longestWait: Duration) async {
    let ends = ContinuousClock.now + longestWait
    while ContinuousClock.now < ends, await (try? takeTurn(runtime)) == .now {}
  }

  /// True when something was looked through.
  static func slice(_ db: Database, lasting: Duration = longestSlice) throws -> Bool {
    let ends = ContinuousClock.now + lasting
    guard let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM erasures ORDER BY id LIMIT 1")) else {
      return false
    }
    var rest = ErasureRest(row)
    repeat { try rest.take(db) } while rest.place != nil && ContinuousClock.now < ends
    let id: Int64 = row["id"]
    if let place = rest.place {
      try db.cachedStatement(sql: "UPDATE erasures SET place = ?, cursor = ?, cursor_row = ? WHERE id = ?")
        .execute(arguments: [place.rawValue, rest.cursor, rest.cursorRow, id])
    } else {
      try db.cachedStatement(sql: "DELETE FROM erasures WHERE id = ?").execute(arguments: [id])
    }
    return true
  }

  /// One window of rows; behind the last one comes the next table. An address stands in rejected rows alone.
  private mutating func take(_ db: Database) throws {
    switch place {
    case .importRejects:
      if try takeRejects(db) { return }
      place = phone == nil ? nil : .auditLog
    case .auditLog:
      if try takeAudit(db) { return }
      place = .answers
    case .answers:
      if try takeAnswers(db) { return }
      place = nil
    case nil: return
    }
    (cursor, cursorRow) = (0, 0)
  }

  /// In any spelling of the number, and not as a part of another's; ann@x.test, not joann@x.test.
  private mutating func takeRejects(_ db: Database) throws -> Bool {
    let digits = " -().+/".reduce("original") { "replace(\($0), '\($1)', '')" }
    let made = "EXISTS (SELECT 1 FROM import_batches WHERE id = import_id AND created_at > ?5 AND created_at <= ?6)"
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT import_id, row_number, original,
            CASE WHEN ?7 THEN instr(lower(original), ?4) > 0 ELSE instr(\(digits), ?4) > 0 AND \(made) END AS found
          FROM import_rejects WHERE (import_id, row_number) > (?1, ?2) AND import_id <= ?3
          ORDER BY import_id, row_number LIMIT \(Self.window)
          """),
      arguments: [
        cursor, cursorRow, row["imports_up_to"] as Int64, wanted, row["after"] as Int64, row["through"] as Int64,
        phone == nil,
      ])
    for reject in rows where reject["found"] {
      let original: String = reject["original"]
      guard phone == nil ? Self.contains(original, word: wanted) : NumberMention.isIn(original, spelled: wanted) else {
        continue
      }
      try db.cachedStatement(sql: "DELETE FROM import_rejects WHERE import_id = ? AND row_number = ?")
        .execute(arguments: [reject["import_id"] as Int64, reject["row_number"] as Int64])
    }
    guard let last = rows.last else { return false }
    (cursor, cursorRow) = (last["import_id"], last["row_number"])
    return true
  }

  /// It says to whom a test was sent.
  private mutating func takeAudit(_ db: Database) throws -> Bool {
    guard let last = try end(db, "audit_log", upTo: row["audit_up_to"]) else { return false }
    let named = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT id, before, after FROM audit_log
          WHERE id > ?2 AND id <= ?3 AND (instr(before, ?1) > 0 OR instr(after, ?1) > 0) AND +at > ?4 AND +at <= ?5
          """), arguments: [phone?.description, cursor, last, row["after"] as Int64, row["through"] as Int64])
    for entry in named {
      let (before, after): (String?, String?) = (entry["before"], entry["after"])
      let (less, rest) = (before.flatMap(erased), after.flatMap(erased))
      if less == nil, rest == nil { continue }
      try db.cachedStatement(sql: "UPDATE audit_log SET before = ?, after = ?, salt = NULL WHERE id = ?")
        .execute(arguments: [less ?? before, rest ?? after, entry["id"] as Int64])
    }
    cursor = last
    return true
  }

  /// They quote what was written to people; the number stands in each. That the request was carried out stays known: it is not once more.
  private mutating func takeAnswers(_ db: Database) throws -> Bool {
    guard let last = try end(db, "idempotency_keys", upTo: row["answers_up_to"]) else { return false }
    let naming = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT id, answer FROM idempotency_keys
          WHERE id > ?2 AND id <= ?3 AND instr(answer, ?1) > 0 AND at > ?4 AND at <= ?5
          """), arguments: [phone?.description, cursor, last, row["after"] as Int64, row["through"] as Int64])
    for kept in naming where erased(kept["answer"]) != nil {
      try db.cachedStatement(
        sql: "UPDATE idempotency_keys SET answer = '', status = \(OnceOnly.noStatus) WHERE id = ?"
      ).execute(arguments: [kept["id"] as Int64])
    }
    cursor = last
    return true
  }

  /// The text without the number; nil: it is not in it.
  private func erased(_ text: String) -> String? {
    phone.flatMap { NumberMention.replaced(text, written: $0.description, by: "erased") }
  }

  /// The last row of the next window.
  private func end(_ db: Database, _ table: String, upTo: Int64) throws -> Int64? {
    try Int64.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT max(id) FROM (SELECT id FROM \(table) WHERE id > ? AND id <= ? ORDER BY id LIMIT \(Self.window)) AS rows
          """), arguments: [cursor, upTo])
  }

  private static func contains(_ text: String, word: String) -> Bool {
    let (text, word) = (Array(text.lowercased().utf8), Array(word.utf8))
    let isPart = { (byte: UInt8) in
      byte >= 0x80 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || "0123456789.-_+%@".utf8.contains(byte)
    }
    var start = 0
    while let found = text[start...].firstRange(of: word) {
      let before = found.lowerBound > 0 ? text[found.lowerBound - 1] : UInt8(ascii: ",")
      let after = found.upperBound < text.count ? text[found.upperBound] : UInt8(ascii: ",")
      if !isPart(before), !isPart(after) { return true }
      start = found.lowerBound + 1
    }
    return false
  }
}
