import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

@Suite struct TurnPoolTests {
  private func at(_ milliseconds: Int64) -> Moment { Moment(milliseconds: 1_800_000_000_000 + milliseconds) }
  private func turn(_ tenant: String, _ worker: Worker = .launching) -> Turn {
    Turn(tenant: tenant, work: .worker(worker))
  }

  @Test func aTurnBeginsOnceHoweverOftenItIsWoken() {
    var pool = TurnPool()
    for _ in 0..<3 { pool.wake(turn("acme"), at: at(0)) }
    #expect(pool.next(at: at(0)) == turn("acme") && pool.next(at: at(0)) == nil)
  }

  @Test func oneWokenWhileItRunsHasOneMore() {
    var pool = TurnPool()
    pool.wake(turn("acme"), at: at(0))
    _ = pool.next(at: at(0))
    for _ in 0..<3 { pool.wake(turn("acme"), at: at(1)) }
    #expect(pool.next(at: at(1)) == nil, "never twice at once")
    pool.end(turn("acme"), .whenNudged, at: at(2))
    #expect(pool.next(at: at(2)) == turn("acme"))
    pool.end(turn("acme"), .whenNudged, at: at(3))
    #expect(pool.next(at: at(3)) == nil && pool.nextDue == nil)
  }

  @Test func whatIsDueLaterBeginsThen() {
    var pool = TurnPool()
    pool.schedule(turn("acme"), at: at(500), now: at(0))
    pool.schedule(turn("bob"), at: at(200), now: at(0))
    #expect(pool.nextDue == at(200) && pool.next(at: at(199)) == nil)
    #expect(pool.next(at: at(200)) == turn("bob") && pool.next(at: at(200)) == nil && pool.nextDue == at(500))
    #expect(pool.next(at: at(500)) == turn("acme") && pool.nextDue == nil)
  }

  @Test(arguments: [[500, 300], [300, 500], [300, 300]] as [[Int64]])
  func ofTwoTimesTheEarlierCounts(_ times: [Int64]) {
    let due: Int64 = 300
    var pool = TurnPool()
    for time in times { pool.schedule(turn("acme"), at: at(time), now: at(0)) }
    #expect(pool.nextDue == at(due))
    #expect(pool.next(at: at(due)) == turn("acme"))
    pool.end(turn("acme"), .whenNudged, at: at(due))
    #expect(pool.next(at: at(1_000)) == nil, "the other one counts no more")
  }

  @Test func aTimeThatIsOverDoesNotStandForALaterOne() {
    var pool = TurnPool()
    pool.schedule(turn("acme"), at: at(100), now: at(0))
    // The clock was set: nothing has looked meanwhile.
    pool.schedule(turn("acme"), at: at(900), now: at(500))
    #expect(pool.nextDue == at(900))
  }

  @Test func oneThatIsWokenHasNoOlderTimer() {
    var pool = TurnPool()
    pool.schedule(turn("acme"), at: at(500), now: at(0))
    pool.wake(turn("acme"), at: at(0))
    _ = pool.next(at: at(0))
    pool.end(turn("acme"), .at(at(9_000)), at: at(1))
    #expect(pool.nextDue == at(9_000))
  }

  @Test func aTenantThatAlwaysWantsMoreKeepsNobodyWaiting() {
    var pool = TurnPool()
    let busy = (0..<Turn.Group.short.slots).map { turn("busy\($0)") }
    for turn in busy { pool.wake(turn, at: at(0)) }
    for turn in busy { #expect(pool.next(at: at(0)) == turn) }
    pool.wake(turn("acme"), at: at(1))
    #expect(pool.next(at: at(1)) == nil, "no slot is free")
    pool.end(busy[0], .now, at: at(2))
    #expect(pool.next(at: at(2)) == turn("acme"), "it came before the busy one's next turn")
    pool.end(turn("acme"), .now, at: at(3))
    #expect(pool.next(at: at(3)) == busy[0])
  }

  @Test func oneGroupDoesNotKeepAnotherWaiting() {
    var pool = TurnPool()
    for number in 0..<2_000 {
      for worker in [Worker.imports, .sweepingByAge, .sending] { pool.wake(turn("t\(number)", worker), at: at(0)) }
    }
    var begun: [Turn.Group: Int] = [:]
    while let turn = pool.next(at: at(0)) { begun[turn.group, default: 0] += 1 }
    for group in [Turn.Group.imports, .background, .calls] { #expect(begun[group] == group.slots) }
    pool.wake(turn("acme"), at: at(1))
    #expect(pool.next(at: at(1)) == turn("acme"))
  }

  @Test func patientWorkGoesLaterButGoes() {
    var pool = TurnPool()
    let slots = Turn.Group.background.slots
    for number in 0..<slots { pool.wake(turn("t\(number)", .searching), at: at(0)) }
    let running = (0..<slots).compactMap { _ in pool.next(at: at(0)) }
    pool.wake(turn("acme", .sweepingByAge), at: at(0))
    pool.wake(turn("bob", .searching), at: at(59_000))
    pool.wake(turn("eve", .searching), at: at(61_000))
    for turn in running { pool.end(turn, .whenNudged, at: at(61_000)) }
    #expect(
      (0..<3).map { _ in pool.next(at: at(61_000))?.tenant } == ["bob", "acme", "eve"])
  }

  /// By chance: whatever is asked, nothing begins twice at once, no group has more than its slots, and what was woken or scheduled
  /// begins.
  @Test func whateverIsAskedForTheRulesHold() {
    for seed in UInt64(1)...40 {
      var chance = Chance(seed: seed)
      var (pool, running, woken, now) = (TurnPool(), Set<Turn>(), Set<Turn>(), Int64(0))
      let turns = (0..<30).flatMap { number in Worker.allCases.map { turn("t\(number)", $0) } }
      for _ in 0..<2_000 {
        now += Int64(chance.below(200))
        let turn = turns[chance.below(turns.count)]
        switch chance.below(4) {
        case 0:
          pool.wake(turn, at: at(now))
          woken.insert(turn)
        case 1:
          pool.schedule(turn, at: at(now + Int64(chance.below(5_000)) - 500), now: at(now))
          woken.insert(turn)
        case 2:
          while let turn = pool.next(at: at(now)) {
            #expect(running.insert(turn).inserted, "seed \(seed)")
            woken.remove(turn)
          }
          for group in Turn.Group.allCases {
            #expect(running.count { $0.group == group } <= group.slots, "seed \(seed)")
          }
        default:
          guard let turn = running.randomElement(using: &chance) else { continue }
          running.remove(turn)
          let next: NextTurn = [.now, .whenNudged, .at(at(now + 50))][chance.below(3)]
          pool.end(turn, next, at: at(now))
        }
      }
      while !running.isEmpty || pool.nextDue != nil {
        now += 10_000
        for turn in running { pool.end(turn, .whenNudged, at: at(now)) }
        running.removeAll()
        while let turn = pool.next(at: at(now)) {
          running.insert(turn)
          woken.remove(turn)
        }
      }
      #expect(woken.isEmpty, "seed \(seed)")
    }
  }
}
