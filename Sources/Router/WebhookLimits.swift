import Dispatch
import HTTPTypes
import Hummingbird
import Synchronization
import TenantRuntime

/// Bounds how often one address may be refused: whoever forges signatures is not worth a thousand hashes a second. What holds is never
/// bounded here.
final class RefusalLimiter: Sendable {
  private struct State: Sendable {
    var minute: UInt64 = 0
    var refused: [String: Int] = [:]
  }

  private let state = Mutex(State())
  private static let mostPerMinute = 300
  private static let mostAddresses = 20_000

  func counting(_ address: String, _ body: () async throws -> Response) async throws -> Response {
    guard count(address, adding: 0) < Self.mostPerMinute else {
      throw Refusal.tooMany(retryAfterSeconds: 60)
    }
    do { return try await body() } catch let refusal as Refusal where (400..<500).contains(refusal.status.code) {
      _ = count(address, adding: 1)
      throw refusal
    }
  }

  private func count(_ address: String, adding amount: Int) -> Int {
    let minute = DispatchTime.now().uptimeNanoseconds / 60_000_000_000
    return state.withLock { state in
      if state.minute != minute {
        state.minute = minute
        state.refused = [:]
      }
      if amount > 0, state.refused[address] != nil || state.refused.count < Self.mostAddresses {
        state.refused[address, default: 0] += amount
      }
      return state.refused[address] ?? 0
    }
  }
}

/// Idempotency tokens of events that are on disk: two generations, so that the newest half is always known.
final class RecentTokens: Sendable {
  private struct State: Sendable {
    var young: Set<String> = []
    var old: Set<String> = []
  }

  private let state = Mutex(State())
  private static let most = 50_000
  private static let longest = 250

  func contains(_ token: String) -> Bool {
    state.withLock { $0.young.contains(token) || $0.old.contains(token) }
  }

  func insert(_ token: String) {
    guard token.utf8.count <= Self.longest else { return }
    state.withLock { state in
      if state.young.count >= Self.most {
        state.old = state.young
        state.young = []
      }
      state.young.insert(token)
    }
  }
}
