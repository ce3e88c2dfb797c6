import ControlPlane
import InMemoryLogging
import Logging
import TenantRuntime
import TestKit
import Testing

/// What Redis does to us that an embedded store cannot.
@Suite struct RedisLimitsTests {
  private let day = SharedLimitsTests.day
  private let log = InMemoryLogHandler()

  private func node(
    _ name: String, _ url: String, names: RedisNames = .ofTests, timeout: Duration = .seconds(1),
    lease: Duration = .seconds(SlotLease.seconds)
  ) throws -> RedisLimits {
    try RedisLimits(
      redisURL: url, names: names, node: name, logger: Logger(label: "test") { [log] _ in log }, timeout: timeout,
      lease: lease, askAgain: .milliseconds(50))
  }

  @Test func nodesOfOneInstallationShareAndAnotherOnTheSameRedisHasLimitsOfItsOwn() async throws {
    let server = try RedisServer()
    let (one, two) = (
      try node("one", server.url, timeout: .seconds(5)), try node("two", server.url, timeout: .seconds(5))
    )
    let other = try node("three", server.url, names: .ofAnother, timeout: .seconds(5))
    #expect(await one.take(brand: "agency", day: day, segments: 8, cap: 10) == 8)
    #expect(await other.take(brand: "agency", day: day, segments: 8, cap: 10) == 8)
    #expect(await two.take(brand: "agency", day: day, segments: 8, cap: 10) == 2)
    #expect(await one.slots(account: "AC1", wanted: 15, limit: 20) == 15)
    #expect(await other.slots(account: "AC1", wanted: 20, limit: 20) == 20)
    #expect(await two.slots(account: "AC1", wanted: 20, limit: 20) == 5)
    for node in [one, two, other] { await node.shutDown() }
  }

  private func logged(_ level: Logger.Level) -> Int { log.entries.count { $0.level == level } }

  /// How many connections the server has taken, this question's among them.
  private func connections(of server: RedisServer) -> Int {
    server.say("CLIENT ID").flatMap { Int($0.dropFirst()) } ?? 0
  }

  @Test func aKilledServerLeavesALocalShareAndOnceItIsBackTheUseIsCounted() async throws {
    let server = try RedisServer()
    let one = try node("one", server.url, timeout: .seconds(5))
    #expect(await one.take(brand: "B1", day: day, segments: 100, cap: 1000) == 100)
    #expect(await one.take(brand: "not asked for while away", day: day, segments: 5, cap: 1000) == 5)
    #expect(await one.slots(account: "AC1", wanted: 20, limit: 20) == 20)

    server.kill()
    var alone: Int64 = 0
    for _ in 0..<50 {
      alone += await one.take(brand: "B1", day: day, segments: 30, cap: 1000)
      #expect(await one.slots(account: "AC1", wanted: 20, limit: 20) == 10)
    }
    #expect(alone == 225)  // a quarter of the 900 that were left
    #expect(await one.take(brand: "B2", day: day, segments: 1000, cap: 1000) == 250)
    await one.giveBack(brand: "B1", day: day, segments: 25)
    #expect(await one.used(brand: "B1", day: day) == 300)
    #expect(logged(.warning) == 1)
    #expect(logged(.notice) == 0)

    try server.start()  // without a memory
    #expect(await eventually { logged(.notice) == 1 })
    let two = try node("two", server.url, timeout: .seconds(5))
    #expect(await two.used(brand: "B1", day: day) == 300)
    #expect(await two.used(brand: "B2", day: day) == 250)
    #expect(await two.used(brand: "not asked for while away", day: day) == 5)
    #expect(await one.slots(account: "AC1", wanted: 20, limit: 20) == 20)
    #expect(logged(.warning) == 1)
    await one.shutDown()
    await two.shutDown()
  }

  @Test func aNodeThatKnewTwoOthersTakesAThirdOfTheSlots() async throws {
    let server = try RedisServer()
    // On a busy machine three questions may take longer than a lease.
    let nodes = try ["one", "two", "three"].map {
      try node($0, server.url, timeout: .seconds(5), lease: .seconds(600))
    }
    for node in nodes + [nodes[0]] { _ = await node.slots(account: "AC1", wanted: 1, limit: 30) }
    server.kill()
    #expect(await nodes[0].slots(account: "AC1", wanted: 30, limit: 30) == 10)
    #expect(await nodes[0].slots(account: "AC1", wanted: 30, limit: 2) == 1)
    #expect(await nodes[0].slots(account: "AC1", wanted: 0, limit: 30) == 0)
    #expect(await nodes[0].slots(account: "never asked for", wanted: 30, limit: 30) == 15)
    for node in nodes { await node.shutDown() }
  }

