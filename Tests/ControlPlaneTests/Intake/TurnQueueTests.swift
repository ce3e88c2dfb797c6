import TenantRuntime
import Testing

@testable import ControlPlane

@Suite struct TurnQueueTests {
  private let start = ContinuousClock.now
  private var queue = TurnQueue()

  private func after(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

  /// Somebody else's rows keep the node from being idle.
  private mutating func next(_ milliseconds: Int) -> TurnQueue.Next {
    _ = queue.count("busy", of: .reports, at: after(milliseconds))
    var other = TurnQueue.Next.later
    while case .turn(let tenant, _) = queue.next(at: after(milliseconds)) {
      if tenant == "busy" { queue.end("busy", at: after(milliseconds)) } else { other = .turn(tenant, isMore: false) }
    }
    return other
  }

  private mutating func turn(_ tenant: String, hits: Int = 0, reports: Int = 0, at milliseconds: Int) {
    for _ in 0..<hits { _ = queue.count(tenant, of: .clicks, at: after(milliseconds)) }
    for _ in 0..<reports { _ = queue.count(tenant, of: .reports, at: after(milliseconds)) }
    #expect(next(milliseconds) == .turn(tenant, isMore: false))
    queue.end(tenant, at: after(milliseconds))
  }

  @Test(arguments: [true, false]) mutating func aQuietTenantHasItsTurnAtOnce(_ isHit: Bool) {
    turn("acme", hits: isHit ? 1 : 0, reports: isHit ? 0 : 1, at: 0)
  }

  @Test(arguments: [true, false]) mutating func whoHadATurnWaitsAMomentForMore(_ isHit: Bool) {
    turn("acme", hits: 1, reports: 1, at: 0)
    _ = queue.count("acme", of: isHit ? .clicks : .reports, at: after(1))
    #expect(next(99) == .later && next(100) == .turn("acme", isMore: false))
  }

  @Test mutating func clicksAfterManyWaitForTheStormsEnd() {
    turn("acme", hits: TurnQueue.backloggedClicks, at: 0)
    _ = queue.count("acme", of: .clicks, at: after(1))
    #expect(next(1_999) == .later && next(2_000) == .turn("acme", isMore: false))
    queue.end("acme", at: after(2_000))
    // It had one: the backlog is over.
    _ = queue.count("acme", of: .clicks, at: after(2_001))
    #expect(next(2_100) == .turn("acme", isMore: false))
  }

  @Test mutating func aReportInAStormWaitsNoLongerThanWithoutOne() {
    turn("acme", hits: TurnQueue.backloggedClicks, at: 0)
    _ = queue.count("acme", of: .clicks, at: after(1))
    _ = queue.count("acme", of: .reports, at: after(2))
    #expect(next(99) == .later && next(100) == .turn("acme", isMore: false))
    queue.end("acme", at: after(100))
    #expect(next(3_000) == .later, "the entry it had for its clicks counts no more")
  }

  @Test mutating func oneTenantsStormHoldsNobodyElse() {
    turn("acme", hits: TurnQueue.backloggedClicks, at: 0)
    _ = queue.count("acme", of: .clicks, at: after(1))
    turn("bolt", hits: 1, at: 2)
    _ = queue.count("bolt", of: .clicks, at: after(3))
    #expect(next(102) == .turn("bolt", isMore: false))
  }

  @Test(arguments: [true, false]) mutating func enoughRowsWaitNoLonger(_ isHit: Bool) {
    turn("acme", hits: TurnQueue.backloggedClicks, at: 0)
    let full = TurnQueue.fullAt(isHit ? .clicks : .reports)
    for _ in 1..<full { _ = queue.count("acme", of: isHit ? .clicks : .reports, at: after(1)) }
    #expect(next(1) == .later)
    _ = queue.count("acme", of: isHit ? .clicks : .reports, at: after(1))
    #expect(next(1) == .turn("acme", isMore: false))
  }

  @Test mutating func aReportWhoseTimeCameDuringATurnIsNotHeldByALaterClick() {
    turn("acme", hits: TurnQueue.backloggedClicks, at: 0)
    _ = queue.count("acme", TurnQueue.backloggedClicks, of: .clicks, at: after(1))
    #expect(next(2_000) == .turn("acme", isMore: false))
    _ = queue.count("acme", of: .reports, at: after(2_001))
    #expect(next(4_000) == .later, "it has a turn already")
    _ = queue.count("acme", of: .clicks, at: after(4_001))
    queue.end("acme", at: after(4_002))
    #expect(next(4_002) == .turn("acme", isMore: false))
  }

  @Test mutating func manyThatComeTogetherCountAsMany() {
    _ = queue.count("acme", TurnQueue.backloggedClicks, of: .clicks, at: start)
    #expect(next(0) == .turn("acme", isMore: false))
    queue.end("acme", at: start)
    _ = queue.count("acme", TurnQueue.fullAt(.clicks) - 3, of: .clicks, at: after(1))
    #expect(next(1) == .later)
    _ = queue.count("acme", 500, of: .clicks, at: after(1))
    #expect(next(1) == .turn("acme", isMore: false))
  }

  @Test mutating func onceNothingMoreComesNobodyWaits() {
    turn("acme", hits: TurnQueue.backloggedClicks, at: 0)
    _ = queue.count("acme", of: .clicks, at: after(1))
    #expect(queue.next(at: after(21)) == .later && queue.next(at: after(22)) == .turn("acme", isMore: false))
  }

  @Test mutating func inACrowdEachWaitsForEverybodyWhoWaitsWithIt() {
    for tenant in 0..<500 { _ = queue.count("\(tenant)", of: .reports, at: start) }
    #expect(turns(at: 0) == TurnQueue.batchingTenants - 1, "with fewer tenants nobody waits")
    // One every four milliseconds, as they came.
    #expect(turns(at: 600) == 101)
    #expect(turns(at: 1_000) == 100)
    #expect(turns(at: 1_999) == 249)
    #expect(turns(at: 2_000) == 1)
  }

  /// All of them have one after another; only "busy" comes again.
  private mutating func turns(at milliseconds: Int) -> Int {
    _ = queue.count("busy", of: .texts, at: after(milliseconds))
    var turns = 0
    while case .turn(let tenant, _) = queue.next(at: after(milliseconds)) {
      queue.end(tenant, at: after(milliseconds))
      if tenant != "busy" { turns += 1 }
    }
    return turns
  }

  @Test mutating func whatPeopleWroteWaitsForNoCrowdAndNoStorm() {
    for tenant in 0..<500 { _ = queue.count("\(tenant)", of: .reports, at: start) }
    _ = turns(at: 0)
    _ = queue.count("499", of: .texts, at: after(1))
    #expect(next(1) == .turn("499", isMore: false))
    queue.end("499", at: after(1))
    _ = queue.count("499", TurnQueue.backloggedClicks, of: .clicks, at: after(2))
    _ = queue.count("499", of: .texts, at: after(3))
    #expect(next(100) == .later && next(101) == .turn("499", isMore: false))
  }

  @Test mutating func aTenantNeverHasTwoTurnsAndIsNotForgotten() {
    _ = queue.count("acme", of: .reports, at: start)
    #expect(queue.next(at: start) == .turn("acme", isMore: false))
    for _ in 0..<TurnQueue.fullAt(.reports) { _ = queue.count("acme", of: .reports, at: after(1)) }
    #expect(queue.next(at: after(5_000)) == .nobody)
    queue.end("acme", at: after(5_001))
    #expect(queue.next(at: after(5_001)) == .turn("acme", isMore: false))
    queue.end("acme", at: after(5_002))
    #expect(queue.next(at: after(9_000)) == .nobody)
  }
}
