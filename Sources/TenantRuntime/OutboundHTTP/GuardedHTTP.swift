import CCurl
import Synchronization

/// How a call to an address that a stranger has named ended.
package enum GuardedOutcome: Sendable, Equatable {
  /// We do not go there. Nothing was sent, and asking again gives the same.
  case refused(String)
  case answered(GuardedAnswer)
  /// No connection: nothing was sent.
  case notSent(String)
  /// Sent, or partly; no whole answer.
  case lost(String)
  /// Our own doing: too many names are being resolved, or the client is closing. Ask again soon.
  case notBegun
}

package struct GuardedAnswer: Sendable, Equatable {
  package var status: Int
  /// Names in lower case.
  package var headers: [String: String]
  package var body: [UInt8]
  /// The body had more than the call's `answerLimit`.
  package var isCut: Bool
}

/// Calls to addresses that tenants or providers have named, so never to our own network: http(s) without a user, the name resolved by
/// us, every address judged, the connection bound to what was judged, no redirect, no proxy, bounded in time and size.
package struct GuardedHTTP: Sendable {
  package static let seconds = 10
  package static let mostRequest = 64 << 10
  package static let mostAnswer = 64 << 10

  package let rules: AddressRules
  private let client: any OutboundHTTP
  private let resolver: Resolver

  /// A client of its own: slow receivers take no connection from the provider's calls.
  package init(client: any OutboundHTTP, rules: AddressRules, resolver: Resolver = Resolver()) {
    self.client = client
    self.rules = rules
    self.resolver = resolver
  }

  /// Ten seconds in all, resolving included; an answer is cut at 64 kB unless the call says otherwise.
  package func send(_ call: HTTPCall) async -> GuardedOutcome {
    let began = ContinuousClock.now
    guard call.body.count <= Self.mostRequest else {
      return .refused("is to take a request of more than \(Self.mostRequest) bytes")
    }
    let target: GuardedTarget
    switch GuardedTarget.read(call.url) {
    case .success(let read): target = read
    case .failure(let refusal): return .refused(refusal.reason)
    }
    let addresses: [IPAddress]
    if let literal = target.literal {
      addresses = [literal]
    } else {
      switch await resolver.addresses(of: target.host, for: call.turnKey) {
      case .addresses(let found): addresses = found
      case .failed(let reason): return .notSent(reason)
      case .busy: return .notBegun
      }
    }
    // One bad address among good ones is a trap, not a mistake.
    if let word = addresses.lazy.compactMap(rules.refusal).first { return .refused(Self.sentence(word)) }
    let left = Duration.seconds(Self.seconds) - (.now - began)
    guard left > .zero else { return .notSent("timed out") }
    return await send(call, to: target, addresses, within: left)
  }

  /// What can be said about a URL without asking anybody: nil, or why we would not go there.
  package func objection(to url: String) -> String? {
    switch GuardedTarget.read(url) {
    case .failure(let refusal): refusal.reason
    case .success(let target): target.literal.flatMap(rules.refusal).map(Self.sentence)
    }
  }

  private static func sentence(_ word: String) -> String { "leads to an address that is not public (\(word))" }

  private func send(
    _ call: HTTPCall, to target: GuardedTarget, _ addresses: [IPAddress], within time: Duration
  ) async -> GuardedOutcome {
    let head = AnswerHead()
    var bound = call
    bound.url = target.url
    bound.timeout = min(call.timeout, time)
    bound.guarding = Guarding(
      resolve: target.literal == nil ? target.pin(addresses) : nil, addresses: addresses,
      onAnswer: { headers, isCut in head.keep(headers, isCut: isCut) })
    switch await client.send(bound) {
    case .answered(let status, let body):
      let (headers, isCut) = head.kept
      return .answered(GuardedAnswer(status: status, headers: headers, body: body, isCut: isCut))
    case .notBegun, .heldBack: return .notBegun
    case .notSent(let reason): return .notSent(reason)
    case .lost(let reason): return .lost(reason)
    }
  }
}

private final class AnswerHead: Sendable {
  private let state = Mutex<(headers: String, isCut: Bool)>(("", false))

  func keep(_ headers: String, isCut: Bool) { state.withLock { $0 = (headers, isCut) } }

  var kept: (headers: [String: String], isCut: Bool) {
    let (text, isCut) = state.withLock { $0 }
    var headers: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let sides = line.split(separator: ":", maxSplits: 1)
      if sides.count == 2 { headers[sides[0].lowercased()] = String(sides[1]).trimmed }
    }
    return (headers, isCut)
  }
}

/// A URL as libcurl reads it, which is what will fetch it: `http://2130706433/` and `http://0x7f.1/` are 127.0.0.1 here already.
struct GuardedTarget: Sendable, Equatable {
  struct Refused: Error { var reason: String }

  var url: String
  var host: String
  var port: Int
  /// The host, where it is an address.
  var literal: IPAddress?

  private static let longest = 2_000

  static func read(_ text: String) -> Result<GuardedTarget, Refused> {
    guard text.utf8.count <= longest, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      return .failure(Refused(reason: "must be a URL of at most \(longest) characters, in ASCII"))
    }
    guard let read = rh_url_parse(text) else {
      return .failure(Refused(reason: "must be a URL like https://example.com/hook, without a user name"))
    }
    defer { rh_url_free(read) }
    let scheme = String(cString: read.pointee.scheme).lowercased()
    guard scheme == "http" || scheme == "https" else {
      return .failure(Refused(reason: "must begin with https:// or http://"))
    }
    var host = String(cString: read.pointee.host).lowercased()
    guard read.pointee.has_zone == 0 else { return .failure(Refused(reason: "must not name a network interface")) }
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    let literal = IPAddress(host)
    let isName =
      !host.isEmpty
      && host.utf8.allSatisfy({ (48...57).contains($0) || (97...122).contains($0) || [45, 46, 95].contains($0) })
    guard literal != nil || isName else {
      return .failure(Refused(reason: "has a host that is neither a name nor an address"))
    }
    let port = Int(String(cString: read.pointee.port)) ?? 0
    guard port == 80 || port == 443 || (1024...65535).contains(port) else {
      return .failure(Refused(reason: "must use port 80, 443, or one from 1024 up"))
    }
    return .success(GuardedTarget(url: String(cString: read.pointee.whole), host: host, port: port, literal: literal))
  }

  /// For the transfer alone: the plus lets libcurl forget it like any other answer of a resolver.
  func pin(_ addresses: [IPAddress]) -> String {
    "+\(host):\(port):" + addresses.map { $0.isV4 ? "\($0)" : "[\($0)]" }.joined(separator: ",")
  }
}
