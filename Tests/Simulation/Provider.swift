import CSimulation
import Foundation
import TenantRuntime

/// How the provider and the way to it behave; drawn for a run, in parts of a thousand.
struct Weather: Codable, Sendable {
  var refused = 40
  var lostAfter = 30
  var lostBefore = 15
  var overloaded = 20
  var failing = 15
  var unreachable = 10
  var undelivered = 80
  var silent = 60
  var slow = 60
  var twice = 100
  var asJSON = 60
  var otherPrice = 0
  /// Reports that say the person has opted out (21610).
  var optedOutLate = 30
}

/// The provider, honest by `facts.md` A1 to A5. Its ledger is the only truth about who was texted.
final class Provider: @unchecked Sendable {
  struct Reply {
    var outcome: HTTPOutcome
    var delay: Int64
  }

  var weather = Weather()
  private(set) var ledger: [ProviderText] = []
  /// Person and sender: the provider refuses further texts.
  var optedOut: Set<String> = []
  private var chance: Chance
  private var serial = 0
  /// Told of each text it has taken, and asked to deliver what became of it.
  var accepted: (ProviderText) -> Void = { _ in }
  var report: (ProviderText, _ status: String, _ code: Int, _ asJSON: Bool) -> Void = { _, _, _, _ in }

  init(seed: UInt64) { chance = Chance(seed: seed ^ 0x5EED_0F_7E47) }

  func draw(_ perThousand: Int) -> Bool { chance.happens(perThousand) }
  func below(_ bound: Int) -> Int64 { Int64(chance.below(bound)) }

  func receive(_ call: HTTPCall) -> Reply {
    call.method == "GET" ? list(call) : create(call)
  }

  // MARK: Create Message

  private func create(_ call: HTTPCall) -> Reply {
    let form = Form.read(String(decoding: call.body + call.bodyEnd(), as: UTF8.self))
    let delay = draw(weather.slow) ? 1_000 + below(18_000) : 20 + below(400)
    guard let to = form["To"], let from = form["From"], let body = form["Body"], let callback = form["StatusCallback"]
    else { return refusal(400, 21603, delay) }
    if draw(weather.overloaded) { return refusal(429, 20429, delay) }
    if draw(weather.lostBefore) { return Reply(outcome: .lost("reset"), delay: delay) }
    if draw(weather.failing) {
      if draw(500) { accept(call, to, from, body, callback) }
      return Reply(outcome: .answered(status: 503, body: []), delay: delay)
    }
    if optedOut.contains("\(to) \(from)") { return refusal(400, 21610, delay) }
    if draw(weather.refused) {
      let codes = [21211, 21408, 21612, 21614, 21617, 21611, 30001]
      return refusal(400, codes[Int(below(codes.count))], delay)
    }
    let text = accept(call, to, from, body, callback)
    if draw(weather.lostAfter) { return Reply(outcome: .lost("timed out"), delay: draw(500) ? delay : 20_000) }
    let answer = (try? JSONSerialization.data(withJSONObject: text.json)).map(Array.init) ?? []
    return Reply(outcome: .answered(status: 201, body: answer), delay: delay)
  }

  private func refusal(_ status: Int, _ code: Int, _ delay: Int64) -> Reply {
    let body =
      #"{"code":\#(code),"message":"no","more_info":"https://www.twilio.com/docs/errors/\#(code)","status":\#(status)}"#
    return Reply(outcome: .answered(status: status, body: Array(body.utf8)), delay: delay)
  }

  @discardableResult
  private func accept(
    _ call: HTTPCall, _ to: String, _ from: String, _ body: String, _ callback: String
  ) -> ProviderText {
    serial += 1
    let account = String(call.url.split(separator: "/").first { $0.hasPrefix("AC") } ?? "")
    let text = ProviderText(
      sid: "SM" + String(format: "%032x", serial), account: account, to: to, from: from, body: body,
      callback: String(callback.prefix { $0 != "#" }), at: Machine.now)
    text.listedAt = Machine.now + (draw(300) ? below(3 * 3_600_000) : below(2_000))
    text.price = Int64(text.segments) * (draw(weather.otherPrice) ? 7_900 + 10 * below(400) : 8_300)
    text.pricedAt = Machine.now + 600_000 + below(6 * 3_600_000)
    ledger.append(text)
    accepted(text)
    plan(text)
    return text
  }

  // MARK: What becomes of it

  private func plan(_ text: ProviderText) {
    let codes = [30003, 30005, 30006, 30007, 30008, 30004]
    let fails = draw(weather.undelivered)
    var code = fails ? codes[Int(below(codes.count))] : 0
    if fails, draw(weather.optedOutLate) { code = 21610 }
    let last = fails ? (draw(300) ? "failed" : "undelivered") : "delivered"
    var steps: [(String, Int, Int64)] = last == "failed" ? [] : [("sent", 0, 200 + below(3_000))]
    steps.append((last, code, 500 + below(20_000)))
    if !fails, draw(weather.silent) { steps.removeLast() }
    for (status, code, delay) in steps {
      Machine.after(milliseconds: delay) {
        if text.hasFailed || text.status == "delivered" { return }
        (text.status, text.errorCode) = (status, code)
      }
      let travel = draw(40) ? below(5 * 86_400_000) : below(5_000)
      Machine.after(milliseconds: delay + travel) { [self] in report(text, status, code) }
      if draw(weather.twice) {
        Machine.after(milliseconds: delay + travel + below(86_400_000)) { [self] in report(text, status, code) }
      }
    }
  }

