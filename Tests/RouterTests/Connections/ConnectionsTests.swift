import Logging
import Synchronization
import Testing

@testable import Router

/// By a clock that the tests move.
@Suite struct ConnectionsTests {
  private final class Shut: Sendable {
    private let names = Mutex<[String]>([])
    var all: [String] { names.withLock { $0 } }
    func note(_ name: String) { names.withLock { $0.append(name) } }
  }

  private let shut = Shut()

  private func connections(most: Int = 100, perAddress: Int = 100) -> Connections {
    Connections(
      ConnectionLimits(most: most, mostPerAddress: perAddress), now: 0,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func enter(_ connections: Connections, _ name: String, from address: String? = "192.0.2.1") -> Watched? {
    let watched = Watched(address: address, connections) { [shut] in shut.note(name) }
    return connections.enter(watched) ? watched : nil
  }

  @Test func aHeadHasTenSecondsFromTheConnectionsBeginHoweverItTrickles() throws {
    let connections = connections()
    let one = try #require(enter(connections, "one"))
    for second in 1...9 {
      connections.sweep(at: Int64(second) * 1_000)
      one.hears()
    }
    #expect(shut.all.isEmpty)
    connections.sweep(at: 10_000)
    #expect(shut.all == ["one"] && connections.count == 0)
  }

  @Test func betweenRequestsThereIsMoreTimeUntilTheNextBegins() throws {
    let connections = connections()
    let one = try #require(enter(connections, "one"))
    one.readsBody()
    one.answers()
    connections.sweep(at: 3_600_000)
    #expect(shut.all.isEmpty, "an answer takes its time")
    one.rests()
    connections.sweep(at: 3_674_000)
    #expect(shut.all.isEmpty)
    one.hears()
    connections.sweep(at: 3_683_000)
    #expect(shut.all.isEmpty)
    connections.sweep(at: 3_684_000)
    #expect(shut.all == ["one"])
  }

  @Test func aBodyMustComeAndNotTooSlowly() throws {
    let connections = connections()
    let silent = try #require(enter(connections, "silent"))
    silent.readsBody()
    let slow = try #require(enter(connections, "slow"))
    slow.readsBody()
    let held = try #require(enter(connections, "held"))
    held.readsBody()
    held.took(1)
    for second in 1...60 {
      connections.sweep(at: Int64(second) * 1_000)
      slow.took(100)
      slow.awaits()
    }
    // 20 s, and a second for each kB: 100 bytes a second are too few.
    #expect(shut.all == ["silent", "slow"])
    #expect(held.phase == .body, "nobody asked for more of its body")
    held.awaits()
    connections.sweep(at: 79_999)
    #expect(shut.all.count == 2)
    connections.sweep(at: 80_001)
    #expect(shut.all.last == "held")
  }

  @Test func aFastUploadLastsAsLongAsItMust() throws {
    let connections = connections()
    let one = try #require(enter(connections, "one"))
    one.readsBody()
    for second in 1...600 {
      connections.sweep(at: Int64(second) * 1_000)
      one.took(2_000)
      one.awaits()
    }
    #expect(shut.all.isEmpty)
  }

  @Test func whoDoesNotTakeAnAnswerIsNotWaitedForForEver() throws {
    let connections = connections()
    let one = try #require(enter(connections, "one"))
    one.readsBody()
    one.answers()
    one.takesAnswers(false)
    connections.sweep(at: 59_000)
    one.takesAnswers(true)
    connections.sweep(at: 600_000)
    #expect(shut.all.isEmpty)
    one.takesAnswers(false)
    connections.sweep(at: 660_000)
    #expect(shut.all == ["one"])
  }

  @Test func beyondTheMostTheOldestThatWaitForNothingGo() throws {
    let connections = connections(most: 3)
    let atWork = try #require(enter(connections, "at work"))
    atWork.readsBody()
    atWork.answers()
    let rested = try #require(enter(connections, "rested"))
    rested.readsBody()
    rested.answers()
    rested.rests()
    connections.sweep(at: 1_000)
    _ = enter(connections, "begun")
    // What never asked for anything goes before what has.
    #expect(enter(connections, "four") != nil && shut.all == ["begun"])
    connections.sweep(at: 2_000)
    let five = try #require(enter(connections, "five"))
    five.answers()
    #expect(shut.all == ["begun", "four"])
    let six = try #require(enter(connections, "six"))
    six.answers()
    #expect(shut.all == ["begun", "four", "rested"] && connections.count == 3)
    #expect(enter(connections, "seven") == nil, "all are at work")
    connections.leave(six)
    connections.leave(six)
    #expect(connections.count == 2 && enter(connections, "eight") != nil)
  }

  @Test func oneAddressTakesItsShareAndNoMore() throws {
    let connections = connections(most: 10, perAddress: 2)
    for name in ["a", "b"] { try #require(enter(connections, name)).answers() }
    #expect(enter(connections, "c") == nil)
    #expect(enter(connections, "d", from: "192.0.2.2") != nil)
    for name in ["e", "f", "g"] { #expect(enter(connections, name, from: nil) != nil) }
    #expect(shut.all.isEmpty)
  }

  @Test(arguments: [(160, 512), (256, 512), (1_024, 512), (1_024, 5_000), (20_000, 512), (65_536, 5_000), (1, 1)])
  func descriptorsAreNeverPromisedTwice(_ limit: Int, _ wanted: Int) {
    let budget = DescriptorBudget(limit: limit, openFiles: wanted)
    #expect(budget.openFiles >= 1 && budget.openFiles <= wanted && budget.outgoing >= 8 && budget.connections >= 8)
    #expect(budget.perAddress <= budget.connections)
    guard limit >= DescriptorBudget.least else { return }
    let sum =
      budget.openFiles * DescriptorBudget.perFile + 2 * budget.outgoing + budget.connections + budget.uploads
      + DescriptorBudget.own
      + DescriptorBudget.reserve
    #expect(sum <= limit)
    if limit >= 20_000 { #expect(budget.openFiles == min(wanted, limit * 3 / 8 / 4) || budget.openFiles >= 512) }
  }

  @Test func anEventIsToldOnceAMinuteWithItsNumber() {
    let count = EventCount()
    let minute: UInt64 = 60_000_000_000
    #expect(count.note(at: 1) == 1 && count.note(at: 2) == nil && count.note(at: minute) == nil)
    #expect(count.note(at: 1 + minute) == 3 && count.note(at: 2 + minute) == nil)
  }
}
