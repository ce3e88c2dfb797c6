import Foundation
import GRDB
package import TenantRuntime

/// What users change about themselves. What gives somebody else the account needs a proof, minutes old, that the user is there.
package struct OwnAccount: Sendable {
  package let signIn: SignIn

  private var directory: TenantDirectory { signIn.directory }
  private var now: Moment { directory.now() }

  package struct Profile: Sendable {
    package var user: User
    package var memberships: [Membership]
    package var tenantNames: [String: String]
    package var recoveryCodesLeft: Int
    package var passkeys: [Passkey]
  }

  package func profile(_ caller: Caller) async throws -> Profile {
    let routing = directory.routing.current
    return try await directory.file.read { db in
      let user = try Self.user(db, caller)
      let memberships = try Membership.all(db, of: user.id)
      return Profile(
        user: user, memberships: memberships,
        tenantNames: memberships.reduce(into: [:]) { $0[$1.tenant] = routing.tenants[$1.tenant]?.name },
        recoveryCodesLeft: try SecondFactor.codesLeft(db, of: user.id), passkeys: try Passkey.all(db, of: user.id))
    }
  }

  package struct Changes: Sendable {
    package var name: String??
    package var locale: User.Locale?
    package var theme: User.Theme?
    package var hasSingleLetterKeys: Bool?

    package init(
      name: String?? = nil, locale: User.Locale? = nil, theme: User.Theme? = nil, hasSingleLetterKeys: Bool? = nil
    ) {
      (self.name, self.locale, self.theme, self.hasSingleLetterKeys) = (name, locale, theme, hasSingleLetterKeys)
    }
  }

  package func change(_ changes: Changes, by caller: Caller) async throws {
    try await directory.file.write { db in
      var user = try Self.user(db, caller)
      if let name = changes.name { user.name = name }
      user.locale = changes.locale ?? user.locale
      user.theme = changes.theme ?? user.theme
      user.hasSingleLetterKeys = changes.hasSingleLetterKeys ?? user.hasSingleLetterKeys
      try db.execute(
        sql: "UPDATE users SET name = ?, locale = ?, theme = ?, single_letter_keys = ? WHERE id = ?",
        arguments: [user.name, user.locale.rawValue, user.theme.rawValue, user.hasSingleLetterKeys ? 1 : 0, user.id])
    }
    signIn.signedIn.forget()
  }

  /// An invitation, by a word of who has signed in.
  package func accept(_ tenant: String, by caller: Caller) async throws {
    let at = now
    try await directory.file.write { db in
      let user = try Self.user(db, caller)
      guard try Membership.find(db, user: user.id, in: tenant)?.state == .invited else {
        throw Refusal.notFound("There is no such invitation.")
      }
      try Membership.accept(db, of: user.id, in: tenant)
      try SignInLink.endInvitations(db, of: user.id, to: tenant)
      try Doing(caller: caller, action: "user.accept", at: at).note(db, tenant, detail: user.email)
    }
    signIn.signedIn.forget()
  }

  // MARK: Proof of being there

  /// By a code of the second factor where there is one, else by password. The browser gets a new session for it.
  package func confirm(password: String?, code: String?, by caller: Caller, _ place: SignIn.Place) async throws
    -> SignIn.Outcome
  {
    // A form sends its empty fields, too.
    let (password, code) = (password.flatMap { $0.isEmpty ? nil : $0 }, code.flatMap { $0.isEmpty ? nil : $0 })
    try await signIn.checkNetwork(place, "confirm")
    let (user, stored) = try await directory.file.read { db in
      let user = try Self.user(db, caller)
      return (user, try String.fetchOne(db, sql: "SELECT password FROM users WHERE id = ?", arguments: [user.id]))
    }
    try await signIn.attempts.check("\(user.id)", RatePolicy("confirm-user", quota: 10, seconds: 900))
    guard user.hasPassword || user.hasSecondFactor else {
      throw Refusal.invalid("password", "is required: you have none, so sign in by a mailed link anew")
    }
    if user.hasSecondFactor, code == nil { throw Refusal.invalid("code", "is required") }
    if let password {
      guard try await signIn.hasher.matches(String(password.prefix(PasswordRules.most + 1)), stored) else {
        throw Refusal.invalid("password", "is wrong")
      }
    } else if !user.hasSecondFactor {
      throw Refusal.invalid("password", "is required")
    }
    if user.hasSecondFactor { try await take(code ?? "", of: user) }
    return try await renew(user, caller, place)
  }

  private func take(_ code: String, of user: User) async throws {
    let (at, secret) = (now, directory.secret)
    let isRight = try await directory.file.write { db in
      try SecondFactor.take(code, db, of: user.id, secret, at: at)
    }
    guard isRight else { throw Refusal.invalid("code", "is wrong, or was used before") }
  }

  /// A new session in the place of the caller's.
  private func renew(_ user: User, _ caller: Caller, _ place: SignIn.Place) async throws -> SignIn.Outcome {
    let begun = try await signIn.begin(user, place)
    if let digest = caller.signIn?.session, let old = try await signIn.signedIn.store.find(digest) {
      try await signIn.signedIn.end(old)
    }
    return begun
  }

  // MARK: Password, address, second factor

  /// All other sessions end; the caller's browser gets a new one.
  package func setPassword(_ password: String, by caller: Caller, _ place: SignIn.Place) async throws -> SignIn.Outcome
  {
    try caller.checkConfirmed(at: now)
    let email = caller.signIn?.email ?? ""
    if let problem = PasswordRules.problem(password, of: email) { throw Refusal.invalid("password", problem) }
    try await signIn.attempts.check(
      "\(caller.signIn?.user ?? 0)", RatePolicy("password-user", quota: 5, seconds: 300))
    let hash = try await signIn.hasher.hash(password).stored
    return try await changeAccess(
      "user.password", "Your password was changed", "The password of your account was changed.", caller, place
    ) {
      db, user in
      try db.execute(sql: "UPDATE users SET password = ? WHERE id = ?", arguments: [hash, user.id])
    }
  }

  /// Mails a link to the new address; the change holds once it is opened.
  package func askForEmail(_ email: EmailAddress, by caller: Caller, _ place: SignIn.Place) async throws {
    try caller.checkConfirmed(at: now)
    let (at, mailing) = (now, signIn.mailing)
    try await signIn.attempts.check("\(caller.signIn?.user ?? 0)", RatePolicy("email-user", quota: 5, seconds: 900))
    try await directory.file.write { db in
      let user = try Self.user(db, caller)
      guard email.description != user.email else { throw Refusal.invalid("email", "is your address already") }
      try Doing(caller: caller, action: "user.email_ask", at: at).note(db, "user \(user.id)", detail: email.description)
      // Whether somebody else has it is not told here: whoever opens the link learns it.
      try mailing.add(db, .email, to: user, browser: place.browser, email: email.description, at: at) { link, code in
        Mail(
          to: email.description, subject: "Confirm your new address",
          sentences: [
            "\(user.email) asks to be reached at this address in Roundhouse from now on.",
            "If you open the link in another browser, type this code at \(mailing.publicURL)/sign-in/sent in the one where you asked.",
          ],
          button: Mail.Button(label: "Confirm this address", link: link), code: code,
          footnote: "The link works once, for ten minutes. If you did not ask for it, there is nothing to do.")
      }
    }
    mailing.wake()
  }

  /// A secret that is no second factor yet: it becomes one by its first code.
  /// - Parameter earlier: what was offered before a wrong code: the authenticator has that one already.
  package func offerSecondFactor(
    by caller: Caller, earlier: String? = nil
  ) async throws -> (secret: String, address: String, sealed: String) {
    try caller.checkConfirmed(at: now)
    let totp = earlier.flatMap { offered($0, to: caller) } ?? .make()
    let sealed = try directory.secret.seal(totp.secret + Array(String(caller.signIn?.user ?? 0).utf8))
    return (totp.base32, totp.address(of: caller.signIn?.email ?? ""), sealed.base64EncodedString())
  }

  private func offered(_ sealed: String, to caller: Caller) -> OneTimeCode? {
    let owner = Array(String(caller.signIn?.user ?? 0).utf8)
    guard sealed.utf8.count <= 200, let data = Data(base64Encoded: sealed),
      let bytes = try? directory.secret.open(data), bytes.count > 20, Array(bytes.dropFirst(20)) == owner
    else { return nil }
    return OneTimeCode(secret: Array(bytes.prefix(20)))
  }

  /// - Parameter sealed: what was offered.
  package func takeSecondFactor(
    _ sealed: String, code: String, by caller: Caller, _ place: SignIn.Place
  ) async throws -> (outcome: SignIn.Outcome, recoveryCodes: [String]) {
    try caller.checkConfirmed(at: now)
    guard let totp = offered(sealed, to: caller) else {
      throw Refusal.invalid("offer", "is not what was offered to you")
    }
    guard let step = totp.step(of: code, at: now, after: nil) else {
      throw Refusal.invalid("code", "is wrong: is the clock of the device right?")
    }
    let secret = directory.secret
    let codes = RecoveryCodes.make()
    let outcome = try await changeAccess(
      "user.second_factor_on", "A second factor was set up",
      "Your account asks for a code from now on when you sign in.", caller, place
    ) { db, user in
      try SecondFactor.set(totp, step: step, db, of: user.id, secret)
      try SecondFactor.keep(codes, db, of: user.id)
    }
    return (outcome, codes)
  }

  package func removeSecondFactor(by caller: Caller, _ place: SignIn.Place) async throws -> SignIn.Outcome {
    try caller.checkConfirmed(at: now)
    let secret = directory.secret
    return try await changeAccess(
      "user.second_factor_off", "The second factor was taken off",
      "Your account asks for no code any more when you sign in.", caller, place
    ) { db, user in
      guard user.hasSecondFactor else { throw Refusal.notFound("There is no second factor.") }
      try SecondFactor.set(nil, step: nil, db, of: user.id, secret)
    }
  }

  package func makeRecoveryCodes(by caller: Caller) async throws -> [String] {
    try caller.checkConfirmed(at: now)
    let (at, codes) = (now, RecoveryCodes.make())
    try await directory.file.write { db in
      let user = try Self.user(db, caller)
      guard user.hasSecondFactor else { throw Refusal.conflict("There is no second factor: set one up first.") }
      try SecondFactor.keep(codes, db, of: user.id)
      try Doing(caller: caller, action: "user.recovery_codes", at: at).note(db, "user \(user.id)")
    }
    return codes
  }

  /// A change of how one signs in: told by mail, all sessions end, and the caller's browser gets a new one.
  func changeAccess(
    _ action: String, _ subject: String, _ sentence: String, _ caller: Caller, _ place: SignIn.Place,
    _ body: @escaping @Sendable (Database, User) throws -> Void
  ) async throws -> SignIn.Outcome {
    let (at, mailing) = (now, signIn.mailing)
    let user = try await directory.file.write { db in
      let user = try Self.user(db, caller)
      try body(db, user)
      try User.endSessions(db, of: user.id)
      try User.endLinks(db, of: user.id)
      try mailing.notify(db, user.email, subject, sentence, at: at)
      try Doing(caller: caller, action: action, at: at).note(db, "user \(user.id)")
      // Of the new epoch, which the caller's own session is not of any more.
      guard let renewed = try User.find(db, id: user.id) else { throw Refusal.unauthenticated }
      return renewed
    }
    mailing.wake()
    signIn.signedIn.forget()
    return try await signIn.begin(user, place)
  }

  // MARK: Sessions

  package func sessions(_ caller: Caller) async throws -> [Session] {
    try await signIn.signedIn.all(of: caller.signIn?.user ?? 0, at: now)
  }

  package func endSession(_ id: String, by caller: Caller) async throws {
    guard let session = try await sessions(caller).first(where: { $0.id == id }) else {
      throw Refusal.notFound("There is no such session.")
    }
    try await signIn.signedIn.end(session)
    try await note("user.session_end", caller)
  }

  private func note(_ action: String, _ caller: Caller) async throws {
    let at = now
    try await directory.file.write { db in
      try Doing(caller: caller, action: action, at: at).note(db, "user \(caller.signIn?.user ?? 0)")
    }
  }

  package func endOtherSessions(by caller: Caller) async throws {
    for session in try await sessions(caller) where session.digest != caller.signIn?.session {
      try await signIn.signedIn.end(session)
    }
    try await note("user.sessions_end", caller)
  }

  static func user(_ db: Database, _ caller: Caller) throws -> User {
    guard let id = caller.signIn?.user, let user = try User.find(db, id: id), user.suspendedAt == nil,
      user.sessionEpoch == caller.signIn?.epoch
    else {
      throw Refusal.unauthenticated
    }
    return user
  }
}
