import Testing

@testable import TenantRuntime

/// Who goes next through the door, and when.
@Suite struct CallQueueTests {
  private let second: UInt64 = 1_000_000_000
  private let start: UInt64 = 1_000_000_000_000

  private func call(
    _ tenant: String, lane: String? = nil, name: String = "", rate: Double? = nil, units: Int = 1,
    account: String? = nil,
    urgent: Bool = false, wanted: Bool = true
  ) -> CallQueue.Waiting {
    var call = HTTPCall(url: name, turnKey: tenant)
    call.lane = lane ?? tenant
    call.rate = rate
    call.units = units
    call.account = account
    call.isUrgent = urgent
    call.isWanted = { wanted }
    return CallQueue.Waiting(call: call, completion: { _ in })
  }

  @Test func aTenantsHundredDoNotDelayAnothersOne() {
    var queue = CallQueue()
    for n in 0..<100 { queue.add(call("big", name: "b\(n)")) }
    queue.add(call("small", name: "s"))
    #expect(queue.take(room: 2, now: start, accounts: AccountPace()).calls.map(\.call.url) == ["b0", "s"])
  }

  @Test func aTenantWhoseReceiversAreSlowLeavesConnectionsToOthers() {
    var queue = CallQueue(mostOfOne: 3)
    for n in 0..<10 { queue.add(call("slow", name: "s\(n)")) }
    let first = queue.take(room: 8, now: start, accounts: AccountPace()).calls
    #expect(first.map(\.call.url) == ["s0", "s1", "s2"])
    queue.add(call("quick", name: "q"))
    #expect(queue.take(room: 5, now: start, accounts: AccountPace()).calls.map(\.call.url) == ["q"])
    queue.ended(first[1].call)
    #expect(queue.take(room: 5, now: start, accounts: AccountPace()).calls.map(\.call.url) == ["s3"])
  }

  @Test func numbersOfOneTenantTakeTurnsAndAnswersGoAheadOfTheirLaneInOrder() {
    var queue = CallQueue()
    for n in 0..<3 { queue.add(call("t", lane: "one", name: "1.\(n)")) }
    for n in 0..<3 { queue.add(call("t", lane: "two", name: "2.\(n)")) }
    queue.add(call("t", lane: "one", name: "reply", urgent: true))
    queue.add(call("t", lane: "one", name: "second reply", urgent: true))
    let order = queue.take(room: 9, now: start, accounts: AccountPace()).calls.map(\.call.url)
    #expect(order == ["reply", "2.0", "second reply", "2.1", "1.0", "2.2", "1.1", "1.2"])
    #expect(queue.isEmpty)
  }

  @Test func aLaneNeverBeginsMoreThanItsRateInAnySecondWhateverItIsHanded() {
    var queue = CallQueue()
    for _ in 0..<60 { queue.add(call("t", rate: 10, units: 2)) }
    var begun: [UInt64] = []
    for millisecond in 0..<5_000 {
      let now = start + UInt64(millisecond) * 1_000_000
      begun += queue.take(room: 100, now: now, accounts: AccountPace()).calls.map { _ in now }
    }
    for moment in begun {
      let segments = begun.count { $0 >= moment && $0 < moment + second - 5_000_000 } * 2
      #expect(segments <= 10)
    }
    // Five seconds at ten segments: 25 texts of two, and one that is due as they end.
    #expect((25...26).contains(begun.count))
  }

  @Test func aPacedLaneSaysWhenItIsNext() {
    var queue = CallQueue()
    queue.add(call("t", rate: 2))
    queue.add(call("t", rate: 2))
    #expect(queue.take(room: 9, now: start, accounts: AccountPace()).calls.count == 1)
    let next = queue.take(room: 9, now: start, accounts: AccountPace()).next
    #expect(next == start + second / 2 - 5_000_000)
  }

  @Test func anAccountAtItsBoundLetsOthersPass() {
    var queue = CallQueue()
    let accounts = AccountPace()
    accounts.setShare("AC1", 1)
    for n in 0..<3 { queue.add(call("one", name: "a\(n)", account: "AC1")) }
    queue.add(call("two", name: "b", account: "AC2"))
    #expect(queue.take(room: 9, now: start, accounts: accounts).calls.map(\.call.url) == ["a0", "b"])
    #expect(queue.take(room: 9, now: start, accounts: accounts).calls.isEmpty)
    accounts.end("AC1")
    #expect(queue.take(room: 9, now: start, accounts: accounts).calls.map(\.call.url) == ["a1"])
  }

  @Test func refusalsHalveWhatIsOfferedAndRestLongerEachTime() {
    let accounts = AccountPace(random: { 0 })
    for _ in 0..<40 { #expect(accounts.begin("AC1", now: start)) }
    accounts.overloaded("AC1", now: start)
    // The others of the same burst say nothing new.
    accounts.overloaded("AC1", now: start)
    #expect(accounts.bound("AC1") == 20)
    #expect(accounts.restMilliseconds("AC1", now: start) == 51)
    #expect(!accounts.begin("AC1", now: start))
    accounts.overloaded("AC1", now: start + second)
    #expect(accounts.bound("AC1") == 10)
    #expect(accounts.restMilliseconds("AC1", now: start + second) == 101)
    // A round of answers gives one back.
    for _ in 0..<10 { accounts.answered("AC1") }
    #expect((10...11).contains(accounts.bound("AC1")))
  }

  @Test func whatIsNotWantedAnyMoreLeavesTheQueue() {
    var queue = CallQueue()
    queue.add(call("t", name: "kept"))
    queue.add(call("t", name: "gone", wanted: false))
    queue.add(call("other", wanted: false))
    #expect(queue.removeUnwanted(of: "t").map(\.call.url) == ["gone"])
    #expect(queue.removeUnwanted(of: "nobody").isEmpty)
    #expect(queue.take(room: 9, now: start, accounts: AccountPace()).calls.count == 2)
  }
}
