import GRDB

/// Who gets which variant: arithmetic over campaign and phone alone, so that a slice that runs again after a crash, a preview and a later
/// try all agree, and no row need remember how far a turn had come.
///
/// It is SQL, because an audience of a million is frozen in one statement per slice. SQLite has no XOR, and a product beyond 63 bits becomes
/// a floating-point number; so three linear hashes of the phone, modulo primes near 2³¹ and under coefficients of the campaign's own, are
/// multiplied modulo two more. One alone would walk through the variants in step with neighbouring numbers; the product does not (tests
/// measure it). Nobody has a reason to choose a phone by its variant: it need not withstand an attacker.
enum VariantSplit {
  /// An expression for the number of a phone's variant, 1 to the count of weights; NULL without weights.
  /// - Parameter phone: the SQL that names the phone, as the integer of its digits.
  static func sql(campaign: Int64, weights: [Int64], phone: String) -> String {
    guard !weights.isEmpty else { return "NULL" }
    let tickets = tickets(weights)
    // One byte a ticket: the digit of the variant that it wins.
    let wins = tickets.map { "3\($0)" }.joined()
    return "CAST(substr(X'\(wins)', 1 + \(hash(campaign, phone)) % \(tickets.count), 1) AS INTEGER)"
  }

  /// One ticket a share, in lowest terms.
  static func tickets(_ weights: [Int64]) -> [Int] {
    let unit = weights.reduce(0, greatestCommonDivisor)
    return weights.enumerated().flatMap { Array(repeating: $0.offset + 1, count: Int($0.element / max(unit, 1))) }
  }

  /// Primes below 2³¹: of two numbers below them the product stays below 2⁶².
  private static let primes: [Int64] = [2_147_483_647, 2_147_483_629, 2_147_483_587, 2_147_483_579, 2_147_483_563]

  private static func hash(_ campaign: Int64, _ phone: String) -> String {
    var random = SplitMix(state: UInt64(bitPattern: campaign))
    let lines = (0..<3).map { line -> String in
      let prime = primes[line]
      let (factor, offset) = (random.below(prime - 1) + 1, random.below(prime))
      return "((\(phone) % \(prime)) * \(factor) + \(offset)) % \(prime)"
    }
    return "((((\(lines[0])) * (\(lines[1]))) % \(primes[3])) * (\(lines[2])) % \(primes[4]))"
  }

  private static func greatestCommonDivisor(_ left: Int64, _ right: Int64) -> Int64 {
    right == 0 ? left : greatestCommonDivisor(right, left % right)
  }

  /// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014): a campaign's own coefficients.
  private struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int64) -> Int64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ mixed &>> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed &>> 27) &* 0x94D0_49BB_1331_11EB
      return Int64((mixed ^ mixed &>> 31) % UInt64(bound))
    }
  }
}

extension Campaign {
  /// The expression for the variant of a phone; see `VariantSplit.sql`.
  func variantSQL(phone: String) -> String {
    VariantSplit.sql(campaign: id, weights: variants.map(\.weight), phone: phone)
  }

  /// Counts in the jobs of a slice, which are those behind an id.
  func countFrozen(_ db: Database, _ frozen: Int, after: Int64) throws {
    guard !variants.isEmpty else { return try SendJob.counted(db, campaign: id, variant: nil, frozen) }
    for row in try Row.fetchAll(
      db.cachedStatement(sql: "SELECT variant, count(*) AS n FROM send_jobs WHERE id > ? GROUP BY variant"),
      arguments: [after])
    {
      try SendJob.counted(db, campaign: id, variant: row["variant"], row["n"])
    }
  }
}