  @Test func aServerThatForgetsItsScriptsIsToldThemAgain() async throws {
    let server = try RedisServer()
    let one = try node("one", server.url, timeout: .seconds(5))
    #expect(await one.take(brand: "B1", day: day, segments: 3, cap: 10) == 3)
    #expect(server.say("SCRIPT FLUSH") == "+OK")
    #expect(await one.take(brand: "B1", day: day, segments: 20, cap: 10) == 7)
    #expect(logged(.warning) == 0)
    await one.shutDown()
  }

  @Test func aServerThatForgetsEverythingHearsOfABrandsUseWithTheNextQuestion() async throws {
    let server = try RedisServer()
    let one = try node("one", server.url, timeout: .seconds(5))
    let two = try node("two", server.url, timeout: .seconds(5))
    #expect(await one.take(brand: "B1", day: day, segments: 3, cap: 10) == 3)
    #expect(await two.take(brand: "B1", day: day, segments: 4, cap: 10) == 4)
    #expect(server.say("FLUSHALL") == "+OK")
    #expect(await one.used(brand: "B1", day: day) == 3)
    #expect(await two.take(brand: "B1", day: day, segments: 20, cap: 10) == 3)
    await one.giveBack(brand: "B1", day: day, segments: 1)
    #expect(await two.used(brand: "B1", day: day) == 9)
    await one.shutDown()
    await two.shutDown()
  }

  @Test func aFrozenServerHoldsNoDecisionUpForLongAndIsUsedAgainWhenItThaws() async throws {
    let server = try RedisServer()
    let one = try node("one", server.url)
    #expect(await eventually { await one.slots(account: "AC1", wanted: 20, limit: 20) == 20 })
    let before = await one.take(brand: "B1", day: day, segments: 100, cap: 1000)
    let warnings = logged(.warning)
    let notices = logged(.notice)
    let connections = connections(of: server)

    server.freeze()
    var alone: Int64 = 0
    for _ in 0..<10 {
      #expect(await one.slots(account: "AC1", wanted: 20, limit: 20) == 10)
      alone += await one.take(brand: "B1", day: day, segments: 10, cap: 1000)
    }
    #expect(alone == 100)
    // One decision has waited for its time-out; the others were made without asking.
    #expect(logged(.warning) == warnings + 1)

    server.thaw()
    #expect(await eventually { logged(.notice) > notices })
    // The stuck connection was given up for another; one more is the question itself.
    #expect(self.connections(of: server) >= connections + 2)
    let two = try node("two", server.url, timeout: .seconds(5))
    #expect(await two.used(brand: "B1", day: day) == before + alone)
    await one.shutDown()
    await two.shutDown()
  }

  @Test func aTakeLostOnItsWayIsCountedAtLeastOnceWhenTheServerThaws() async throws {
    let server = try RedisServer()
    let one = try node("one", server.url)
    #expect(await eventually { await one.take(brand: "B1", day: day, segments: 100, cap: 1000) == 100 })
    let notices = logged(.notice)
    server.freeze()
    let alone = await one.take(brand: "B1", day: day, segments: 10, cap: 1000)
    server.thaw()
    #expect(await eventually { logged(.notice) > notices })
    #expect(alone == 10)
    #expect((110...120).contains(await one.used(brand: "B1", day: day)))
    await one.shutDown()
  }

  @Test func theRightPasswordOpensAndAWrongOneLeavesTheLocalShare() async throws {
    let server = try RedisServer(password: "open sesame")
    let right = try node("one", "redis://:open%20sesame@localhost:\(server.port)/3", timeout: .seconds(5))
    #expect(await right.take(brand: "B1", day: day, segments: 7, cap: 100) == 7)
    #expect(await right.used(brand: "B1", day: day) == 7)
    #expect(logged(.warning) == 0)
    let wrong = try node("two", "redis://:guess@127.0.0.1:\(server.port)/3")
    #expect(await wrong.take(brand: "B1", day: day, segments: 100, cap: 100) == 25)
    #expect(logged(.warning) == 1)
    #expect(log.entries.allSatisfy { "\($0)".contains("WRONGPASS") && !"\($0)".contains("guess") })
    await right.shutDown()
    await wrong.shutDown()
  }

  @Test func afterTheEndDecisionsStillCome() async throws {
    let server = try RedisServer()
    let one = try node("one", server.url, timeout: .seconds(5))
    await one.shutDown()
    #expect(await one.take(brand: "B1", day: day, segments: 100, cap: 100) == 25)
    #expect(await one.slots(account: "AC1", wanted: 20, limit: 20) == 10)
  }
}
