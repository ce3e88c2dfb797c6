import Foundation
package import GRDB
import Synchronization
package import TenantRuntime

/// The schema of a file as text, in the order it was made: what `schema.sql` beside the migrations must say.
package enum SchemaSnapshot {
  package static func of(_ db: Database) throws -> String {
    try String.fetchAll(
      db,
      sql:
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid"
    ).map { $0 + ";\n" }.joined()
  }

  /// `UPDATE_SCHEMA=1` writes the file instead of comparing with it.
  package static func stored(_ path: String, now text: String) throws -> String {
    if ProcessInfo.processInfo.environment["UPDATE_SCHEMA"] == "1" {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    return try String(contentsOfFile: path, encoding: .utf8)
  }
}

/// Listens to what a file runs, then asks SQLite how it would find its rows.
package final class StatementRecorder: Sendable {
  private let statements = Mutex<Set<String>>([])

  package init(_ file: SQLiteFile) throws {
    try file.outsideTransactionNow { db in
      db.trace { [self] event in
        guard case .statement(let statement) = event else { return }
        statements.withLock { _ = $0.insert(statement.sql) }
      }
    }
  }

  /// Statements that walk through a whole table, other than the small ones and partial indexes.
  package func scans(_ file: SQLiteFile, besides small: Set<String>) throws -> [String] {
    let recorded = statements.withLock { $0 }.sorted().filter { sql in
      ["SELECT", "INSERT", "UPDATE", "DELETE"].contains { sql.hasPrefix($0) }
    }
    return try file.outsideTransactionNow { db in
      db.trace(nil)
      // A partial index is as small as the work it lists.
      let partial = Set(
        try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'").map
        { Substring($0) })
      return try recorded.flatMap { (sql: String) -> [String] in
        let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
        statement.setUncheckedArguments([])
        return try Row.fetchAll(statement).compactMap { row in
          let words = (row["detail"] as String).split(separator: " ")
          guard words.first == "SCAN", words.count > 1, !small.contains(String(words[1])), !words.contains("VIRTUAL"),
            words[1] != "CONSTANT", !words[1].hasPrefix("("), !words.contains(where: partial.contains)
          else { return nil }
          return "\(row["detail"] as String): \(sql)"
        }
      }
    }
  }

  package var count: Int { statements.withLock { $0.count } }
}
