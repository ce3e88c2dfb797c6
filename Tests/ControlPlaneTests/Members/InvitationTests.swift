import GRDB
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// A link of an invitation is good once, and as long as the invitation waits.
@Suite struct InvitationTests {
  private static let operate = Caller.command("test")
  private static let eva = "eva@acme.test"

  private func invited(_ body: (ControlPlane, Membership) async throws -> Void) async throws {
    let server = try await TestServer.provisioned("acme", "other")
    let controlPlane = try server.begin()
    let email = try #require(EmailAddress(Self.eva))
    let member = try await controlPlane.commands.members.invite(email, as: .agent, to: "acme", by: Self.operate)
    try await body(controlPlane, member)
    await controlPlane.shutDown()
  }

  private func isDead(_ token: String, _ controlPlane: ControlPlane) async throws -> Bool {
    if case .gone = try await controlPlane.signIn.open(token, [1]) {
      await #expect(throws: Refusal.self) { try await controlPlane.signIn.confirm(token, .test()) }
      return true
    }
    return false
  }

  @Test func aLinkThatIsMailedAnewEndsTheEarlierOne() async throws {
    try await invited { controlPlane, member in
      // By another tenant, which has nothing to do with it.
      let email = try #require(EmailAddress(Self.eva))
      _ = try await controlPlane.commands.members.invite(email, as: .agent, to: "other", by: Self.operate)
      _ = try await controlPlane.commands.members.resend(member.id, of: "acme", by: Self.operate)
      let tokens = try await controlPlane.tokens(to: Self.eva)
      #expect(tokens.count == 3)
      #expect(try await isDead(tokens[0], controlPlane))
      _ = try await controlPlane.comeIn(tokens[2])
      #expect(try await controlPlane.commands.members.find(member.id, of: "acme").state == .active)
      _ = try await controlPlane.comeIn(tokens[1])
    }
  }

  @Test func anInvitationThatWasAcceptedHasNoOtherLink() async throws {
    try await invited { controlPlane, member in
      let mailed = try await controlPlane.tokens(to: Self.eva)[0]
      let (printed, second) = (APIKey.hex(32), APIKey.hex(32))
      let at = controlPlane.now()
      try await controlPlane.directory.file.write { db in
        for token in [printed, second] {
          try SignInLink.add(
            db, .invitation, digest: APIKey.digest(token), user: member.user.id, accepts: "acme", at: at)
        }
      }
      _ = try await controlPlane.comeIn(printed)
      for token in [mailed, printed, second] { #expect(try await isDead(token, controlPlane)) }
    }
  }

  @Test func anInvitationAcceptedByAWordHasNoLinkLeft() async throws {
    try await invited { controlPlane, member in
      let mailed = try await controlPlane.tokens(to: Self.eva)[0]
      _ = try await controlPlane.perform(
        .addUserLink(email: Self.eva, linkHash: APIKey.digest(String(repeating: "a", count: 64))), by: Self.operate)
      let session = try await controlPlane.comeIn(String(repeating: "a", count: 64))
      let caller = try #require(try await controlPlane.signIn.signedIn.caller(session, in: nil, at: controlPlane.now()))
      #expect(try await controlPlane.commands.members.find(member.id, of: "acme").state == .invited)
      try await controlPlane.ownAccount.accept("acme", by: caller)
      #expect(try await isDead(mailed, controlPlane))
    }
  }

  @Test func anInvitationThatWasWithdrawnLeadsNowhere() async throws {
    try await invited { controlPlane, member in
      let mailed = try await controlPlane.tokens(to: Self.eva)[0]
      try await controlPlane.commands.members.remove(member.id, from: "acme", by: Self.operate)
      #expect(try await isDead(mailed, controlPlane))
      // Nor when there is another one.
      let email = try #require(EmailAddress(Self.eva))
      _ = try await controlPlane.commands.members.invite(email, as: .owner, to: "acme", by: Self.operate)
      #expect(try await isDead(mailed, controlPlane))
    }
  }

  @Test func staffWhoAreNoMoreOfItHaveNoLinkOfTheirInvitation() async throws {
    try await invited { controlPlane, _ in
      let email = try #require(EmailAddress("sue@host.test"))
      // Somebody who has signed in, as a key or a command never is.
      var root = Caller(kind: .command, name: "root")
      root.permissions = Role.platform.permissions
      let sue = try await controlPlane.commands.platformUsers.invite(email, as: .support, by: root)
      let mailed = try await controlPlane.tokens(to: "sue@host.test")[0]
      _ = try await controlPlane.commands.platformUsers.setRole(sue.user.id, to: nil, by: root)
      #expect(try await isDead(mailed, controlPlane))
    }
  }

  @Test(arguments: [false, true]) func aLinkThatAnOperatorPrintsAcceptsNothingUnlessItIsSaid(accepts: Bool) async throws
  {
    try await invited { controlPlane, member in
      let token = APIKey.hex(32)
      let answer = try await controlPlane.perform(
        .addUserLink(email: Self.eva, linkHash: APIKey.digest(token), accepts: accepts), by: Self.operate)
      #expect(answer["invitations"] == ["acme"] && answer["accepts"] == .bool(accepts))
      _ = try await controlPlane.comeIn(token)
      let state = try await controlPlane.commands.members.find(member.id, of: "acme").state
      #expect(state == (accepts ? .active : .invited))
      // Nor does becoming an admin.
      let admin = APIKey.hex(32)
      let other = try await controlPlane.commands.members.invite(
        try #require(EmailAddress(Self.eva)), as: .agent, to: "other", by: Self.operate)
      _ = try await controlPlane.perform(
        .addAdmin(email: Self.eva, linkHash: APIKey.digest(admin)), by: Self.operate)
      _ = try await controlPlane.comeIn(admin)
      #expect(try await controlPlane.commands.members.find(other.id, of: "other").state == .invited)
    }
  }
}
