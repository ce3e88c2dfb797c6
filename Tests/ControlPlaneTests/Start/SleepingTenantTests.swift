import GRDB
import Logging
import Synchronization
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// A tenant at rest is a row or two and no open file; whatever waits in its file is looked at when it is due, by this server or the next.
@Suite(.timeLimit(.minutes(5))) final class SleepingTenantTests: Sendable {
  let folder = try! TestFolder()
  private let clock = Mutex(Moment(milliseconds: 1_800_000_000_000))
  private static let closing = Turn(tenant: "", work: .platform(.closingIdleFiles))

  private func server() throws -> ControlPlane {
    try ControlPlane(
      .init(data: folder.path, publicURL: "https://app.test", twilioAPI: "http://127.0.0.1:9"),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { [self] in clock.withLock { $0 } })
  }

  private func provisioned(_ keys: [String] = ["acme", "bob"]) async throws -> ControlPlane {
    let server = try server()
    for key in keys {
      _ = try await server.perform(
        .createTenant(
          key: key, name: key, ownerEmail: "o@\(key).test", timeZone: "UTC", twilioSID: nil, sealedToken: nil),
        by: .command("test"))
    }
    return server
  }

  private func pass(_ seconds: Int64) { clock.withLock { $0 = $0.advanced(bySeconds: seconds) } }

  private func rows(_ server: ControlPlane, _ tenant: String) async throws -> [String] {
    try await server.directory.file.read { db in
      try String.fetchAll(db, sql: "SELECT work FROM due_turns WHERE tenant = ? ORDER BY work", arguments: [tenant])
    }
  }

  /// Opens the tenant, lets its workers come to rest, and has its file closed five minutes of the test's clock later.
  private func rest(_ server: ControlPlane, _ tenant: String) async throws {
    try await server.open.with(tenant) { _ in }
    while server.scheduler.timers(of: tenant) == nil { await Task.yield() }
    pass(301)
    while await server.open.peek(tenant) != nil {
      _ = try await server.start.take(Self.closing)
      await Task.yield()
    }
  }

  @Test func aFileThatNobodyUsesIsClosedAndLeavesWhatIsDue() async throws {
    let server = try await provisioned()
    await server.begin()
    try await server.open.with("acme") { _ in }
    #expect(try await rows(server, "acme") == ["open"])
    while server.scheduler.timers(of: "acme") == nil { await Task.yield() }
    pass(200)
    #expect(try await server.start.take(Self.closing) != .whenNudged)
    #expect(await server.open.peek("acme") != nil, "it was used just now")
    try await rest(server, "acme")
    #expect(try await rows(server, "acme") == ["sweepingByAge"])
    #expect(try await rows(server, "bob") == [])
    await server.shutDown()
  }

  @Test func aStartOpensOnlyWhatIsDue() async throws {
    let former = try await provisioned()
    await former.begin()
    try await rest(former, "acme")
    try await rest(former, "bob")
    await former.shutDown()
    pass(3_600)
    let server = try server()
    await server.begin()
    while server.scheduler.hasRunning { await Task.yield() }
    #expect(await server.open.keys.isEmpty)
    await server.shutDown()
    // The daily sweep of both is due.
    pass(86_400)
    let last = try self.server()
    await last.begin()
    while await last.open.keys.count < 2 { await Task.yield() }
    await last.shutDown()
  }

  /// A request that comes before the server has begun opens a file that nobody works on yet.
  @Test func whatWasOpenedBeforeTheStartIsWorkedOnFromThenOn() async throws {
    let server = try await provisioned()
    try await server.open.with("acme") { _ in }
    #expect(server.scheduler.timers(of: "acme") == nil)
    await server.begin()
    while server.scheduler.timers(of: "acme")?.isEmpty != false { await Task.yield() }
    await server.shutDown()
  }

  /// A server that dies has closed nothing.
  @Test func whatADeadServerHadOpenIsLookedAtByTheNext() async throws {
    let dead = try await provisioned()
    await dead.begin()
    try await rest(dead, "bob")
    try await dead.open.with("acme") { _ in }
    while dead.scheduler.timers(of: "acme") == nil { await Task.yield() }
    #expect(try await rows(dead, "acme") == ["open"])
    dead.scheduler.stop()
    let copy = try TestFolder()
    try await dead.directory.file.copy(to: "\(copy.path)/control.sqlite")
    await dead.shutDown()
    let rows = try SQLiteFile(reading: "\(copy.path)/control.sqlite").readNow { db in
      try Row.fetchAll(db, sql: "SELECT tenant, work FROM due_turns WHERE tenant <> '' ORDER BY tenant")
        .map { "\($0[0] as String) \($0[1] as String)" }
    }
    #expect(rows == ["acme open", "bob sweepingByAge"])
  }

  /// A command's process works on nothing: it does not know what waits.
  @Test func aCommandThatOpensAFileLeavesItToTheServer() async throws {
    let command = try await provisioned()
    try await command.open.with("acme") { _ in }
    await command.shutDown()
    let server = try server()
    #expect(try await rows(server, "acme") == ["open"])
    await server.begin()
    while await server.open.peek("acme") == nil { await Task.yield() }
    #expect(await server.open.peek("bob") == nil)
    await server.shutDown()
  }

  /// A server at rest whose tenant acme has a text that waits for the kill switch.
  private func heldByTheSwitch() async throws -> ControlPlane {
    let server = try await provisioned()
    await server.begin()
    _ = try await server.perform(.setKillSwitch(on: true, reason: "test"), by: .command("test"))
    try await server.open.with("acme") { runtime in
      try await runtime.file.write { db in
        try db.execute(
          sql: "INSERT INTO send_jobs (phone, state, kind) VALUES (14155550100, 'queued', 'reply')")
      }
    }
    for tenant in ["acme", "bob"] { try await rest(server, tenant) }
    #expect(try await rows(server, "acme") == ["held", "sweepingByAge"])
    return server
  }

  /// What holds texts may end in a command's process, or just before the server's end.
  @Test func textsWhoseReasonToWaitHasEndedWhileNoServerRanAreSeenByTheNext() async throws {
    await (try await heldByTheSwitch()).shutDown()
    let command = try server()
    _ = try await command.perform(.setKillSwitch(on: false, reason: ""), by: .command("test"))
    await command.shutDown()
    let next = try server()
    await next.begin()
    while await next.open.peek("acme") == nil { await Task.yield() }
    #expect(await next.open.peek("bob") == nil, "it has nothing to say")
    await next.shutDown()
  }

  /// Closing a file applies what waits for it; what that wakes is nobody's to do any more.
  @Test func whatTheClosingOfAStoppingServerWakesIsLeftToTheNext() async throws {
    let former = try await provisioned()
    await former.begin()
    try await former.open.with("acme") { _ in }
    while former.scheduler.timers(of: "acme") == nil { await Task.yield() }
    former.scheduler.stop()
    former.scheduler.wake("acme", .fetchingMedia)
    await former.shutDown()
    let next = try server()
    #expect(try await rows(next, "acme") == ["open"])
    await next.begin()
    while await next.open.peek("acme") == nil { await Task.yield() }
    await next.shutDown()
  }

  /// A pause that failed leaves the file open; its turns were cut off.
  @Test func aTenantWhosePauseFailedIsHeldLikeAnyOther() async throws {
    let server = try await provisioned()
    await server.begin()
    try await server.open.with("acme") { runtime in
      try await runtime.file.write { db in
        try db.execute(
          sql: "INSERT INTO send_jobs (phone, state, kind) VALUES (14155550100, 'queued', 'reply')")
      }
      await #expect(throws: ControlFailure.self) {
        try await server.open.park("acme", within: .milliseconds(1))
      }
      server.scheduler.wake("acme", .deliveries)
      while server.scheduler.hasRunning { await Task.yield() }
      await server.open.unpark("acme")
    }
    try await rest(server, "acme")
    #expect(server.scheduler.heldTenants == ["acme"])
    #expect(try await rows(server, "acme").contains("held"))
    await server.shutDown()
  }

  @Test func textsThatWaitForTheKillSwitchAreSeenWhenItIsOff() async throws {
    let server = try await heldByTheSwitch()
    _ = try await server.perform(.setKillSwitch(on: false, reason: ""), by: .command("test"))
    while await server.open.peek("acme") == nil { await Task.yield() }
    #expect(await server.open.peek("bob") == nil, "it has nothing to say")
    await server.shutDown()
  }

  /// While it was paused the file may have become another one, of which the rows know nothing.
  @Test func aTenantThatIsResumedIsLookedAtEvenIfTheServerDiesAtOnce() async throws {
    let server = try await provisioned()
    await server.begin()
    try await rest(server, "acme")
    _ = try await server.perform(.pause(key: "acme", reason: "look"), by: .command("test"))
    #expect(try await rows(server, "acme") == ["sweepingByAge"])
    // What the resumption's own transaction leaves, before anything has opened the file.
    try await server.directory.file.write { db in
      try db.execute(
        sql: """
          CREATE TABLE seen (work TEXT);
          CREATE TRIGGER looks AFTER INSERT ON audit_log WHEN new.action = 'tenant.resume'
          BEGIN INSERT INTO seen SELECT work FROM due_turns WHERE tenant = 'acme'; END
          """)
    }
    _ = try await server.perform(.resume(key: "acme"), by: .command("test"))
    let seen = try await server.directory.file.read { db in
      try String.fetchAll(db, sql: "SELECT work FROM seen ORDER BY work")
    }
    #expect(seen == ["open", "sweepingByAge"])
    await server.shutDown()
  }

  @Test func anAnsweredOptOutOpensItsTenantAtTheNextStart() async throws {
    let former = try await provisioned()
    _ = try await former.intake.append(
      .revocation(
        Revocation(
          id: "1", phone: PhoneNumber(digits: 14_155_550_100)!, action: .optOut, method: "api", evidence: "said so",
          at: clock.withLock { $0 })), tenant: "bob")
    await former.shutDown()
    let server = try server()
    await server.begin()
    #expect(await server.open.keys == ["bob"], "its row is in the file before the server is ready")
    await server.shutDown()
  }
}
