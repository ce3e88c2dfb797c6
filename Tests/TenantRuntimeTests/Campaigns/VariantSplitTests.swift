import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Who gets which variant, over phones in a row: the hardest case for arithmetic, and the common one for an import.
@Suite struct VariantSplitTests {
  private static let phones = 100_000

  private static func split(
    _ weights: [Int64], campaign: Int64 = 1, from first: Int64 = 14_157_000_000, count: Int = phones
  ) throws -> [Int] {
    let sql = VariantSplit.sql(campaign: campaign, weights: weights, phone: "phone")
    return try DatabaseQueue().read { db in
      try Int.fetchAll(
        db,
        sql: """
          WITH RECURSIVE phones (phone) AS (SELECT ?1 UNION ALL SELECT phone + 1 FROM phones WHERE phone < ?1 + ?2 - 1)
          SELECT \(sql) FROM phones
          """, arguments: [first, count])
    }
  }

  @Test(
    arguments: [
      ([1, 1], 14_157_000_000), ([1, 3], 14_157_000_000), ([100, 1], 14_157_000_000), ([1, 1, 1], 442_071_000_000),
      ([5, 3, 2, 90], 14_157_000_000), ([100, 99, 98, 97, 96], 1_000_000), ([1, 1, 1, 1, 1], 999_999_999_900_000),
      ([2, 2], 14_157_000_000),
    ] as [([Int64], Int64)])
  func everyVariantGetsItsShare(_ weights: [Int64], _ first: Int64) throws {
    for campaign: Int64 in [1, 2, 1_000_000] {
      let split = try Self.split(weights, campaign: campaign, from: first)
      #expect(split.count == Self.phones && split.allSatisfy { (1...weights.count).contains($0) })
      for (index, weight) in weights.enumerated() {
        let share = Double(weight) / Double(weights.reduce(0, +))
        let found = Double(split.count { $0 == index + 1 })
        // Five standard deviations of a fair draw.
        let band = 5 * (share * (1 - share) * Double(Self.phones)).squareRoot()
        #expect(
          abs(found - share * Double(Self.phones)) < band, "variant \(index + 1) of \(weights), campaign \(campaign)")
      }
    }
  }

  @Test func neighbouringNumbersAreNotCorrelated() throws {
    for campaign: Int64 in 1...10 {
      let split = try Self.split([1, 1], campaign: campaign)
      for distance in [1, 2, 3, 5, 7, 10, 16, 64, 100, 1_000, 10_000] {
        let pairs = zip(split, split.dropFirst(distance))
        let same = pairs.count { $0 == $1 }
        let count = Double(Self.phones - distance)
        #expect(abs(Double(same) - count / 2) < 5 * (count / 4).squareRoot(), "campaign \(campaign), \(distance) apart")
      }
    }
  }

  @Test func everyPatternOfEightInARowComesAsOftenAsByChance() throws {
    for campaign: Int64 in 1...5 {
      let split = try Self.split([1, 1], campaign: campaign)
      var seen = [Int](repeating: 0, count: 256)
      for start in stride(from: 0, to: Self.phones - 8, by: 8) {
        seen[split[start..<start + 8].reduce(0) { $0 * 2 + $1 - 1 }] += 1
      }
      let expected = Double(seen.reduce(0, +)) / 256
      let chi = seen.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
      // 255 degrees of freedom: mean 255, deviation 22.6.
      #expect(chi < 255 + 5 * 22.6, "campaign \(campaign): \(chi)")
    }
  }

  @Test func campaignsSplitThePeopleAnew() throws {
    let (one, two) = (try Self.split([1, 1], campaign: 1), try Self.split([1, 1], campaign: 2))
    let same = zip(one, two).count { $0 == $1 }
    #expect(abs(same - Self.phones / 2) < 800)
    #expect(try Self.split([1, 1], campaign: 1) == one)
  }

  @Test func equalSharesInOtherNumbersAreTheSameSplit() throws {
    #expect(try Self.split([1, 3], count: 1_000) == Self.split([25, 75], count: 1_000))
    #expect(VariantSplit.tickets([10, 20, 30]) == [1, 2, 2, 3, 3, 3])
    #expect(VariantSplit.tickets([100, 99, 98, 97, 96]).count == 490)
  }

  /// Anyone who has a variant keeps it in the next version: a pinned line.
  @Test func theSplitIsTheSameInEveryVersion() throws {
    #expect(
      try Self.split([1, 1, 2], campaign: 7, count: 24) == [
        3, 2, 1, 3, 3, 1, 3, 3, 1, 3, 3, 1, 3, 2, 3, 3, 3, 3, 3, 2, 1, 3, 3, 1,
      ])
  }
}
