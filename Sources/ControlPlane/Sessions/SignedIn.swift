import Crypto
import GRDB
import Logging
import Synchronization
package import TenantRuntime

/// Sessions as callers: who is behind a token, and what they may do in the tenant that they ask for.
///
/// What was found is remembered for a second, as keys are, and forgotten at once when anything of it changes in this process. The user's row
/// has the last word: a session that some store still has is dead when its user's epoch has moved on.
package final class SignedIn: SessionReader {
  private struct Asked: Hashable {
    var digest: [UInt8]
    var tenant: String?
  }
  private struct Known {
    var caller: Caller
    var session: Session
    var until: Moment
    /// Somebody was there for it.
    var isUse: Bool
  }

  let file: SQLiteFile
  package let store: any SessionStore
  package let times: SessionTimes
  private let formKey: SymmetricKey
  private let logger: Logger
  private let known = Mutex<(of: [Asked: Known], changes: Int)>(([:], 0))
  private static let most = 10_000
  private static let seconds: Int64 = 1
  /// A session is written at most so often that it is in use.
  private static let touchSeconds: Int64 = 60

  init(file: SQLiteFile, secret: SecretKey, store: any SessionStore, times: SessionTimes, logger: Logger) {
    (self.file, self.store, self.times, self.logger) = (file, store, times, logger)
    formKey = secret.derived(for: "forms")
  }

  package func caller(
    _ token: String, in tenant: String?, at now: Moment, isUse: Bool = true
  ) async throws -> Caller? {
    guard token.utf8.count == 64 else { return nil }
    let asked = Asked(digest: APIKey.digest(token), tenant: tenant)
    let until = now.advanced(bySeconds: Self.seconds)
    let (remembered, changes) = known.withLock { ($0.of[asked], $0.changes) }
    if let found = remembered, found.until > now, found.until <= until, found.isUse || !isUse,
      times.isAlive(found.session, at: now)
    {
      return found.caller
    }
    guard let (caller, session) = try await read(asked, now: now, isUse: isUse) else { return nil }
    known.withLock { known in
      // What was read before something changed is not remembered behind it.
      guard known.changes == changes else { return }
      if known.of.count >= Self.most { known.of = [:] }
      known.of[asked] = Known(caller: caller, session: session, until: until, isUse: isUse)
    }
    return caller
  }

  package func forget() { known.withLock { $0 = ([:], $0.changes + 1) } }

  /// The session of a token, if it is alive.
  package func session(_ token: String, at now: Moment) async throws -> Session? {
    guard token.utf8.count == 64 else { return nil }
    return try await find(APIKey.digest(token), now: now)
  }

  /// What a form of this browser must send along.
  func formToken(_ digest: [UInt8]) -> String {
    APIKey.hex(HMAC<SHA256>.authenticationCode(for: digest, using: formKey).prefix(16))
  }

  /// Ends a session: nothing is answered by it from now on, also when its store cannot be reached.
  package func end(_ session: Session) async throws {
    do { try await store.remove(session) } catch {
      logger.error("A session's store cannot be reached: all sessions of its user end", metadata: ["error": "\(error)"])
      try await file.write { db in try User.endSessions(db, of: session.user) }
    }
    forget()
  }

  /// Of the user's sessions that are alive, the newest first.
  package func all(of user: Int64, at now: Moment) async throws -> [Session] {
    let epoch = try await file.read { db in try User.find(db, id: user)?.sessionEpoch }
    return try await store.all(of: user).filter { $0.epoch == epoch && times.isAlive($0, at: now) }
  }

  private func find(_ digest: [UInt8], now: Moment) async throws -> Session? {
    guard let session = try await store.find(digest), times.isAlive(session, at: now) else { return nil }
    return session
  }

  private func read(_ asked: Asked, now: Moment, isUse: Bool) async throws -> (Caller, Session)? {
    let known: Session?
    do { known = try await find(asked.digest, now: now) } catch {
      logger.error("Sessions cannot be read", metadata: ["error": "\(error)"])
      throw Refusal.unavailable("Sessions cannot be read at the moment. API keys, webhooks and links go on.")
    }
    guard let session = known else { return nil }
    let found = try await self.file.read { [self] db in try self.caller(db, session, in: asked.tenant, now: now) }
    guard let caller = found else { return nil }
    if isUse, session.seenAt.advanced(bySeconds: Self.touchSeconds) <= now {
      do { try await store.touch(session, times: times, now: now) } catch {
        logger.error("That a session is in use cannot be kept", metadata: ["error": "\(error)"])
      }
    }
    return (caller, session)
  }

  private func caller(_ db: Database, _ session: Session, in tenant: String?, now: Moment) throws -> Caller? {
    guard let user = try User.find(db, id: session.user), user.suspendedAt == nil, user.sessionEpoch == session.epoch
    else { return nil }
    let signIn = Caller.SignIn(
      user: user.id, email: user.email, session: session.digest, epoch: session.epoch, confirmedAt: session.confirmedAt,
      formToken: formToken(session.digest))
    var caller = Caller(kind: .session, name: "user:\(user.email)", signIn: signIn)
    guard let tenant else {
      let role: Role? = user.platformRole.map { $0 == .admin ? .platform : .support }
      (caller.permissions, caller.role) = (role?.permissions ?? [], role?.rawValue ?? "none")
      return caller
    }
    if let membership = try Membership.find(db, user: user.id, in: tenant), membership.state == .active {
      (caller.tenant, caller.permissions, caller.role) = (
        tenant, membership.role.permissions, membership.role.rawValue
      )
    } else if user.platformRole != nil, let grant = try SupportGrant.current(db, in: tenant, at: now) {
      (caller.tenant, caller.permissions) = (tenant, grant.permissions)
      (caller.role, caller.isSupport, caller.name) = (grant.role, true, "support:\(user.email)")
    }
    return caller
  }
}
