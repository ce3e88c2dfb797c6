import GRDB
import TenantRuntime
import TestKit
import Testing

@testable import ControlPlane

/// What every store of sessions keeps to.
@Suite struct SessionStoreTests {
  enum Kind: CaseIterable, Sendable { case control, redis }

  private let folder = try! TestFolder()
  private let times = SessionTimes()
  private let now = Moment.now()

  private func session(_ user: Int64, _ number: UInt8, createdAt: Moment? = nil, seenAt: Moment? = nil) -> Session {
    Session(
      digest: Array(repeating: number, count: 32), user: user, epoch: 3, createdAt: createdAt ?? now,
      seenAt: seenAt ?? now,
      confirmedAt: now, address: "192.0.2.7", agent: "Mozilla \(number)")
  }

  private func with(_ kind: Kind, _ body: (any SessionStore) async throws -> Void) async throws {
    switch kind {
    case .control:
      let file = try ControlFile.open(folder.path)
      try file.writeNow { db in
        for user in ["ana", "ben"] {
          try db.execute(sql: "INSERT INTO users (email, created_at) VALUES (?, 0)", arguments: ["\(user)@x.test"])
        }
      }
      try await body(StoredSessions(file: file))
      try file.close()
    case .redis:
      let redis = try RedisServer()
      let store = try RedisSessions(
        redisURL: redis.url, names: .ofTests)
      try await body(store)
      await store.close()
      withExtendedLifetime(redis) {}
    }
  }

  @Test(arguments: Kind.allCases) func whatIsAddedIsFoundUntilItIsRemoved(kind: Kind) async throws {
    try await with(kind) { store in
      let (one, two) = (session(1, 1), session(1, 2, createdAt: now.advanced(bySeconds: -60)))
      for session in [one, two, session(2, 3)] { try await store.add(session, times: times, now: now) }
      #expect(try await store.find(one.digest) == one)
      #expect(try await store.find(Array(repeating: 9, count: 32)) == nil)
      #expect(try await store.all(of: 1) == [one, two])
      try await store.remove(one)
      #expect(try await store.find(one.digest) == nil)
      #expect(try await store.all(of: 1) == [two])
      #expect(try await store.all(of: 2).count == 1)
    }
  }

  @Test(arguments: Kind.allCases) func whoSignsInAfterTheClockWasSetBackIsIn(kind: Kind) async throws {
    try await with(kind) { store in
      let ahead = now.advanced(bySeconds: 3_600)
      for number in UInt8(0)..<50 {
        try await store.add(session(1, number, createdAt: ahead, seenAt: ahead), times: times, now: ahead)
      }
      try await store.add(session(1, 200), times: times, now: now)
      #expect(try await store.find(Array(repeating: 200, count: 32)) != nil)
      #expect(try await store.all(of: 1).count == 50)
    }
  }

  @Test(arguments: Kind.allCases) func useIsKeptAndBringsNoEndedSessionBack(kind: Kind) async throws {
    try await with(kind) { store in
      let one = session(1, 1)
      try await store.add(one, times: times, now: now)
      let later = now.advanced(bySeconds: 3_600)
      try await store.touch(one, times: times, now: later)
      #expect(try await store.find(one.digest)?.seenAt == later)
      try await store.remove(one)
      try await store.touch(one, times: times, now: later)
      #expect(try await store.find(one.digest) == nil)
    }
  }

  @Test(arguments: Kind.allCases) func ofOneUserTheOldestGo(kind: Kind) async throws {
    try await with(kind) { store in
      for number in 0..<60 {
        try await store.add(
          session(1, UInt8(number), createdAt: now.advanced(bySeconds: Int64(number) - 60)), times: times, now: now)
      }
      let kept = try await store.all(of: 1)
      #expect(kept.count == StoredSessions.mostOfUser && kept.first?.digest[0] == 59 && kept.last?.digest[0] == 10)
    }
  }

  @Test func aSessionDiesOfIdlenessAndOfAge() {
    let alive = session(1, 1, createdAt: now.advanced(bySeconds: -86_400), seenAt: now.advanced(bySeconds: -3_600))
    #expect(times.isAlive(alive, at: now))
    #expect(!times.isAlive(session(1, 1, seenAt: now.advanced(bySeconds: -43_200)), at: now))
    #expect(!times.isAlive(session(1, 1, createdAt: now.advanced(bySeconds: -30 * 86_400)), at: now))
  }
}
