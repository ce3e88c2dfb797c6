import Foundation
import GRDB
package import TenantRuntime

/// Sessions in the control file.
package struct StoredSessions: SessionStore {
  let file: SQLiteFile
  /// Of one user; the oldest go.
  static let mostOfUser = 50

  package init(file: SQLiteFile) { self.file = file }

  package func add(_ session: Session, times: SessionTimes, now: Moment) async throws {
    let (idle, old) = (
      now.advanced(bySeconds: -times.idleSeconds), now.advanced(bySeconds: -times.longestSeconds)
    )
    try await file.write { db in
      try db.execute(
        sql: """
          INSERT INTO sessions (hash, user_id, epoch, created_at, seen_at, confirmed_at, address, agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          Data(session.digest), session.user, session.epoch, session.createdAt, session.seenAt, session.confirmedAt,
          session.address, session.agent,
        ])
      try db.execute(
        sql: """
          DELETE FROM sessions WHERE user_id = ?1 AND hash <> ?5 AND (seen_at < ?2 OR created_at < ?3 OR hash NOT IN
            (SELECT hash FROM sessions WHERE user_id = ?1 AND hash <> ?5 ORDER BY created_at DESC LIMIT ?4))
          """, arguments: [session.user, idle, old, Self.mostOfUser - 1, Data(session.digest)])
    }
  }

  package func find(_ digest: [UInt8]) async throws -> Session? {
    try await file.read { db in
      try Row.fetchOne(
        db.cachedStatement(sql: "SELECT * FROM sessions WHERE hash = ?"), arguments: [Data(digest)]
      ).map(Session.init)
    }
  }

  package func touch(_ session: Session, times: SessionTimes, now: Moment) async throws {
    // A power cut may forget it: the session looks older than it is.
    try await file.write(.replayable) { db in
      try db.execute(sql: "UPDATE sessions SET seen_at = ? WHERE hash = ?", arguments: [now, Data(session.digest)])
    }
  }

  package func remove(_ session: Session) async throws {
    try await file.write { db in
      try db.execute(sql: "DELETE FROM sessions WHERE hash = ?", arguments: [Data(session.digest)])
    }
  }

  package func all(of user: Int64) async throws -> [Session] {
    try await file.read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM sessions WHERE user_id = ? ORDER BY created_at DESC, hash LIMIT ?",
        arguments: [user, Self.mostOfUser]
      ).map(Session.init)
    }
  }

  package func close() async {}
}

extension Session {
  fileprivate init(_ row: Row) {
    self.init(
      digest: Array(row["hash"] as Data), user: row["user_id"], epoch: row["epoch"], createdAt: row["created_at"],
      seenAt: row["seen_at"], confirmedAt: row["confirmed_at"], address: row["address"], agent: row["agent"])
  }
}