  private func report(_ text: ProviderText, _ status: String, _ code: Int) {
    report(text, status, code, draw(weather.asJSON))
  }

  // MARK: List

  private func list(_ call: HTTPCall) -> Reply {
    let delay = 20 + below(500)
    if draw(weather.overloaded) { return refusal(429, 20429, delay) }
    if draw(weather.failing) { return Reply(outcome: .answered(status: 500, body: []), delay: delay) }
    let query = Form.read(call.url.split(separator: "?", maxSplits: 1).dropFirst().first ?? "")
    let size = min(Int(query["PageSize"] ?? "") ?? 50, 20)
    let page = Int(query["Page"] ?? "") ?? 0
    let found = ledger.reversed().filter { text in
      text.listedAt <= Machine.now && call.url.contains(text.account) && (query["To"].map { $0 == text.to } ?? true)
        && (query["From"].map { $0 == text.from } ?? true)
    }
    let shown = found.dropFirst(page * size).prefix(size)
    var answer: [String: Any] = ["messages": shown.map(\.json), "page": page, "page_size": size]
    answer["next_page_uri"] = NSNull()
    if found.count > (page + 1) * size, let path = call.url.range(of: "/2010-04-01/") {
      var next = query
      next["Page"] = String(page + 1)
      let base = call.url[path.lowerBound...].prefix { $0 != "?" }
      answer["next_page_uri"] = base + "?" + Form.write(next.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }
    let body = (try? JSONSerialization.data(withJSONObject: answer)).map(Array.init) ?? []
    return Reply(outcome: .answered(status: 200, body: body), delay: delay)
  }
}

/// One server's way to the provider: asks `admit` and `isWanted` as the real client does. Dies with its server.
final class ProviderClient: OutboundHTTP, @unchecked Sendable {
  private struct Waiting {
    let call: HTTPCall
    let completion: CurlClient.Completion
  }

  let accounts: AccountPace
  private let provider: Provider
  private var waiting: [Int: Waiting] = [:]
  private var serial = 0
  private var isStopping = false
  var isDead = false
  private(set) var callsInFlight = 0
  /// The last look before a request's first byte.
  var begins: (HTTPCall) -> Void = { _ in }
  var heldBack: (HTTPCall) -> Void = { _ in }
  var ends: (HTTPCall, HTTPOutcome) -> Void = { _, _ in }

  init(_ provider: Provider) {
    self.provider = provider
    accounts = AccountPace(random: { sim_random() })
  }

  func submit(_ call: HTTPCall, completion: @escaping CurlClient.Completion) {
    guard !isDead else { return }
    guard !isStopping else { return completion(.notBegun) }
    serial += 1
    let id = serial
    waiting[id] = Waiting(call: call, completion: completion)
    later(provider.draw(100) ? provider.below(30_000) : provider.below(300)) { [self] in begin(id) }
  }

  private func later(_ delay: Int64, _ body: @escaping () -> Void) {
    Machine.after(milliseconds: delay) { [self] in if !isDead { body() } }
  }

  private func begin(_ id: Int) {
    guard let next = waiting.removeValue(forKey: id) else { return }
    guard next.call.admit() else {
      heldBack(next.call)
      return next.completion(.notBegun)
    }
    callsInFlight += 1
    // Its connection comes to stand at once, or a while later.
    if provider.draw(150) { later(provider.below(4_000)) { [self] in connect(next) } } else { connect(next) }
  }

  private func connect(_ next: Waiting) {
    guard next.call.isWanted() else { return end(next, .heldBack) }
    if provider.draw(provider.weather.unreachable) { return end(next, .notSent("no route")) }
    begins(next.call)
    let reply = provider.receive(next.call)
    later(reply.delay) { [self] in end(next, reply.outcome) }
  }

  private func end(_ next: Waiting, _ outcome: HTTPOutcome) {
    callsInFlight -= 1
    next.completion(outcome)
    ends(next.call, outcome)
  }

  func recheck(_ turnKey: String) {
    later(0) { [self] in
      for (id, next) in waiting.sorted(by: { $0.key < $1.key })
      where next.call.turnKey == turnKey && !next.call.isWanted() {
        waiting[id] = nil
        next.completion(.notBegun)
      }
    }
  }

  func afterPendingSends(_ work: @escaping @Sendable () -> Void) { later(0, work) }

  func stop() {
    isStopping = true
    later(0) { [self] in
      let left = waiting.sorted { $0.key < $1.key }
      waiting = [:]
      for (_, next) in left { next.completion(.notBegun) }
    }
  }
}

/// Receivers that tenants name; some do not answer.
final class ReceiverClient: OutboundHTTP, @unchecked Sendable {
  let accounts = AccountPace(random: { sim_random() })
  private let provider: Provider
  var isDead = false
  let callsInFlight = 0

  init(_ provider: Provider) { self.provider = provider }

  func submit(_ call: HTTPCall, completion: @escaping CurlClient.Completion) {
    let outcome: HTTPOutcome =
      provider.draw(200) ? .lost("timed out") : .answered(status: provider.draw(100) ? 500 : 200, body: [])
    Machine.after(milliseconds: provider.below(3_000)) { [self] in if !isDead { completion(outcome) } }
  }

  func recheck(_ turnKey: String) {}
  func afterPendingSends(_ work: @escaping @Sendable () -> Void) {
    Machine.after(milliseconds: 0) { [self] in if !isDead { work() } }
  }
  func stop() {}
}
