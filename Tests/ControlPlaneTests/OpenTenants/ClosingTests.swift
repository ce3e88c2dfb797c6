import Logging
import Synchronization
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(5))) final class ClosingTests: Sendable {
  let folder = try! TestFolder()
  private let clock = Mutex(Moment(milliseconds: 1_800_000_000_000))

  /// Whoever is more urgent than the closing has its turn on the actor before the closing has ended there.
  @Test func whoComesWhileAFileIsBeingClosedWaitsAndThenHasIt() async throws {
    let controlPlane = try ControlPlane(
      .init(data: folder.path, publicURL: "https://app.test", twilioAPI: "http://127.0.0.1:9"), logger: .silent,
      now: { [self] in clock.withLock { $0 } })
    _ = try await controlPlane.perform(
      .createTenant(
        key: "acme", name: "Acme", ownerEmail: "o@x.test", timeZone: "UTC", twilioSID: nil, sealedToken: nil),
      by: .command("test"))
    let open = controlPlane.open
    for _ in 0..<100 {
      try await open.with("acme") { _ in }
      clock.withLock { $0 = $0.advanced(bySeconds: 301) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask(priority: .background) { _ = await open.closeIdle() }
        for _ in 0..<8 {
          group.addTask(priority: .high) {
            for _ in 0..<20 { try await open.with("acme") { _ in } }
          }
        }
        try await group.waitForAll()
      }
    }
    await controlPlane.shutDown()
  }
}
