import GRDB
import GRDBSQLite

/// How many contacts a rule picks: counted where that is quick, else estimated from an even sample of the table, and said so.
struct AudienceCount: Sendable {
  var count: Int64
  var isExact: Bool
  var sample: [Int64]

  /// A count that a person waits for while building a rule.
  private static let countingMilliseconds = 40
  private static let samplingMilliseconds = 15
  private static let windows: Int64 = 40
  private static let windowSize: Int64 = 100
  private static let sampleSize = 5

  static func take(_ db: Database, _ rule: AudienceRule, now: Moment) throws -> AudienceCount {
    let compiled = try rule.compiled(db, now: now)
    let (count, isExact) = try number(db, rule, now: now)
    let sample = try Deadline.run(db, milliseconds: samplingMilliseconds) {
      try Int64.fetchAll(
        db, sql: "SELECT c.id FROM contacts c WHERE \(compiled.sql) ORDER BY c.id LIMIT \(sampleSize)",
        arguments: compiled.arguments)
    }
    return AudienceCount(count: count, isExact: isExact, sample: sample ?? [])
  }

  /// Without a sample.
  static func number(_ db: Database, _ rule: AudienceRule, now: Moment) throws -> (count: Int64, isExact: Bool) {
    let compiled = try rule.compiled(db, now: now)
    let exact = try Deadline.run(db, milliseconds: countingMilliseconds) {
      try Int64.fetchOne(db, sql: Self.countSQL(rule, compiled.sql), arguments: compiled.arguments) ?? 0
    }
    return try exact.map { ($0, true) } ?? (estimate(db, compiled), false)
  }

  /// A tag alone is counted in its own index.
  private static func countSQL(_ rule: AudienceRule, _ condition: String) -> String {
    if case .tag = rule { return "SELECT count(*) FROM contact_tags WHERE tag_id = \(Tag.id)" }
    return "SELECT count(*) FROM contacts c WHERE \(condition)"
  }

  private static func estimate(_ db: Database, _ rule: AudienceRule.Compiled) throws -> Int64 {
    let last = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(id) FROM contacts")) ?? 0
    var seen: Int64 = 0
    var picked: Int64 = 0
    // Not among the cached ones: there are as many rules as callers think of, and the cache forgets none.
    let statement = try db.makeStatement(
      sql: "SELECT count(*) AS n, total(ifnull(\(rule.sql), 0)) AS picked FROM contacts c WHERE c.id > ? AND c.id <= ?")
    for window in 0..<windows {
      let from = window * last / windows
      let row = try Row.fetchOne(statement, arguments: rule.arguments + [from, from + windowSize])
      seen += row?["n"] ?? 0
      picked += Int64(row?["picked"] as Double? ?? 0)
    }
    guard seen > 0 else { return 0 }
    let density = Double(seen) / Double(min(windows * windowSize, max(last, 1)))
    return Int64((Double(picked) / Double(seen) * Double(last) * min(density, 1)).rounded())
  }
}

/// Ends a read that takes too long, from inside SQLite's own loop.
enum Deadline {
  private final class Clock {
    let end: ContinuousClock.Instant
    init(_ end: ContinuousClock.Instant) { self.end = end }
  }

  /// Nil when the time did not suffice.
  static func run<Value>(_ db: Database, milliseconds: Int, _ body: () throws -> Value) throws -> Value? {
    let clock = Clock(.now + .milliseconds(milliseconds))
    let connection = db.sqliteConnection
    sqlite3_progress_handler(
      connection, 2_000,
      { pointer in
        guard let pointer else { return 0 }
        return ContinuousClock.now > Unmanaged<Clock>.fromOpaque(pointer).takeUnretainedValue().end ? 1 : 0
      }, Unmanaged.passUnretained(clock).toOpaque())
    defer {
      sqlite3_progress_handler(connection, 0, nil, nil)
      withExtendedLifetime(clock) {}
    }
    do { return try body() } catch let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT { return nil }
  }
}
