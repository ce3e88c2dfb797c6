import Crypto
import Foundation
import GRDB
import Logging
package import TenantRuntime

/// Coming in: by a link that is mailed, by password, with a second factor where the user has one.
///
/// Whether somebody has an address shows neither in the answer, nor in what is done, nor in its time. Tries are bounded by account and by
/// network; a browser that the user has signed in with before is counted for itself, so that strangers lock nobody out.
package struct SignIn: Sendable {
  let directory: TenantDirectory
  let mailing: Mailing
  package let signedIn: SignedIn
  let hasher: PasswordHasher
  let attempts: any RateLimits
  let secret: SecretKey
  let logger: Logger

  /// Where somebody signs in.
  package struct Place: Sendable {
    /// Digest of what this browser keeps; what it asks for is good there alone.
    package var browser: [UInt8]
    /// The user that has signed in here before, by a cookie of ours.
    package var known: Int64?
    package var address: String
    /// As many addresses as one customer of a provider has: all of IPv4's, /64 of IPv6's.
    package var network: String
    package var agent: String
    /// What the browser asks for: who signs in for the first time has chosen none yet.
    package var language: Words.Language

    package init(
      browser: [UInt8], known: Int64?, address: String, network: String, agent: String, language: Words.Language = .en
    ) {
      self.browser = browser
      self.known = known
      self.address = address
      self.network = network
      self.agent = agent
      self.language = language
    }
  }

  package enum Outcome: Sendable {
    /// The token of the new session, and whose it is.
    case session(token: String, user: User)
    /// The password or link was right; a code is asked for yet. The token is this browser's for ten minutes.
    case secondFactor(token: String)
    /// The address was changed: one signs in anew, by the new one.
    case emailChanged
  }

  var now: Moment { directory.now() }

  // MARK: Browsers that are known

  private var browserKey: SymmetricKey { secret.derived(for: "browsers that are known") }

  /// What a browser keeps so that it is known again: nobody else can make one.
  package func knownBrowser(of user: Int64) -> String {
    "\(user)." + APIKey.hex(HMAC<SHA256>.authenticationCode(for: Array(String(user).utf8), using: browserKey))
  }

  package func knownUser(_ kept: String) -> Int64? {
    guard let user = kept.split(separator: ".").first.flatMap({ Int64($0) }), user > 0,
      constantTimeEqual(Array(kept.utf8), Array(knownBrowser(of: user).utf8))
    else { return nil }
    return user
  }

  /// What every form of a browser must bring.
  package func formToken(of browser: [UInt8]) -> String { signedIn.formToken(browser) }

  // MARK: Tries

  /// Throws when too much comes from one network: that tells nothing of any account.
  func checkNetwork(_ place: Place, _ what: String, most: Int = 30) async throws {
    // Who is known here is not held up by others behind the same address.
    let name = place.known.map { "user \($0)" } ?? place.network
    try await attempts.check(name, RatePolicy("sign-in-\(what)-network", quota: most, seconds: 600))
  }

  /// False when too much was tried at this account: from this network, or from very many. A browser that its user knows is counted for itself,
  /// so that strangers lock nobody out.
  func mayTry(_ what: String, _ email: EmailAddress, of user: User?, _ place: Place, most: Int) async -> Bool {
    if let user, place.known == user.id {
      return await attempts.take("\(user.id)", RatePolicy("sign-in-\(what)-known", quota: most, seconds: 900)).isAllowed
    }
    let here = RatePolicy("sign-in-\(what)-account-network", quota: most, seconds: 900)
    let everywhere = RatePolicy("sign-in-\(what)-account", quota: most * 20, seconds: 900)
    guard await attempts.take("\(email) \(place.network)", here).isAllowed else { return false }
    return await attempts.take(email.description, everywhere).isAllowed
  }

  // MARK: Links

  /// Mails a link, where somebody has the address and may sign in.
  package func mailLink(to email: EmailAddress, purpose: SignInLink.Purpose = .signIn, _ place: Place) async throws {
    try await checkNetwork(place, "link", most: 20)
    let found = try await directory.file.read { db in try User.find(db, email) }
    let mayMail = await mayTry("link", email, of: found, place, most: 5)
    let user = mayMail && found?.suspendedAt == nil ? found : nil
    let (at, mailing) = (now, mailing)
    try await directory.file.write { db in
      _ = try mailing.add(db, purpose, to: user, browser: place.browser, at: at) { link, code in
        let isReset = purpose == .reset
        return Mail(
          to: email.description, subject: isReset ? "Set a new password" : "Sign in to Roundhouse",
          sentences: [
            isReset ? "Use this link to set a new password." : "Use this link to sign in.",
            "If you open it in another browser, type this code where you asked for it.",
          ],
          button: Mail.Button(label: isReset ? "Set a new password" : "Sign in", link: link), code: code,
          footnote: "The link works once, for ten minutes. If you did not ask for it, there is nothing to do.")
      }
    }
    mailing.wake()
  }

  package enum Opened: Sendable {
    /// To be confirmed by a button; a reset asks for a code, too, where the user has a second factor.
    case ready(email: String, purpose: SignInLink.Purpose, needsCode: Bool)
    /// Somebody asked for it in another browser: this is to be typed there.
    case elsewhere(code: String)
    case gone
  }

  /// Looking changes nothing: programs that read mail open every link.
  package func open(_ token: String, _ browser: [UInt8]?) async throws -> Opened {
    let at = now
    return try await directory.file.read { [mailing] db in
      guard let link = try SignInLink.find(db, token: token, at: at), link.isMailed,
        let user = try User.find(db, id: link.user), user.suspendedAt == nil
      else { return .gone }
      if let asked = link.browser, asked != browser { return .elsewhere(code: mailing.codes.code(of: link.digest)) }
      return .ready(
        email: link.email ?? user.email, purpose: link.purpose,
        needsCode: link.purpose == .reset && user.hasSecondFactor)
    }
  }

  /// By the button behind a link.
  /// - Parameters:
  ///   - password: the new one, of a link that resets it.
  ///   - factor: a code of the second factor, which a reset asks for where there is one.
  package func confirm(
    _ token: String, password: String? = nil, factor: String? = nil, _ place: Place
  ) async throws -> Outcome {
    try await checkNetwork(place, "confirm")
    let at = now
    let link = try await directory.file.read { db in try SignInLink.find(db, token: token, at: at) }
    guard let link, link.isMailed, link.browser == nil || link.browser == place.browser else {
      throw Self.gone
    }
    return try await take(link, password, factor, place)
  }

  /// By the code that stands for a link, in the browser that asked for it.
  package func confirm(
    code: String, password: String? = nil, factor: String? = nil, _ place: Place
  ) async throws -> Outcome {
    try await checkNetwork(place, "confirm")
    let at = now
    let digest = mailing.codes.digest(code)
    let link = try await directory.file.write { db in
      try SignInLink.find(db, code: digest, browser: place.browser, at: at)
    }
    guard let link else { throw Refusal.invalid("code", "is wrong or too old") }
    return try await take(link, password, factor, place)
  }

  static let gone = Refusal.gone("This link has been used, or is too old. Ask for a new one.")

  private func take(_ link: SignInLink, _ password: String?, _ factor: String?, _ place: Place) async throws -> Outcome
  {
    let at = now
    var hash: PasswordHash?
    if link.purpose == .reset {
      let user = try await directory.file.read { db in try User.find(db, id: link.user) }
      let problem = PasswordRules.problem(password ?? "", of: user?.email ?? "")
      if let problem { throw Refusal.invalid("password", problem) }
      if user?.hasSecondFactor == true {
        guard factor?.isEmpty == false else { throw Refusal.invalid(Self.factor, "of your second factor is required") }
        try await attempts.check("\(link.user)", RatePolicy("code-user", quota: 10, seconds: 900))
      }
      hash = try await hasher.hash(password ?? "")
    }
    let (mailing, newPassword, secret) = (mailing, hash?.stored, directory.secret)
    let taken = try await directory.file.write { db -> User? in
      guard let user = try User.find(db, id: link.user), user.suspendedAt == nil else { throw Self.gone }
      // Whoever reads the mail does not have the device: nothing has changed, and the link stays good, until the code is right.
      let needsCode = link.purpose == .reset && user.hasSecondFactor
      if needsCode, try !SecondFactor.take(factor ?? "", db, of: user.id, secret, at: at) { return nil }
      guard try link.use(db, at: at) else { throw Self.gone }
      switch link.purpose {
      case .signIn, .invitation, .secondFactor, .passkey: break
      case .reset:
        try db.execute(sql: "UPDATE users SET password = ? WHERE id = ?", arguments: [newPassword, user.id])
        try User.endSessions(db, of: user.id)
        try User.endLinks(db, of: user.id)
        try mailing.notify(
          db, user.email, "Your password was changed", "The password of your account was set anew, by a mailed link.",
          at: at)
        try note(db, user, "user.password_reset", place, at)
      case .email: try takeNewEmail(db, link, user, at)
      }
      try link.accept(db)
      guard let now = try User.find(db, id: user.id) else { throw Self.gone }
      return now
    }
    guard let user = taken else { throw Refusal.invalid(Self.factor, "is wrong, or was used before") }
    mailing.wake()
    signedIn.forget()
    switch link.purpose {
    case .email: return .emailChanged
    // Its code was asked for before.
    case .reset: return try await begin(user, place)
    default: return try await goOn(user, place)
    }
  }

  /// The field of a reset that has the second factor's code.
  package static let factor = "factor"

  /// The address is shown to be the user's; whoever reads the old one learns of it.
  private func takeNewEmail(_ db: Database, _ link: SignInLink, _ user: User, _ at: Moment) throws {
    guard let email = link.email.flatMap({ EmailAddress($0) }) else { throw Self.gone }
    guard try User.find(db, email) == nil else { throw Refusal.conflict("\(email) has an account of its own already.") }
    try db.execute(sql: "UPDATE users SET email = ? WHERE id = ?", arguments: [email.description, user.id])
    try db.execute(
      sql: "UPDATE tenants SET owner_email = ? WHERE owner_email = ?", arguments: [email.description, user.email])
    try User.endSessions(db, of: user.id)
    try User.endLinks(db, of: user.id)
    try mailing.notify(
      db, user.email, "Your e-mail address was changed",
      "Your account is reached at another address from now on: \(email)",
      at: at)
    try Doing(caller: Caller(kind: .session, name: "user:\(user.email)"), action: "user.email", at: at)
      .note(db, "user \(user.id)", detail: "\(user.email) → \(email)")
  }

  // MARK: Passwords

  package func signIn(_ email: EmailAddress, password: String, _ place: Place) async throws -> Outcome {
    try await checkNetwork(place, "password")
    let (found, stored) = try await directory.file.read { db in
      (
        try User.find(db, email),
        try String.fetchOne(db, sql: "SELECT password FROM users WHERE email = ?", arguments: [email.description])
      )
    }
    let mayTry = await mayTry("password", email, of: found, place, most: 10)
    let isRight = try await hasher.matches(String(password.prefix(PasswordRules.most + 1)), stored)
    guard mayTry, isRight, let user = found, user.suspendedAt == nil else {
      throw Refusal.invalid(
        "password", "does not belong to this address, or there were too many tries; a mailed link always works")
    }
    try await hashAnew(password, stored ?? "", user)
    return try await goOn(user, place)
  }

  /// With the costs of today.
  private func hashAnew(_ password: String, _ stored: String, _ user: User) async throws {
    guard PasswordHash(stored: stored)?.costs != hasher.costs else { return }
    let hash = try await hasher.hash(password).stored
    try await directory.file.write { db in
      try db.execute(
        sql: "UPDATE users SET password = ? WHERE id = ? AND password = ?", arguments: [hash, user.id, stored])
    }
  }

  // MARK: Second factor, and the session

  private func goOn(_ user: User, _ place: Place) async throws -> Outcome {
    guard user.hasSecondFactor else { return try await begin(user, place) }
    let token = APIKey.hex(32)
    let at = now
    try await directory.file.write { db in
      try SignInLink.add(
        db, .secondFactor, digest: APIKey.digest(token), user: user.id, browser: place.browser, at: at)
    }
    return .secondFactor(token: token)
  }

  /// - Parameter code: of the authenticator, or one of the recovery codes.
  package func signIn(code: String, token: String, _ place: Place) async throws -> Outcome {
    try await checkNetwork(place, "code")
    let (at, secret) = (now, directory.secret)
    let asked = try await directory.file.read { db in try SignInLink.find(db, token: token, at: at)?.user }
    if let asked { try await attempts.check("\(asked)", RatePolicy("code-user", quota: 10, seconds: 900)) }
    let user: User? = try await directory.file.write { db in
      guard let link = try SignInLink.find(db, token: token, at: at), link.purpose == .secondFactor,
        link.browser == place.browser, try link.countTry(db), let user = try User.find(db, id: link.user),
        user.suspendedAt == nil
      else { throw Refusal.gone("This took too long, or too many tries. Sign in anew.") }
      guard try SecondFactor.take(code, db, of: user.id, secret, at: at) else { return nil }
      return try link.use(db, at: at) ? user : nil
    }
    guard let user else { throw Refusal.invalid("code", "is wrong, or was used before") }
    return try await begin(user, place)
  }

  /// A new session, whatever the browser had before.
  func begin(_ user: User, _ place: Place) async throws -> Outcome {
    let at = now
    let (session, token) = Session.make(user: user, address: place.address, agent: place.agent, at: at)
    do { try await signedIn.store.add(session, times: signedIn.times, now: at) } catch {
      logger.error("A session cannot be kept", metadata: ["error": "\(error)"])
      throw Refusal.unavailable("Nobody can sign in at the moment. API keys, webhooks and links go on.")
    }
    try await directory.file.write { db in
      try db.execute(
        sql: """
          UPDATE users SET signed_in_at = ?, locale = CASE WHEN signed_in_at IS NULL THEN ? ELSE locale END WHERE id = ?
          """,
        arguments: [at, place.language.rawValue, user.id])
      try note(db, user, "user.sign_in", place, at)
    }
    return .session(token: token, user: user)
  }

  func note(_ db: Database, _ user: User, _ action: String, _ place: Place, _ at: Moment) throws {
    let caller = Caller(kind: .session, name: "user:\(user.email)", address: place.address)
    try Doing(caller: caller, action: action, at: at).note(db, "user \(user.id)")
  }
}
