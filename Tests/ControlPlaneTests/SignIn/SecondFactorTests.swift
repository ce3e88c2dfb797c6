import GRDB
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// What needs the second factor, where there is one.
@Suite struct SecondFactorTests {
  private static let ana = "o@acme.test"
  private static let (old, new) = ("seven horses drink tea", "eight horses drink tea")
  private static let totp = OneTimeCode(secret: Array(repeating: 7, count: 20))
  /// Of now, and of a step that is allowed beside it: each is good once.
  private static let step = TestServer.start.milliseconds / 30_000
  private static var codes: [String] { [totp.code(step: step), totp.code(step: step + 1)] }
  private static let wrong = Refusal.invalid("code", "is wrong, or was used before")

  /// The owner of a tenant, with a password, and signed in.
  private func signedIn(
    factor: Bool = true, password: Bool = true,
    _ body: (ControlPlane, _ user: Int64, _ session: String) async throws -> Void
  ) async throws {
    let server = try await TestServer.provisioned("acme")
    let controlPlane = try server.begin()
    let session = try await controlPlane.comeIn(try await controlPlane.tokens(to: Self.ana)[0])
    let (secret, hash) = (controlPlane.directory.secret, try await controlPlane.signIn.hasher.hash(Self.old).stored)
    let user = try await controlPlane.directory.file.write { db in
      let user = try #require(try EmailAddress(Self.ana).flatMap { try User.find(db, $0) }).id
      if password { try db.execute(sql: "UPDATE users SET password = ? WHERE id = ?", arguments: [hash, user]) }
      if factor { try SecondFactor.set(Self.totp, step: nil, db, of: user, secret) }
      return user
    }
    try await body(controlPlane, user, session)
    await controlPlane.shutDown()
  }

  private func caller(_ controlPlane: ControlPlane, _ session: String) async throws -> Caller? {
    try await controlPlane.signIn.signedIn.caller(session, in: nil, at: controlPlane.now())
  }

  private func password(_ controlPlane: ControlPlane, _ user: Int64) async throws -> String? {
    try await controlPlane.directory.file.read { db in
      try String.fetchOne(db, sql: "SELECT password FROM users WHERE id = ?", arguments: [user])
    }
  }

  @Test func aResetChangesNothingBeforeTheCodeIsRight() async throws {
    try await signedIn { controlPlane, user, session in
      let email = try #require(EmailAddress(Self.ana))
      try await controlPlane.signIn.mailLink(to: email, purpose: .reset, .test())
      let link = try #require(try await controlPlane.tokens(to: Self.ana).last)
      let before = try await password(controlPlane, user)
      for factor in [nil, "", "000000", "no"] {
        await #expect(throws: Refusal.self, "\(factor ?? "none")") {
          try await controlPlane.signIn.confirm(link, password: Self.new, factor: factor, .test())
        }
      }
      #expect(try await password(controlPlane, user) == before)
      #expect(try await caller(controlPlane, session) != nil)
      guard case .ready(_, .reset, needsCode: true) = try await controlPlane.signIn.open(link, [1]) else {
        Issue.record("the link stays good")
        return
      }
      let outcome = try await controlPlane.signIn.confirm(
        link, password: Self.new, factor: Self.codes[0], .test())
      guard case .session(let renewed, _) = outcome else {
        Issue.record("whoever gave the code is not asked for it again")
        return
      }
      #expect(try await password(controlPlane, user) != before)
      #expect(try await caller(controlPlane, session) == nil)
      #expect(try await caller(controlPlane, renewed) != nil)
      await #expect(throws: SignIn.gone) {
        try await controlPlane.signIn.confirm(link, password: Self.new, factor: Self.codes[1], .test())
      }
    }
  }

  @Test func aCodeIsTriedTenTimesInAQuarterOfAnHourByResetsToo() async throws {
    try await signedIn { controlPlane, _, _ in
      let email = try #require(EmailAddress(Self.ana))
      try await controlPlane.signIn.mailLink(to: email, purpose: .reset, .test())
      let link = try #require(try await controlPlane.tokens(to: Self.ana).last)
      var last: Refusal?
      for _ in 0..<11 {
        do { _ = try await controlPlane.signIn.confirm(link, password: Self.new, factor: "000000", .test()) } catch {
          last = error as? Refusal
        }
      }
      guard case .tooMany = last else {
        Issue.record("the last one was \(String(describing: last))")
        return
      }
    }
  }

  @Test func withASecondFactorToBeThereNeedsItsCode() async throws {
    try await signedIn { controlPlane, _, session in
      let caller = try #require(try await caller(controlPlane, session))
      func confirm(_ password: String?, _ code: String?) async throws {
        _ = try await controlPlane.ownAccount.confirm(password: password, code: code, by: caller, .test())
      }
      for none in [nil, ""] {
        await #expect(throws: Refusal.invalid("code", "is required")) { try await confirm(Self.old, none) }
      }
      await #expect(throws: Self.wrong) { try await confirm(Self.old, "000000") }
      await #expect(throws: Refusal.invalid("password", "is wrong")) { try await confirm("wrong", Self.codes[0]) }
      try await confirm(Self.old, Self.codes[0])
    }
  }

  @Test func whoHasNoPasswordIsThereByTheCodeAlone() async throws {
    try await signedIn(password: false) { controlPlane, _, session in
      let caller = try #require(try await caller(controlPlane, session))
      _ = try await controlPlane.ownAccount.confirm(password: "", code: Self.codes[0], by: caller, .test())
    }
  }

  @Test func whoHasNeitherSignsInAnew() async throws {
    try await signedIn(factor: false, password: false) { controlPlane, _, session in
      let caller = try #require(try await caller(controlPlane, session))
      for (password, code) in [(nil, nil), ("x", nil), (nil, "000000")] as [(String?, String?)] {
        await #expect(
          throws: Refusal.invalid("password", "is required: you have none, so sign in by a mailed link anew")
        ) { try await controlPlane.ownAccount.confirm(password: password, code: code, by: caller, .test()) }
      }
    }
  }

  @Test func aSecondFactorThatIsNotThereIsNotTakenOff() async throws {
    try await signedIn(factor: false) { controlPlane, _, session in
      let mails = try await controlPlane.mails(to: Self.ana).count
      let caller = try #require(try await caller(controlPlane, session))
      await #expect(throws: Refusal.notFound("There is no second factor.")) {
        try await controlPlane.ownAccount.removeSecondFactor(by: caller, .test())
      }
      #expect(try await controlPlane.mails(to: Self.ana).count == mails)
      #expect(try await self.caller(controlPlane, session) != nil)
    }
  }
}
