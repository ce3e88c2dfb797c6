import GRDB
import Synchronization
import TenantRuntime

/// When and from where each key was used last, to the minute. It is written beside the request, which never waits for it nor fails by it, once a
/// minute of a key that is in use.
final class KeyUse: Sendable {
  private struct Use: Sendable {
    var at: Moment
    var address: String
  }
  private struct State {
    /// As it was written last by this process.
    var written: [String: Moment] = [:]
    var waiting: [String: Use] = [:]
    var isWriting = false
  }

  private let file: SQLiteFile
  private let state = Mutex(State())
  private static let pause: Int64 = 60_000
  /// Beyond it all are forgotten, which costs one more write of each.
  private static let most = 10_000

  init(file: SQLiteFile) { self.file = file }

  func note(_ key: String, address: String, at now: Moment) {
    let begins = state.withLock { state in
      if let last = state.written[key], (0..<Self.pause).contains(now.milliseconds - last.milliseconds) { return false }
      if state.written.count >= Self.most { state.written = [:] }
      state.written[key] = now
      state.waiting[key] = Use(at: now, address: address)
      defer { state.isWriting = true }
      return !state.isWriting
    }
    if begins { Task { await write() } }
  }

  /// When all that was noted so far is written, or was given up: for tests.
  func written() async {
    while state.withLock({ $0.isWriting }) { await Task.yield() }
  }

  /// One writer at a time; what comes meanwhile goes with its next transaction.
  private func write() async {
    while true {
      let uses = state.withLock { state in
        defer { state.waiting = [:] }
        if state.waiting.isEmpty { state.isWriting = false }
        return state.waiting
      }
      if uses.isEmpty { return }
      // What cannot be written now is written with the key's next use, a minute on.
      try? await file.write(.replayable) { db in
        for (key, use) in uses {
          try db.execute(
            sql: "UPDATE api_keys SET last_used_at = ?, last_used_address = ? WHERE id = ?",
            arguments: [use.at, use.address, key])
        }
      }
    }
  }
}
