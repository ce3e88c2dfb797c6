import GRDB
import GRDBSQLite

/// A cached GRDB statement driven through SQLite's own calls, for the two loops of an import that run once a row: bytes are bound
/// where they lie, without a string. Errors come back as GRDB's.
struct RawStatement {
  private let statement: Statement
  private let pointer: SQLiteStatement
  private let connection: SQLiteConnection

  init(_ db: Database, _ sql: String) throws {
    statement = try db.cachedStatement(sql: sql)
    pointer = statement.sqliteStatement
    guard let connection = db.sqliteConnection else { throw DatabaseError(message: "the file is closed") }
    self.connection = connection
    sqlite3_reset(pointer)
    sqlite3_clear_bindings(pointer)
  }

  func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(pointer, index, value) }
  func bindNull(_ index: Int32) { sqlite3_bind_null(pointer, index) }

  /// Not copied: the bytes must stay until the statement is reset. Nothing is bound as NULL.
  func bind(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return bindNull(index) }
    sqlite3_bind_text(pointer, index, start.assumingMemoryBound(to: CChar.self), Int32(bytes.count), nil)
  }

  /// Binds the first slots of an encoded row one after the other.
  func bind(_ row: UnsafeRawPointer, slots: Int, from index: Int32) {
    var start = row + EncodedRow.headerSize
    for slot in 0..<slots {
      let size = Int32(row.loadUnaligned(fromByteOffset: 24 + slot * 2, as: UInt16.self))
      if size == 0 {
        sqlite3_bind_null(pointer, index + Int32(slot))
      } else {
        sqlite3_bind_text(pointer, index + Int32(slot), start.assumingMemoryBound(to: CChar.self), size, nil)
      }
      start += Int(size)
    }
  }

  /// True while there is a row.
  func step() throws -> Bool {
    switch sqlite3_step(pointer) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default:
      let code = sqlite3_extended_errcode(connection)
      let message = String(cString: sqlite3_errmsg(connection))
      sqlite3_reset(pointer)
      throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
  }

  func reset() { sqlite3_reset(pointer) }

  /// Runs a statement without result; answers how many rows it changed.
  @discardableResult func run() throws -> Int {
    _ = try step()
    sqlite3_reset(pointer)
    return Int(sqlite3_changes(connection))
  }

  var lastInsertedID: Int64 { sqlite3_last_insert_rowid(connection) }

  func int(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

  /// Valid until the next step.
  func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    guard let start = sqlite3_column_text(pointer, column) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column)))
  }

  func text(_ column: Int32) -> String? {
    sqlite3_column_text(pointer, column).map { String(cString: $0) }
  }
}

/// Walks a phone-ordered table beside phone-ordered rows: a few steps where they lie close, a new search where they do not.
struct PhoneWalk {
  private let statement: RawStatement
  private var phone: Int64 = -1
  private var ended = false
  private static let patience = 8

  /// `sql` selects from a table `WHERE phone >= ?` in phone order; its first column is the phone.
  init(_ db: Database, _ sql: String) throws { statement = try RawStatement(db, sql) }

  /// The statement standing on the row of this phone, if there is one. Phones must be asked in rising order.
  mutating func find(_ wanted: Int64) throws -> RawStatement? {
    if ended { return nil }
    var steps = 0
    while phone < wanted {
      if phone < 0 || steps == Self.patience {
        statement.reset()
        statement.bind(1, wanted)
        steps = 0
      }
      steps += 1
      guard try statement.step() else {
        ended = true
        statement.reset()
        return nil
      }
      phone = statement.int(0)
    }
    return phone == wanted ? statement : nil
  }

  func end() { statement.reset() }
}
