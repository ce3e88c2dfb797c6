import Foundation
import GRDB
import Logging
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// Control planes over one data folder, one after the other, under a clock that stands still.
final class TestServer: Sendable {
  let folder: TestFolder
  static let start = Moment(milliseconds: 1_800_000_000_000)

  init() throws { folder = try TestFolder() }

  func begin(openFiles: Int = 512) throws -> ControlPlane {
    try ControlPlane(
      .init(data: folder.path, publicURL: "https://app.test", twilioAPI: "http://127.0.0.1:9", openFiles: openFiles),
      logger: .silent, now: { Self.start })
  }

  static func create(_ key: String) -> Command {
    .createTenant(
      key: key, name: key, ownerEmail: "o@\(key).test", timeZone: "UTC", twilioSID: nil, sealedToken: nil)
  }

  /// A data folder with these tenants, and no server.
  static func provisioned(_ keys: String...) async throws -> TestServer {
    let server = try TestServer()
    let controlPlane = try server.begin()
    for key in keys { _ = try await controlPlane.perform(create(key), by: .command("test")) }
    await controlPlane.shutDown()
    return server
  }

  func path(_ key: String) -> String { "\(folder.path)/tenants/\(key)/tenant.sqlite" }

  func names(_ key: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/tenants/\(key)").sorted()
  }

  /// As somebody else's program would.
  func edit(_ path: String, _ sql: String) throws {
    let file = try DatabaseQueue(path: path)
    try file.writeWithoutTransaction { db in try db.execute(sql: sql) }
    try file.close()
  }

  /// Of a closed file, or a copy.
  static func read<Value>(_ path: String, _ body: (Database) throws -> Value) throws -> Value {
    let file = try SQLiteFile(immutable: path)
    defer { try? file.close() }
    return try file.readNow(body)
  }
}

extension ControlPlane {
  func fence(_ key: String) async throws -> String? {
    try await open.with(key) { runtime in try await runtime.file.read { db in try Identity.read(db)?.fence } }
  }

  func isOpen(_ key: String) async -> Bool { await open.peek(key) != nil }
}

/// Lets one task wait for another: no clock.
struct Signal: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() { (stream, continuation) = AsyncStream<Void>.makeStream() }

  func give() { continuation.finish() }
  func wait() async { for await _ in stream {} }
}
