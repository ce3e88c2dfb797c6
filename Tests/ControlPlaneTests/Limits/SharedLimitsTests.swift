import ControlPlane
import Synchronization
import TenantRuntime
import TestKit
import Testing

/// What every keeper of shared limits promises: the same cases for the embedded store and for a real Redis.
@Suite struct SharedLimitsTests {
  static let day: Int64 = 20_261_124

  @Test(arguments: Keeper.allCases)
  func twoNodesNeverHoldMoreThanTheLimitTogether(keeper: Keeper) async throws {
    let nodes = try TwoNodes(keeper)
    let held = HeldSlots()
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<200 {
        group.addTask {
          let (account, node) = (task / 2, task % 2)
          for round in 0..<10 {
            let wanted = (task * 7919 + round * 104_729) % 14
            held.willAsk(account, node, wanted)
            held.got(account, node, await nodes.all[node].slots(account: "AC\(account)", wanted: wanted, limit: 10))
          }
        }
      }
    }
    #expect(held.most == 10)
    await nodes.end()
  }

  @Test(arguments: Keeper.allCases)
  func aNodeThatShrinksItsDemandFreesSlotsForTheOther(keeper: Keeper) async throws {
    let nodes = try TwoNodes(keeper)
    #expect(await nodes.first.slots(account: "AC1", wanted: 8, limit: 10) == 8)
    #expect(await nodes.second.slots(account: "AC1", wanted: 8, limit: 10) == 2)
    #expect(await nodes.second.slots(account: "AC2", wanted: 8, limit: 10) == 8)
    #expect(await nodes.first.slots(account: "AC1", wanted: 3, limit: 10) == 3)
    #expect(await nodes.second.slots(account: "AC1", wanted: 8, limit: 10) == 7)
    #expect(await nodes.second.slots(account: "AC1", wanted: 0, limit: 10) == 0)
    #expect(await nodes.first.slots(account: "AC1", wanted: 20, limit: 10) == 10)
    await nodes.end()
  }

  @Test(arguments: Keeper.allCases)
  func aSilentNodesSlotsComeBackWhenItsLeaseRunsOut(keeper: Keeper) async throws {
    let nodes = try TwoNodes(keeper)
    #expect(await nodes.first.slots(account: "AC1", wanted: 8, limit: 10) == 8)
    #expect(await nodes.second.slots(account: "AC1", wanted: 10, limit: 10) == 2)
    nodes.letLeasesRunOut()
    #expect(await nodes.second.slots(account: "AC1", wanted: 10, limit: 10) == 10)
    await nodes.end()
  }

  @Test(arguments: Keeper.allCases)
  func manyTakersUseABrandsCapToTheLastSegmentAndNotBeyond(keeper: Keeper) async throws {
    let nodes = try TwoNodes(keeper)
    let granted = await withTaskGroup(of: Int64.self) { group in
      for taker in 0..<50 {
        group.addTask {
          await nodes.all[taker % 2].take(brand: "B1", day: Self.day, segments: Int64(1 + taker % 9), cap: 137)
        }
      }
      return await group.reduce(0, +)
    }
    #expect(granted == 137)
    for node in nodes.all { #expect(await node.used(brand: "B1", day: Self.day) == 137) }
    #expect(await nodes.first.take(brand: "B1", day: Self.day, segments: 1, cap: 137) == 0)
    await nodes.end()
  }

  @Test(arguments: Keeper.allCases)
  func whatIsGivenBackMakesRoomForAnybody(keeper: Keeper) async throws {
    let nodes = try TwoNodes(keeper)
    #expect(await nodes.first.take(brand: "B1", day: Self.day, segments: 10, cap: 10) == 10)
    await nodes.first.giveBack(brand: "B1", day: Self.day, segments: 4)
    #expect(await nodes.second.used(brand: "B1", day: Self.day) == 6)
    #expect(await nodes.second.take(brand: "B1", day: Self.day, segments: 9, cap: 10) == 4)
    await nodes.end()
  }

  @Test(arguments: Keeper.allCases)
  func givingBackMoreThanWasTakenLeavesNothingUsedAndNotLess(keeper: Keeper) async throws {
    let nodes = try TwoNodes(keeper)
    #expect(await nodes.first.take(brand: "B1", day: Self.day, segments: 5, cap: 10) == 5)
    await nodes.second.giveBack(brand: "B1", day: Self.day, segments: 9)
    #expect(await nodes.first.used(brand: "B1", day: Self.day) == 0)
    #expect(await nodes.second.take(brand: "B1", day: Self.day, segments: 20, cap: 10) == 10)
    #expect(await nodes.first.used(brand: "B1", day: Self.day) == 10)
    await nodes.end()
  }

  @Test(arguments: Keeper.allCases)
  func anotherDayAndAnotherBrandAreUntouched(keeper: Keeper) async throws {
    let nodes = try TwoNodes(keeper)
    #expect(await nodes.first.take(brand: "B1", day: Self.day, segments: 10, cap: 10) == 10)
    #expect(await nodes.first.used(brand: "B1", day: Self.day + 1) == 0)
    #expect(await nodes.first.used(brand: "B2", day: Self.day) == 0)
    #expect(await nodes.second.take(brand: "B1", day: Self.day + 1, segments: 7, cap: 10) == 7)
    #expect(await nodes.second.take(brand: "B2", day: Self.day, segments: 7, cap: 10) == 7)
    #expect(await nodes.first.used(brand: "B1", day: Self.day) == 10)
    await nodes.end()
  }
}

/// Who holds how many slots, as the nodes see it: never more than the keeper has granted.
private final class HeldSlots: Sendable {
  /// By account, the slots of both nodes.
  private let held = Mutex<[Int: [Int]]>([:])
  private let together = Mutex(0)

  /// The most that both nodes ever held of one account.
  var most: Int { together.withLock { $0 } }

  /// A node lowers what it holds before it says so, as a caller must.
  func willAsk(_ account: Int, _ node: Int, _ wanted: Int) {
    held.withLock { held in
      let before = held[account, default: [0, 0]][node]
      held[account, default: [0, 0]][node] = min(before, wanted)
    }
  }

  func got(_ account: Int, _ node: Int, _ granted: Int) {
    let sum = held.withLock { held in
      held[account, default: [0, 0]][node] = granted
      return held[account, default: []].reduce(0, +)
    }
    together.withLock { $0 = max($0, sum) }
  }
}
