import ControlPlane
import Hummingbird
import Logging
import ServiceLifecycle
import Synchronization
import TenantRuntime
import TestKit

@testable import Router

/// A server over a real port, with the tenants acme and other.
final class ServedSite: Sendable {
  let controlPlane: ControlPlane
  let client: TestClient
  private let ahead: Ahead

  private final class Ahead: Sendable { let seconds = Mutex<Int64>(0) }

  private init(_ controlPlane: ControlPlane, _ client: TestClient, _ ahead: Ahead) {
    (self.controlPlane, self.client, self.ahead) = (controlPlane, client, ahead)
  }

  /// The server's clock goes ahead by so much.
  func goAhead(seconds: Int64) { ahead.seconds.withLock { $0 += seconds } }

  static func run(
    _ folder: TestFolder, planting path: String? = nil, _ body: @Sendable (ServedSite) async throws -> Void
  ) async throws {
    let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let ahead = Ahead()
    let controlPlane = try ControlPlane(
      .init(data: folder.path, publicURL: "http://127.0.0.1", twilioAPI: "http://127.0.0.1:9"), logger: silent,
      now: { Moment.now().advanced(bySeconds: ahead.seconds.withLock { $0 }) })
    for tenant in ["acme", "other"] {
      _ = try await controlPlane.perform(
        .createTenant(
          key: tenant, name: tenant, ownerEmail: "o@\(tenant).test", timeZone: "UTC", twilioSID: nil, sealedToken: nil),
        by: .command("test"))
    }
    let (ports, announce) = AsyncStream.makeStream(of: Int.self)
    let site = Site(controlPlane: controlPlane)
    let router = site.router()
    if let path { router.get("/api/v1/tenants/:tenant/\(path)") { _, _ in Response(status: .ok) } }
    let application = Application(
      router: router, server: .fastPath(site.fastPath, Connections(logger: silent)),
      configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { channel in announce.yield(channel.localAddress?.port ?? 0) }, logger: silent)
    let group = ServiceGroup(configuration: .init(services: [application], logger: silent))
    async let running: Void = group.run()
    for await port in ports {
      try await body(ServedSite(controlPlane, TestClient(port: port), ahead))
      break
    }
    await group.triggerGracefulShutdown()
    try await running
    await controlPlane.shutDown()
  }

  // MARK: Who asks

  func key(_ tenant: String?, _ role: Role) async throws -> String { try await key(tenant, .role(role)) }

  func key(_ tenant: String?, _ scope: KeyScope) async throws -> String {
    let (key, text) = APIKey.make(tenant: tenant, scope: scope, name: "test")
    _ = try await controlPlane.perform(.addKey(key), by: .command("test"))
    return text
  }

  /// Signed in by a link that a command prints: a member of a tenant, or an admin of the platform.
  func session(_ tenant: String?, _ role: Role, _ email: String? = nil) async throws -> String {
    let (token, email) = (APIKey.hex(32), email ?? "\(role.rawValue)-\(tenant ?? "")@host.test")
    let command: Command =
      tenant.map { .inviteUser(key: $0, email: email, role: role, linkHash: APIKey.digest(token)) }
      ?? .addAdmin(email: email, linkHash: APIKey.digest(token))
    _ = try await controlPlane.perform(command, by: .command("test"))
    return try await comeIn(by: token)
  }

  /// The session that a link's token makes.
  func comeIn(by token: String) async throws -> String {
    guard case .session(let session, _) = try await controlPlane.signIn.confirm(token, Self.place) else {
      throw Refusal.unauthenticated
    }
    return session
  }

  static let place = SignIn.Place(
    browser: [1], known: nil, address: "192.0.2.7", network: "192.0.2.7", agent: "test")

  // MARK: What they ask

  struct Answer: Sendable {
    var status: Int
    var json: JSON
  }

  func ask(
    _ method: String, _ path: String, key: String? = nil, session: String? = nil, _ body: JSON? = nil
  ) async -> Answer {
    let answer = await client.answer(
      method, "/api/v1/" + path, key: key, session: session, body: body?.serialized ?? "")
    return Answer(status: answer?.status ?? 0, json: (answer?.text).flatMap { try? JSON(parsing: $0) } ?? .null)
  }

  /// The id of a member by which its tenant knows it.
  func member(_ email: String, of tenant: String) async throws -> Int64 {
    let members = try await controlPlane.commands.members.all(of: tenant)
    guard let id = members.first(where: { $0.user.email == email })?.id else { throw Refusal.notFound(email) }
    return id
  }
}
