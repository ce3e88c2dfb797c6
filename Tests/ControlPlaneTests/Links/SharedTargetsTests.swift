import ControlPlane
import Foundation
import InMemoryLogging
import Logging
import TestKit
import Testing

@testable import TenantRuntime

/// Two nodes and a real Redis.
@Suite struct SharedTargetsTests {
  private let log = InMemoryLogHandler()
  private let token = LinkToken.link(job: 7, number: 0)
  private let open = LinkResolution.open(
    OpenLink(
      target: "https://shop.test/?a=1&b=\"ü\"", preview: LinkPreview(title: "T", description: nil, imageURL: nil),
      expiresAt: Moment(milliseconds: 5), isPersonal: false))

  private func node(_ server: RedisServer, _ names: RedisNames = .ofTests) throws -> SharedTargets {
    try SharedTargets(
      redisURL: server.url, names: names, logger: Logger(label: "test") { [log] _ in log }, timeout: .seconds(5))
  }

  @Test func anotherInstallationOnTheSameRedisFindsAndForgetsNothingOfOurs() async throws {
    let server = try RedisServer()
    let (ours, theirs) = (try node(server), try node(server, .ofAnother))
    await ours.keep(open, of: token, tenant: "acme", version: "0")
    #expect(await theirs.find(token, tenant: "acme")?.resolution == nil)
    await theirs.keep(.closed, of: token, tenant: "acme", version: "0")
    #expect(await ours.find(token, tenant: "acme")?.resolution == open)
    await theirs.forget(tenant: "acme")
    #expect(await ours.find(token, tenant: "acme")?.resolution == open)
    #expect(await theirs.find(token, tenant: "acme")?.resolution == nil)
  }

  @Test func whatOneNodeKeepsAnotherFindsAndNoOtherTenant() async throws {
    let server = try RedisServer()
    let (one, two) = (try node(server), try node(server))
    for (resolution, token) in [(open, token), (.closed, .own(code: 7))] {
      let asked = await one.find(token, tenant: "acme")
      #expect(asked != nil && asked?.resolution == nil)
      await one.keep(resolution, of: token, tenant: "acme", version: asked?.version ?? "")
      #expect(await two.find(token, tenant: "acme")?.resolution == resolution)
      #expect(await two.find(token, tenant: "other")?.resolution == nil)
    }
    #expect(await two.find(.link(job: 7, number: 1), tenant: "acme")?.resolution == nil)
  }

  @Test func whatWasReadBeforeAChangeIsNotKeptAfterIt() async throws {
    let server = try RedisServer()
    let (one, two) = (try node(server), try node(server))
    let before = await one.find(token, tenant: "acme")?.version ?? ""
    await two.forget(tenant: "acme")
    await one.keep(open, of: token, tenant: "acme", version: before)
    #expect(await two.find(token, tenant: "acme")?.resolution == nil)
    let after = await one.find(token, tenant: "acme")?.version ?? ""
    await one.keep(open, of: token, tenant: "acme", version: after)
    #expect(await two.find(token, tenant: "acme")?.resolution == open)
    await one.forget(tenant: "acme")
    #expect(await two.find(token, tenant: "acme")?.resolution == nil)
  }

  @Test func targetsMadeFromAPersonsDataAndUnknownOnesAreNotKept() async throws {
    let server = try RedisServer()
    let one = try node(server)
    for resolution in [LinkResolution.open(OpenLink(target: "https://a.test/?n=Ada", isPersonal: true)), .unknown] {
      await one.keep(resolution, of: token, tenant: "acme", version: "0")
      #expect(await one.find(token, tenant: "acme")?.resolution == nil)
    }
  }

  @Test func aChangeThatRedisCouldNotBeToldOfIsToldBeforeAnythingIsBelieved() async throws {
    let server = try RedisServer()
    let (one, two) = (try node(server), try node(server))
    await one.keep(open, of: token, tenant: "acme", version: "0")
    #expect(await one.find(token, tenant: "acme")?.resolution == open)
    server.freeze()
    let impatient = try SharedTargets(
      redisURL: server.url, names: .ofTests, logger: Logger(label: "test") { [log] _ in log },
      timeout: .milliseconds(50))
    await impatient.forget(tenant: "acme")
    #expect(await impatient.find(token, tenant: "acme") == nil)
    #expect(log.entries.count { $0.level == .warning } == 1)
    server.thaw()
    #expect(await eventually { await impatient.find(token, tenant: "acme") != nil })
    #expect(await impatient.find(token, tenant: "acme")?.resolution == nil)
    #expect(await two.find(token, tenant: "acme")?.resolution == nil)
  }

  @Test func rubbishInRedisIsNoTarget() async throws {
    let server = try RedisServer()
    let one = try node(server)
    for rubbish in ["{}", "[]", "x", "{\"target\":7}"] {
      _ = server.say("HSET \(RedisNames.ofTests.links("acme")) l7.0 '\(rubbish)'")
      #expect(await one.find(token, tenant: "acme")?.resolution == nil)
    }
    _ = server.say("SET \(RedisNames.ofTests.links("other")) text")
    #expect(await one.find(token, tenant: "other") == nil)
    await one.forget(tenant: "other")
  }
}
