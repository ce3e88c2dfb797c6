import HTTPTypes
import Hummingbird
import NIOCore
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// Pages of a long answer are for who still may have them.
@Suite struct AuditExportTests {
  @Test func noPageIsReadForWhoMayReadNoMore() async throws {
    let server = try await TestServer.provisioned("acme")
    let controlPlane = try server.begin()
    func call(_ stillMay: @escaping Call<Int>.StillMay) -> Call<Int> {
      let head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/audit-log.csv")
      return Call(
        subject: 1, caller: .command("test"), request: Request(head: head, body: RequestBody(buffer: ByteBuffer())),
        parameters: Parameters(), logger: .silent, lend: { body in try await body(1) }, stillMay: stillMay)
    }
    let (may, mayNot) = (call {}, call { throw Refusal.unauthenticated })
    let logs = controlPlane.commands.audit
    #expect(try await AuditRequests.export(may, logs, of: "acme").status == .ok)
    await #expect(throws: Refusal.unauthenticated) { try await AuditRequests.export(mayNot, logs, of: "acme") }
    #expect(try await may.borrowed { $0 } == 1)
    await #expect(throws: Refusal.unauthenticated) { try await mayNot.borrowed { $0 } }
    await controlPlane.shutDown()
  }
}
