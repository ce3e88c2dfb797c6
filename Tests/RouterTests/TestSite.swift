import ControlPlane
import HTTPTypes
import Hummingbird
import Logging
import ServiceLifecycle
import TenantRuntime
import TestKit

@testable import Router

/// A whole server over a real port, with the tenants acme and other, for as long as a test needs it.
enum TestSite {
  static func serve(
    _ folder: TestFolder, planting path: String? = nil,
    _ body: @escaping @Sendable (ControlPlane, TestClient) async throws -> Void
  ) async throws {
    let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let controlPlane = try ControlPlane(
      .init(data: folder.path, publicURL: "http://127.0.0.1", twilioAPI: "http://127.0.0.1:9"), logger: silent)
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
      try await body(controlPlane, TestClient(port: port))
      break
    }
    await group.triggerGracefulShutdown()
    try await running
    await controlPlane.shutDown()
  }

  /// - Parameter tenant: nil: of the platform.
  static func key(_ controlPlane: ControlPlane, _ tenant: String?, _ role: Role) async throws -> String {
    let (key, text) = APIKey.make(tenant: tenant, role: role, name: "test")
    _ = try await controlPlane.perform(.addKey(key), by: .command("test"))
    return text
  }
}
