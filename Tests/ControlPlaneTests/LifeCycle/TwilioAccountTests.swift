import Foundation
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// Which tokens may sign a tenant's webhooks.
@Suite struct TwilioAccountTests {
  private static let operate = Caller.command("test")
  private static func sid(_ letter: Character) -> String { "AC" + String(repeating: letter, count: 32) }

  @Test func aFormerTokenIsAcceptedForItsOwnAccountAlone() async throws {
    let server = try await TestServer.provisioned("acme")
    let controlPlane = try server.begin()
    func set(_ sid: String, _ token: String) async throws -> Bool {
      let sealed = try controlPlane.directory.secret.seal(Array(token.utf8))
      let answer = try await controlPlane.commands.twilio.set("acme", sid: sid, sealed: sealed, by: Self.operate)
      return answer["has_former_token"] == true
    }
    func accepts(_ tokens: String...) throws -> Bool {
      let text = Array("text".utf8)
      return try controlPlane.tenant("acme").tokens.map { $0.code(of: text) }
        == tokens.map { TwilioToken($0).code(of: text) }
    }
    #expect(try await !set(Self.sid("a"), "first") && accepts("first"))
    #expect(try await set(Self.sid("a"), "second") && accepts("second", "first"))
    // The same once more leaves the former one as it is.
    #expect(try await set(Self.sid("a"), "second") && accepts("second", "first"))
    #expect(try await !set(Self.sid("b"), "third") && accepts("third"))
    #expect(try await set(Self.sid("b"), "fourth") && accepts("fourth", "third"))
    // Nor when the token is the same.
    #expect(try await !set(Self.sid("a"), "fourth") && accepts("fourth"))
    await controlPlane.shutDown()
  }
}
