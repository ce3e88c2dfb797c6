package import GRDB
import GRDBSQLite

/// A cached GRDB statement driven through SQLite's own calls, for what runs once a row by the hundred thousand (imports, the intake,
/// status reports): values are bound where they lie. Errors come back as GRDB's; its transaction observers see nothing of it.
package struct RawStatement {
  private let statement: Statement
  private let pointer: SQLiteStatement
  private let connection: SQLiteConnection

  package init(_ db: Database, _ sql: String) throws {
    statement = try db.cachedStatement(sql: sql)
    pointer = statement.sqliteStatement
    guard let connection = db.sqliteConnection else { throw DatabaseError(message: "the file is closed") }
    self.connection = connection
    sqlite3_reset(pointer)
    sqlite3_clear_bindings(pointer)
  }

  package func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(pointer, index, value) }
  func bindNull(_ index: Int32) { sqlite3_bind_null(pointer, index) }
  package func bind(_ index: Int32, _ value: Int64?) { if let value { bind(index, value) } else { bindNull(index) } }

  /// Copied by SQLite.
  package func bind(_ index: Int32, _ text: String) {
    var text = text
    text.withUTF8 { bytes in
      _ = bytes.withMemoryRebound(to: CChar.self) {
        sqlite3_bind_text(pointer, index, $0.baseAddress, Int32($0.count), Self.copied)
      }
    }
  }
  package func bind(_ index: Int32, _ text: String?) { if let text { bind(index, text) } else { bindNull(index) } }

  private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  /// Copied by SQLite.
  package func bind(_ index: Int32, blob bytes: [UInt8]) {
    _ = bytes.withUnsafeBytes { sqlite3_bind_blob(pointer, index, $0.baseAddress, Int32($0.count), Self.copied) }
  }

  /// Not copied: the bytes must stay until the statement is reset. Nothing is bound as NULL.
  func bind(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return bindNull(index) }
    sqlite3_bind_text(pointer, index, start.assumingMemoryBound(to: CChar.self), Int32(bytes.count), nil)
  }

  /// True while there is a row.
  package func step() throws -> Bool {
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

  package func reset() { sqlite3_reset(pointer) }

  /// Runs a statement without result; answers how many rows it changed.
  @discardableResult package func run() throws -> Int {
    _ = try step()
    sqlite3_reset(pointer)
    return Int(sqlite3_changes(connection))
  }

  package var lastInsertedID: Int64 { sqlite3_last_insert_rowid(connection) }

  package func int(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }
  package func optionalInt(_ column: Int32) -> Int64? {
    sqlite3_column_type(pointer, column) == SQLITE_NULL ? nil : sqlite3_column_int64(pointer, column)
  }

  /// Valid until the next step.
  func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    guard let start = sqlite3_column_text(pointer, column) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column)))
  }

  package func text(_ column: Int32) -> String? {
    sqlite3_column_text(pointer, column).map { String(cString: $0) }
  }
}

/// A row whose columns are read by their index, of either kind.
package protocol RowInOrder {
  func int(_ column: Int32) -> Int64
  func optionalInt(_ column: Int32) -> Int64?
  func text(_ column: Int32) -> String?
}

extension RawStatement: RowInOrder {}

extension Row: RowInOrder {
  package func int(_ column: Int32) -> Int64 { self[Int(column)] }
  package func optionalInt(_ column: Int32) -> Int64? { self[Int(column)] }
  package func text(_ column: Int32) -> String? { self[Int(column)] }
}
