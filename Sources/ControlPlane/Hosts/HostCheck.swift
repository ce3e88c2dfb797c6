import Foundation
import Synchronization
import TenantRuntime

/// Looks whether a host's owner shows what he was asked to show, both ways at once. Within ten seconds; never in a private network, never
/// after a redirect (`GuardedHTTP`).
final class HostCheck: Sendable {
  private let lookup: TXTLookup
  private let guarded: GuardedHTTP
  private let open = Mutex<[String: Int]>([:])
  private static let mostOpenOfOne = 2
  private static let longestBody = 1_024

  init(lookup: TXTLookup, guarded: GuardedHTTP) { (self.lookup, self.guarded) = (lookup, guarded) }

  /// What one way has brought: nil, or what was found instead, as the end of a sentence.
  private typealias Finding = String?

  /// Nil: its owner has shown it. Else what was found where, and what to do. Two checks of one tenant at a time; throws `tooMany` for more.
  func failure(_ challenge: HostChallenge, for tenant: String) async throws -> String? {
    let isFree = open.withLock { open in
      guard open[tenant, default: 0] < Self.mostOpenOfOne else { return false }
      open[tenant, default: 0] += 1
      return true
    }
    guard isFree else { throw Refusal.tooMany(retryAfterSeconds: 10) }
    defer { open.withLock { $0[tenant] = $0[tenant].flatMap { $0 > 1 ? $0 - 1 : nil } } }
    async let text = record(challenge)
    async let file = file(challenge, for: tenant)
    guard let badText = await text, let badFile = await file else { return nil }
    return
      "\(challenge.host) is not proved to be yours. The TXT record \(challenge.txtName) \(badText); \(challenge.url) \(badFile). "
      + "Publish the record with the value \(challenge.txtValue), or serve \(challenge.token) at that address, and check again."
  }

  private func record(_ challenge: HostChallenge) async -> Finding {
    switch await lookup.texts(of: challenge.txtName) {
    case .texts(let texts):
      if texts.contains(where: { $0.trimmed == challenge.txtValue }) { return nil }
      let shown = texts.prefix(3).map { "“\(Self.printable($0))”" }.joined(separator: ", ")
      return "has another value (\(shown))"
    case .none: return "is not there"
    case .timedOut: return "was not answered in time"
    case .failed: return "could not be looked up"
    case .busy: return "was not looked up, for too many look-ups are open"
    }
  }

  private func file(_ challenge: HostChallenge, for tenant: String) async -> Finding {
    var call = HTTPCall(url: challenge.url, turnKey: "hosts/\(tenant)")
    call.method = "GET"
    call.connectTimeout = .seconds(3)
    call.timeout = .seconds(5)
    call.answerLimit = Self.longestBody
    switch await guarded.send(call) {
    case .answered(let answer) where answer.status == 200:
      if !answer.isCut, String(decoding: answer.body, as: UTF8.self).trimmed == challenge.token { return nil }
      return "answers 200, but with another body"
    case .answered(let answer): return "answers \(answer.status)"
    case .refused(let reason): return reason
    case .notSent(let reason): return "cannot be reached (\(Self.printable(reason)))"
    case .lost: return "gave no whole answer"
    case .notBegun: return "was not asked, for too many calls are open"
    }
  }

  /// Words of a stranger, for a sentence.
  private static func printable(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(80).map { ("\u{20}"..."\u{7e}").contains($0) ? String($0) : "?" }.joined()
    return text.unicodeScalars.count > 80 ? shown + "…" : shown
  }
}
