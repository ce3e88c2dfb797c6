package import TenantRuntime

/// A browser that somebody has signed in with. Its token is 256 random bits; the digest alone is kept.
package struct Session: Sendable, Codable, Equatable {
  package let digest: [UInt8]
  package let user: Int64
  /// Of the user when it began: all older ones are dead.
  package let epoch: Int64
  package let createdAt: Moment
  package var seenAt: Moment
  /// When the user last proved to be there, by password, code or link.
  package var confirmedAt: Moment
  package let address: String
  /// What the browser calls itself, for the list of sessions.
  package let agent: String

  /// Shown in lists, and named when it is to end: enough to tell a user's sessions apart, and of no use as a token.
  package var id: String { APIKey.hex(digest.prefix(8)) }

  /// Makes a session and its token.
  static func make(user: User, address: String, agent: String, at: Moment) -> (session: Session, token: String) {
    let token = APIKey.hex(32)
    let session = Session(
      digest: APIKey.digest(token), user: user.id, epoch: user.sessionEpoch, createdAt: at, seenAt: at, confirmedAt: at,
      address: address,
      agent: String(agent.unicodeScalars.filter { !Name.isControl($0) }.prefix(200).map(Character.init)))
    return (session, token)
  }
}

/// How long sessions live.
package struct SessionTimes: Sendable {
  /// Without a request.
  package var idleSeconds: Int64 = 12 * 3_600
  package var longestSeconds: Int64 = 30 * 86_400

  package init() {}

  func isAlive(_ session: Session, at now: Moment) -> Bool {
    now < session.seenAt.advanced(bySeconds: idleSeconds) && now < session.createdAt.advanced(bySeconds: longestSeconds)
  }
}

/// Where sessions are kept: the control file, or Redis. Both keep to `SessionStoreTests`. What is in a store may be lost: its users sign in
/// again.
package protocol SessionStore: Sendable {
  func add(_ session: Session, times: SessionTimes, now: Moment) async throws
  func find(_ digest: [UInt8]) async throws -> Session?
  /// It was used just now.
  func touch(_ session: Session, times: SessionTimes, now: Moment) async throws
  func remove(_ session: Session) async throws
  /// Of a user, the newest first.
  func all(of user: Int64) async throws -> [Session]
  func close() async
}
