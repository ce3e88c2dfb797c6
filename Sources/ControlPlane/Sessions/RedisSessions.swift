import Foundation
import NIOCore
package import TenantRuntime

/// Sessions in Redis: a value of its own each, gone by itself when it has been idle for too long, and a set of each user's.
package final class RedisSessions: SessionStore {
  private let redis: RedisClient
  private let names: RedisNames

  /// The server that was named cannot be asked.
  package struct Away: Error {}

  package init(redisURL: String, names: RedisNames) throws {
    redis = RedisClient(try RedisAddress(redisURL), timeout: .seconds(2))
    self.names = names
  }

  package func add(_ session: Session, times: SessionTimes, now: Moment) async throws {
    try await write(session, times, now: now)
    let set = names.sessions(of: session.user)
    _ = try await call(["SADD", set, Self.hex(session.digest)])
    _ = try await call(["EXPIRE", set, String(times.longestSeconds)])
    // The oldest of the others go, as in the control file, whatever the clock said when they began.
    let others = try await all(of: session.user).filter { $0.digest != session.digest }
    for old in others.dropFirst(StoredSessions.mostOfUser - 1) { try await remove(old) }
  }

  package func find(_ digest: [UInt8]) async throws -> Session? {
    guard case .text(let bytes)? = try await call(["GET", names.session(Self.hex(digest))]) else { return nil }
    return try? JSONDecoder().decode(Session.self, from: Data(bytes.utf8))
  }

  package func touch(_ session: Session, times: SessionTimes, now: Moment) async throws {
    var session = session
    session.seenAt = now
    // One that was ended meanwhile does not come back.
    try await write(session, times, now: now, onlyIfThere: true)
  }

  package func remove(_ session: Session) async throws {
    _ = try await call(["DEL", names.session(Self.hex(session.digest))])
    _ = try await call(["SREM", names.sessions(of: session.user), Self.hex(session.digest)])
  }

  package func all(of user: Int64) async throws -> [Session] {
    let set = names.sessions(of: user)
    guard case .list(let members)? = try await call(["SMEMBERS", set]) else { return [] }
    var found: [Session] = []
    for case .text(let digest) in members.prefix(1_000) {
      if case .text(let bytes)? = try await call(["GET", names.session(digest)]),
        let session = try? JSONDecoder().decode(Session.self, from: Data(bytes.utf8))
      {
        found.append(session)
      } else {
        _ = try await call(["SREM", set, digest])
      }
    }
    return found.sorted { ($0.createdAt, Self.hex($0.digest)) > ($1.createdAt, Self.hex($1.digest)) }
  }

  package func close() async { await redis.close() }

  private func write(
    _ session: Session, _ times: SessionTimes, now: Moment, onlyIfThere: Bool = false
  ) async throws {
    let left = session.createdAt.advanced(bySeconds: times.longestSeconds).milliseconds - now.milliseconds
    let life = min(times.idleSeconds * 1000, left)
    guard life > 0 else { return }
    let text = String(decoding: try JSONEncoder().encode(session), as: UTF8.self)
    _ = try await call(
      ["SET", names.session(Self.hex(session.digest)), text, "PX", String(life)] + (onlyIfThere ? ["XX"] : []))
  }

  private func call(_ words: [String]) async throws -> RedisReply? {
    do { return try await redis.call(words) } catch { throw Away() }
  }

  private static func hex(_ digest: [UInt8]) -> String { APIKey.hex(digest) }
}
