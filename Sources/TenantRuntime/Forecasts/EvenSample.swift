import GRDB

/// Contacts whom a rule picks: all of them where they are few, else some, evenly from the whole table.
///
/// The walk goes through all ids from 1 to the highest, each once, in steps near the golden section of the highest (Weyl's sequence, on
/// integers). So whatever part of it has been walked when enough are found, or the time is over, lies evenly over the table, and what it
/// found stands for the rest: people of one import, who stand together, weigh as much as they are.
struct EvenSample {
  /// In the order of their ids.
  let rows: [Row]
  /// How many the rule picks.
  let count: Int64
  /// All are here.
  let isWhole: Bool

  /// As many of the rows as the time allows, in an order that lies evenly over them.
  func looked<Look>(atLeast least: Int, seconds: Double, _ look: (Row) throws -> Look) rethrows -> [Look] {
    let end = ContinuousClock.now + .seconds(seconds)
    let step = Int(Self.step(Int64(max(rows.count, 1))))
    var looks: [(place: Int, look: Look)] = []
    looks.reserveCapacity(rows.count)
    for n in rows.indices {
      // The clock is asked now and then.
      if n >= least, n % 64 == 0, ContinuousClock.now > end { break }
      let place = n * step % rows.count
      looks.append((place, try look(rows[place])))
    }
    return looks.sorted { $0.place < $1.place }.map(\.look)
  }

  private static let mostMilliseconds = 600

  /// Nil: the time did not suffice to find anyone.
  /// - Parameters:
  ///   - columns: of `contacts c` and of what `joins` adds.
  ///   - most: that many are enough.
  static func take(
    _ db: Database, _ rule: AudienceRule, columns: String, joins: String, atMost most: Int, now: Moment
  ) throws -> EvenSample? {
    let condition = try rule.compiled(db, now: now)
    let known = try AudienceCount.number(db, rule, now: now)
    if known.isExact, known.count <= most {
      let rows = try Deadline.run(db, milliseconds: mostMilliseconds) {
        try Row.fetchAll(
          db,
          sql: "SELECT \(columns) FROM contacts c \(joins) WHERE (\(condition.sql)) ORDER BY c.id LIMIT \(most + 1)",
          arguments: condition.arguments)
      }
      if let rows { return EvenSample(rows: rows, count: Int64(rows.count), isWhole: rows.count <= most) }
    }
    let walk = try walk(db, condition, columns: columns, joins: joins, atMost: most)
    guard !walk.rows.isEmpty || walk.isWhole else { return nil }
    let projected = (Double(walk.rows.count) / Double(max(walk.walked, 1)) * Double(walk.last)).rounded()
    let count = walk.isWhole ? Int64(walk.rows.count) : known.isExact ? known.count : Int64(projected)
    return EvenSample(
      rows: walk.rows.sorted { ($0["id"] as Int64) < $1["id"] }, count: max(count, Int64(walk.rows.count)),
      isWhole: walk.isWhole)
  }

  private struct Walk {
    var rows: [Row] = []
    var walked: Int64 = 0
    var last: Int64
    var isWhole = false
  }

  private static func walk(
    _ db: Database, _ rule: AudienceRule.Compiled, columns: String, joins: String, atMost most: Int
  ) throws -> Walk {
    var walk = Walk(last: try Int64.fetchOne(db, sql: "SELECT max(id) FROM contacts") ?? 0)
    // CROSS JOIN keeps the order of the walk.
    let cursor = try Row.fetchCursor(
      db,
      sql: """
        WITH RECURSIVE walk(n) AS (SELECT 0 WHERE \(walk.last) > 0 UNION ALL SELECT n + 1 FROM walk WHERE n + 1 < \(walk.last))
        SELECT n AS walked, \(columns) FROM walk CROSS JOIN contacts c ON c.id = 1 + (n * \(step(walk.last))) % \(walk.last) \(joins)
        WHERE (\(rule.sql))
        """, arguments: rule.arguments)
    let found: Void? = try Deadline.run(db, milliseconds: mostMilliseconds) {
      while let row = try cursor.next() {
        walk.walked = (row["walked"] as Int64) + 1
        if walk.rows.count == most { return }
        walk.rows.append(row.copy())
      }
      walk.isWhole = true
    }
    _ = found
    return walk
  }

  /// Without a common divisor with `last`, so that every id is met; below 2³¹, so that the products stay integers.
  static func step(_ last: Int64) -> Int64 {
    var step = max(1, Int64(Double(min(last, 1 << 31)) * 0.618_033_988_75))
    while greatestCommonDivisor(step, last) > 1 { step += 1 }
    return step
  }

  private static func greatestCommonDivisor(_ left: Int64, _ right: Int64) -> Int64 {
    right == 0 ? left : greatestCommonDivisor(right, left % right)
  }
}
