import Dispatch
import Logging
package import TenantRuntime

/// A runtime over a test's file whose outside answers nothing.
package enum TestRuntime {
  private static let door = HTTPDoor(connections: 4)

  private struct Nowhere: SendClaimLog, RevocationLog {
    func append(_ claim: SendClaim) async throws {}
    func append(_ revocations: [Revocation], tenant: String) async throws {}
  }

  package static func open(
    _ file: SQLiteFile, _ folder: TestFolder, twilio: Lease.TwilioAccount? = nil, linkHosts: [String] = []
  ) throws -> Runtime {
    Runtime(
      file: file,
      lease: Lease(
        tenant: "acme", twilio: twilio, twilioAPI: "http://127.0.0.1:9", publicURL: "http://127.0.0.1",
        linkHosts: linkHosts,
        linkKey: Array(repeating: 7, count: 32), timeZone: "UTC"),
      gate: SendGate(),
      outside: Outside(
        http: door, claims: Nowhere(), revocations: Nowhere(),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
      importLane: DispatchQueue(label: "test-import"), spool: folder.path, wake: { _ in })
  }
}
