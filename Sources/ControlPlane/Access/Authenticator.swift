import Crypto
import Foundation
package import HTTPTypes
import Synchronization
package import TenantRuntime

/// Turns a request's credentials into a `Caller`.
///
/// A key that was found is remembered for a second, by the digest of its text: a revocation holds within that second in every process,
/// and at once in the one that revokes (`KeyChanges`). An expiry is looked at each time.
package final class Authenticator: Sendable {
  private static let seconds: Int64 = 1
  /// Beyond it all are forgotten: each is one read of the control file away.
  private static let most = 10_000

  private struct Known {
    var key: APIKey
    var until: Moment
  }

  private let file: SQLiteFile
  private let sessions: (any SessionReader)?
  private let now: @Sendable () -> Moment
  private let known = Mutex<[[UInt8]: Known]>([:])
  private let uses: KeyUse
  private let changes: KeyChanges
  /// As of the last look.
  private let seenChanges = Atomic<Int>(0)

  package init(
    file: SQLiteFile, changes: KeyChanges = KeyChanges(), sessions: (any SessionReader)? = nil,
    now: @escaping @Sendable () -> Moment
  ) {
    (self.file, self.sessions, self.now, self.changes) = (file, sessions, now, changes)
    uses = KeyUse(file: file)
  }

  /// - Parameters:
  ///   - tenant: whose data is asked for, which decides what a session may do; nil: the platform's, or the user's own.
  ///   - isUse: false for what asks by itself while a page lies open: nobody is there for it, and a session goes idle.
  ///   - session: the token of the browser's cookie. A key goes before it.
  package func caller(
    _ headers: HTTPFields, in tenant: String? = nil, session: String? = nil, address: String, requestID: String?,
    isUse: Bool = true
  ) async throws -> Caller {
    if headers[.authorization] == nil, let session,
      var caller = try await sessions?.caller(session, in: tenant, at: now(), isUse: isUse)
    {
      (caller.address, caller.requestID) = (address, requestID)
      return caller
    }
    guard let header = headers[.authorization], header.utf8.count <= 300, header.lowercased().hasPrefix("bearer "),
      let key = try await key(String(header.dropFirst(7))), key.isLive(at: now())
    else { throw Refusal.unauthenticated }
    if isUse { uses.note(key.id, address: address, at: now()) }
    return Caller(
      kind: .apiKey, name: "key:rh_\(key.id)", tenant: key.tenant, permissions: key.scope.permissions, address: address,
      requestID: requestID, role: key.scope.name)
  }

  package func forget() { known.withLock { $0 = [:] } }

  private func key(_ text: String) async throws -> APIKey? {
    let digest = APIKey.digest(text)
    let now = now()
    let count = changes.current
    if seenChanges.exchange(count, ordering: .acquiringAndReleasing) != count { forget() }
    let until = now.advanced(bySeconds: Self.seconds)
    // Not beyond a second from now either, whatever the clock has done meanwhile.
    if let found = known.withLock({ $0[digest] }), found.until > now, found.until <= until { return found.key }
    guard let key = try await file.read({ db in try APIKey.find(db, text: text) }) else { return nil }
    known.withLock { known in
      // One that was read before a revocation is not remembered behind it.
      guard changes.current == count else { return }
      if known.count >= Self.most { known = [:] }
      known[digest] = Known(key: key, until: until)
    }
    return key
  }
}

/// Knows who has signed in.
package protocol SessionReader: Sendable {
  /// Nil: nobody has, or has not any more.
  func caller(_ token: String, in tenant: String?, at now: Moment, isUse: Bool) async throws -> Caller?
}
