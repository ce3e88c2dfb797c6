/// Who asks: someone who has signed in, an API key, a command, or the program itself. One value that permissions, audit rows and limits go by.
package struct Caller: Sendable, Equatable {
  package enum Kind: String, Sendable {
    case apiKey = "api_key"
    case session, command, worker
  }

  /// The browser of someone who has signed in.
  package struct SignIn: Sendable, Equatable {
    package var user: Int64
    package var email: String
    /// The digest of its session's token.
    package var session: [UInt8]
    /// Of the user, as the session has it: when the user's own has moved on, the session is dead.
    package var epoch: Int64
    /// When the user last proved to be there.
    package var confirmedAt: Moment
    /// What a form must send along to be its own.
    package var formToken: String

    package init(
      user: Int64, email: String, session: [UInt8], epoch: Int64, confirmedAt: Moment, formToken: String
    ) {
      self.epoch = epoch
      self.user = user
      self.email = email
      self.session = session
      self.confirmedAt = confirmedAt
      self.formToken = formToken
    }
  }

  package var kind: Kind
  /// As written into audit rows: `user:ana@shop.example`, `support:eve@host.example`, `key:rh_ab12…`, `command:root`, `circuit_breaker`.
  package var name: String
  /// The tenant whose data it may ask for; nil: the platform's.
  package var tenant: String?
  package var permissions: Set<Permission>
  /// Where it asks from, as far as proxies may be believed; empty for commands and workers.
  package var address: String
  /// Of the request, as it stands in the log.
  package var requestID: String?
  /// How its own role is called, for refusals.
  package var role: String
  /// Of who has signed in; nil: a key, a command, the program.
  package var signIn: SignIn?
  /// Platform staff, let in by the tenant for a time.
  package var isSupport = false
  /// What its request asks besides what it wants; nil: nothing.
  package var terms: RequestTerms?

  package init(
    kind: Kind, name: String, tenant: String? = nil, permissions: Set<Permission> = [], address: String = "",
    requestID: String? = nil, role: String = "", signIn: SignIn? = nil, isSupport: Bool = false
  ) {
    self.signIn = signIn
    self.isSupport = isSupport
    self.kind = kind
    self.name = name
    self.tenant = tenant
    self.permissions = permissions
    self.address = address
    self.requestID = requestID
    self.role = role
  }

  /// Whoever works the command line.
  package static func command(_ name: String = "command") -> Caller { Caller(kind: .command, name: name) }

  /// The program itself, as audit rows name the part of it.
  package static func worker(_ name: String = "worker") -> Caller { Caller(kind: .worker, name: name) }

  /// Throws unless it may do this: another tenant's caller gets the answer of an unknown tenant.
  package func check(_ needs: Permission, in tenant: String?) throws {
    if let tenant, self.tenant != tenant { throw Refusal.notFound("There is no such tenant.") }
    guard (tenant == nil) == (self.tenant == nil), permissions.contains(needs) else {
      throw Refusal.forbidden("\(kind == .session ? "Your" : "This key's") role, \(role), may not do this.")
    }
  }
}

extension Caller {
  /// For what cannot be taken back, or gives power away: whoever has signed in must have shown within the last minutes to be there. Keys act
  /// where nobody is.
  package func checkConfirmed(at now: Moment) throws {
    guard let signIn else { return }
    let age = now.milliseconds - signIn.confirmedAt.milliseconds
    guard (0..<Self.confirmedMilliseconds).contains(age) else { throw Refusal.unconfirmed }
  }

  private static let confirmedMilliseconds: Int64 = 600_000

  /// Nobody gives away more than they have.
  /// - Parameter lasts: an owner, or somebody of the platform's staff: a key may be lent for a day, and makes none.
  package func checkMayGive(_ given: Set<Permission>, named name: String, lasts: Bool = false) throws {
    guard !lasts || kind != .apiKey else {
      throw Refusal.forbidden("A key gives nobody the role \(name): somebody who has signed in does.")
    }
    guard given.isSubset(of: permissions) || kind == .command else {
      throw Refusal.forbidden("Your role, \(role), may not give the role \(name).")
    }
  }
}
