import GRDB

/// Contacts whom a rule picks: all of them where they are few, else some, evenly from the whole table.
///
/// The walk goes through all ids from 1 to the highest, each once, in steps near the golden section of the highest (Weyl's sequence, on
/// integers). So whatever part of it has been walked when enough are found, or the time is over, lies evenly over the table, and what it
/// found stands for the rest: people of one import, who stand together, weigh as much as they are.
struct EvenSample: Sendable {
  /// Ids of contacts, in an order that lies evenly over them: whoever stops early has an even part, too.
  let contacts: [Int64]
  /// How many the rule picks.
  let count: Int64
  /// All are here.
  let isWhole: Bool

  private static let slices: ClosedRange<Int64> = 64...200_000

  /// Nil: the time did not suffice to find anyone.
  /// - Parameters:
  ///   - most: that many are enough.
  ///   - within: what is found by then is enough, too.
  ///   - sliceMilliseconds: other work of the same file waits no longer.
  static func take(
    _ file: SQLiteFile, _ rule: AudienceRule, atMost most: Int, within: Duration = .milliseconds(600),
    sliceMilliseconds: Int = 50, now: Moment
  ) async throws -> EvenSample? {
    let (known, few): ((count: Int64, isExact: Bool), [Int64]?) = try await file.read { db in
      let known = try AudienceCount.number(db, rule, now: now)
      let isFew = known.isExact && known.count <= most
      return (
        known, isFew ? try all(db, rule, atMost: most, milliseconds: 2 * sliceMilliseconds, now: now) : nil
      )
    }
    if let few {
      return EvenSample(contacts: evenly(few), count: Int64(few.count), isWhole: true)
    }
    let walk = try await walk(
      file, rule, atMost: most, end: .now + within, sliceMilliseconds: sliceMilliseconds, now: now)
    guard !walk.found.isEmpty || walk.isWhole else { return nil }
    let projected = (Double(walk.found.count) / Double(max(walk.walked, 1)) * Double(walk.last)).rounded()
    let count = walk.isWhole ? Int64(walk.found.count) : known.isExact ? known.count : Int64(projected)
    return EvenSample(
      contacts: Array(walk.found.prefix(most)), count: max(count, Int64(walk.found.count)),
      isWhole: walk.isWhole && walk.found.count <= most)
  }

  /// Nil: too many, or they take too long to find.
  private static func all(
    _ db: Database, _ rule: AudienceRule, atMost most: Int, milliseconds: Int, now: Moment
  ) throws -> [Int64]? {
    let condition = try rule.compiled(db, now: now)
    let found = try Deadline.run(db, milliseconds: milliseconds) {
      try Int64.fetchAll(
        db, sql: "SELECT c.id FROM contacts c WHERE (\(condition.sql)) ORDER BY c.id LIMIT \(most + 1)",
        arguments: condition.arguments)
    }
    return found.flatMap { $0.count <= most ? $0 : nil }
  }

  private static func evenly(_ contacts: [Int64]) -> [Int64] {
    let step = Int(step(Int64(max(contacts.count, 1))))
    return contacts.indices.map { contacts[$0 * step % contacts.count] }
  }

  private struct Walk: Sendable {
    var found: [Int64] = []
    var walked: Int64 = 0
    var last: Int64 = 0
    var isWhole = false
  }

  /// In slices, each a read of its own: what is written in between moves the sample by nothing that matters.
  private static func walk(
    _ file: SQLiteFile, _ rule: AudienceRule, atMost most: Int, end: ContinuousClock.Instant, sliceMilliseconds: Int,
    now: Moment
  ) async throws -> Walk {
    var walk = Walk()
    walk.last = try await file.read { db in
      try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(id) FROM contacts")) ?? 0
    }
    var size: Int64 = 2_000
    while walk.walked < walk.last, walk.found.count < most, ContinuousClock.now < end {
      let (last, from, upTo) = (walk.last, walk.walked, min(walk.walked + size, walk.last))
      let begun = ContinuousClock.now
      let found = try await file.read { db in
        try slice(db, rule, from: from, upTo: upTo, of: last, milliseconds: sliceMilliseconds, now: now)
      }
      let isQuick = ContinuousClock.now - begun < .milliseconds(sliceMilliseconds / 2)
      if let found {
        (walk.found, walk.walked) = (walk.found + found, upTo)
      } else if size == slices.lowerBound {
        break
      }
      size = isQuick ? min(size * 2, slices.upperBound) : found == nil ? max(size / 4, slices.lowerBound) : size
    }
    walk.isWhole = walk.walked >= walk.last
    return walk
  }

  /// Nil: it took too long.
  private static func slice(
    _ db: Database, _ rule: AudienceRule, from: Int64, upTo: Int64, of last: Int64, milliseconds: Int, now: Moment
  ) throws -> [Int64]? {
    let condition = try rule.compiled(db, now: now)
    return try Deadline.run(db, milliseconds: milliseconds) {
      // CROSS JOIN keeps the order of the walk.
      try Int64.fetchAll(
        db,
        sql: """
          WITH RECURSIVE walk(n) AS (SELECT \(from) UNION ALL SELECT n + 1 FROM walk WHERE n + 1 < \(upTo))
          SELECT c.id FROM walk CROSS JOIN contacts c ON c.id = 1 + (n * \(step(last))) % \(last) WHERE (\(condition.sql))
          """, arguments: condition.arguments)
    }
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
