import CCurl
import Dispatch
import Foundation
import Synchronization

/// An outgoing request.
package struct HTTPCall: Sendable {
  package var method = "POST"
  package var url: String
  package var headers: [String] = []
  package var body: [UInt8] = []
  /// What of the body depends on when it is sent: asked for on the outgoing thread when the transfer begins, and put behind the rest.
  package var bodyEnd: @Sendable () -> [UInt8] = { [] }
  /// `user:password` for HTTP Basic.
  package var credentials: String?
  package var connectTimeout: Duration = .seconds(5)
  package var timeout: Duration = .seconds(20)
  /// Calls wait their turn per key, keys take turns: one tenant's queue does not delay another's.
  package var turnKey: String
  /// Calls of one lane keep their order and, with a rate, their pace.
  package var lane: String
  /// What the call takes of its lane's pace, and the pace, in units a second; nil: as fast as connections allow.
  package var units = 1
  package var rate: Double?
  /// The provider's account, whose calls in flight are bounded together.
  package var account: String?
  /// In bytes. Larger answers end the call as `.lost`; those of guarded calls are cut there. Nil: 4 MB, guarded 64 kB.
  package var answerLimit: Int?
  /// Set by `GuardedHTTP`: the only addresses that may be connected to.
  var guarding: Guarding?
  /// Goes ahead of its lane: an answer to a person does not wait behind a campaign.
  package var isUrgent = false
  /// Asked on the outgoing thread right before the transfer begins; false ends the call as `.notBegun`. Must not block.
  package var admit: @Sendable () -> Bool = { true }
  /// The same question without consequence, for calls that wait when `recheck` is called, and for those whose connection has come
  /// to stand since: asked right before the first byte, false ends the call as `.heldBack`.
  package var isWanted: @Sendable () -> Bool = { true }

  package init(url: String, turnKey: String) {
    self.url = url
    self.turnKey = turnKey
    lane = turnKey
  }
}

/// What a guarded call is bound to.
struct Guarding: Sendable {
  /// `+host:port:address,…` for a name; nil where the URL has the address itself.
  var resolve: String?
  var addresses: [IPAddress]
  /// Called on the client's thread, before the completion, about an answer: its header lines, and whether its body was cut.
  var onAnswer: @Sendable (_ headers: String, _ isCut: Bool) -> Void
}

/// How a call ended, as far as we can know.
package enum HTTPOutcome: Sendable, Equatable {
  case answered(status: Int, body: [UInt8])
  /// Nothing left this machine: not admitted, cancelled while waiting, or the client is closing.
  case notBegun
  /// Admitted, but not wanted any more once its connection stood: nothing of the request left this machine.
  case heldBack
  /// No byte of the request reached the peer (no connection): safe to try again.
  case notSent(String)
  /// The request, or part of it, went out and no whole answer came back. The peer may have acted on it.
  case lost(String)
}

/// libcurl's multi interface on one thread of its own.
///
/// Invariants:
/// - never more transfers than connections, so nothing queues inside libcurl: `admit`, and `isWanted` once a connection stands, are
///   the last words before the wire;
/// - what `afterPendingSends` is given runs when every call that had its last word before is on the wire;
/// - a lane with a rate never begins more than that in any second, and an account never has more in flight than `AccountPace` says;
/// - a POST is never sent twice by the library (see `rh_prepare`);
/// - every submitted call completes exactly once, on the client's thread; completions must not block.
package final class CurlClient: OutboundHTTP {
  package typealias Completion = @Sendable (HTTPOutcome) -> Void

  private struct State: Sendable {
    var queue: CallQueue
    var inFlight = 0
    var stopping = false
    /// Whose waiting calls are to be asked again whether they are wanted.
    var recheck: Set<String> = []
    var afterPendingSends: [@Sendable () -> Void] = []
    var hasEnded = false
  }

  private let state: Mutex<State>
  package let accounts = AccountPace()
  private let multi: MultiHandle
  private let connections: Int

  /// - Parameter ofOneTenant: of those connections, so that slow peers of one leave some to others.
  package init(connections: Int = 256, ofOneTenant: Int = .max) {
    state = Mutex(State(queue: CallQueue(mostOfOne: ofOneTenant)))
    curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    self.connections = connections
    multi = MultiHandle(connections: connections)
    let thread = Thread { [self] in run() }
    thread.name = "outbound-http"
    thread.stackSize = 1 << 20
    thread.start()
  }

  package func submit(_ call: HTTPCall, completion: @escaping Completion) {
    let accepted = state.withLock { state in
      guard !state.stopping else { return false }
      state.queue.add(CallQueue.Waiting(call: call, completion: completion))
      return true
    }
    if accepted { multi.wakeUp() } else { completion(.notBegun) }
  }

  /// Ends waiting calls as `.notBegun` and lets transfers in flight finish (each is bounded by its own time-out).
  package func stop() {
    state.withLock { $0.stopping = true }
    multi.wakeUp()
  }

  /// Something was stopped: calls that wait for their pace and are not wanted any more end now, as `.notBegun`.
  package func recheck(_ turnKey: String) {
    state.withLock { _ = $0.recheck.insert(turnKey) }
    multi.wakeUp()
  }

  /// Runs `work` once no call is between its last word and the wire, on the client's thread (at once when the client has ended). Anyone who
  /// has closed a gate before knows then that no request begins behind it. Must not block.
  package func afterPendingSends(_ work: @escaping @Sendable () -> Void) {
    let waits = state.withLock { state in
      if !state.hasEnded { state.afterPendingSends.append(work) }
      return !state.hasEnded
    }
    if waits { multi.wakeUp() } else { work() }
  }

  package var callsInFlight: Int { state.withLock { $0.inFlight } }

  private func run() {
    var transfers = Transfers(multi: multi)
    while true {
      let now = DispatchTime.now().uptimeNanoseconds
      let room = connections - transfers.count
      let passed = state.withLock { state in
        defer { state.afterPendingSends = [] }
        return state.afterPendingSends
      }
      for work in passed { work() }
      let (begin, drop, next) = state.withLock { state -> ([CallQueue.Waiting], [CallQueue.Waiting], UInt64?) in
        if state.stopping { return ([], state.queue.removeAll(), nil) }
        let unwanted = state.recheck.flatMap { state.queue.removeUnwanted(of: $0) }
        state.recheck = []
        let (calls, next) = state.queue.take(room: room, now: now, accounts: accounts)
        return (calls, unwanted, next)
      }
      for waiting in drop { waiting.completion(.notBegun) }
      for waiting in begin {
        let (accounts, account) = (accounts, waiting.call.account)
        let completion: Completion = { [self] outcome in
          if let account { accounts.end(account) }
          state.withLock { $0.queue.ended(waiting.call) }
          waiting.completion(outcome)
        }
        if waiting.call.admit() {
          transfers.begin(waiting.call, completion: completion)
        } else {
          completion(.notBegun)
        }
      }
      let ended = transfers.perform()
      let running = transfers.count
      let finished = state.withLock { state in
        state.inFlight = running
        return state.stopping && running == 0 && state.queue.isEmpty
      }
      if finished { break }
      // Where a call has ended or was refused there is room for the next at once.
      if ended == 0, begin.isEmpty || running == connections { multi.wait(milliseconds: Self.wait(until: next)) }
    }
    let left = state.withLock { state in
      state.hasEnded = true
      return state.afterPendingSends
    }
    for work in left { work() }
    multi.close()
  }

  /// Until a pace lets the next call go; anything else wakes the thread.
  private static func wait(until next: UInt64?) -> Int32 {
    guard let next else { return 1000 }
    let now = DispatchTime.now().uptimeNanoseconds
    return next <= now ? 0 : Int32(min((next - now) / 1_000_000 + 1, 1000))
  }
}

/// The multi handle: used by the client's thread, except `wakeUp`, which libcurl allows from any thread.
private final class MultiHandle: @unchecked Sendable {
  let pointer: OpaquePointer

  init(connections: Int) {
    guard let made = curl_multi_init() else { preconditionFailure("libcurl could not allocate its multi handle") }
    pointer = OpaquePointer(made)
    rh_multi_limits(UnsafeMutableRawPointer(pointer), connections)
  }

  var raw: UnsafeMutableRawPointer { UnsafeMutableRawPointer(pointer) }
  func wakeUp() { curl_multi_wakeup(raw) }
  func wait(milliseconds: Int32) { curl_multi_poll(raw, nil, 0, milliseconds, nil) }
  // The handle itself is leaked on purpose: `wakeUp` may race with the end of the thread.
  func close() {}
}

/// Transfers in flight and the easy handles they reuse. Lives on the client's thread.
private struct Transfers {
  let multi: MultiHandle
  var count = 0
  private var idle: [UnsafeMutableRawPointer] = []

  init(multi: MultiHandle) { self.multi = multi }

  mutating func begin(_ call: HTTPCall, completion: @escaping CurlClient.Completion) {
    guard let easy = idle.popLast() ?? curl_easy_init() else { return completion(.notSent("out of memory")) }
    let transfer = Transfer(call: call, completion: completion)
    transfer.prepare(easy)
    rh_set_private(easy, Unmanaged.passRetained(transfer).toOpaque())
    curl_multi_add_handle(multi.raw, easy)
    count += 1
  }

  /// How many have ended.
  mutating func perform() -> Int {
    let before = count
    var running: Int32 = 0
    curl_multi_perform(multi.raw, &running)
    var result = CURLE_OK
    while let easy = rh_next_done(multi.raw, &result) {
      guard let pointer = rh_private(easy) else { continue }
      let transfer = Unmanaged<Transfer>.fromOpaque(pointer).takeRetainedValue()
      let outcome = transfer.outcome(easy, result)
      curl_multi_remove_handle(multi.raw, easy)
      idle.append(easy)
      count -= 1
      transfer.completion(outcome)
    }
    return before - count
  }
}

private final class Transfer {
  let call: HTTPCall
  let completion: CurlClient.Completion
  private let memory = UnsafeMutablePointer<rh_transfer>.allocate(capacity: 1)
  private let body: UnsafeMutableBufferPointer<CChar>
  private var headers: UnsafeMutablePointer<curl_slist>?
  private var resolve: UnsafeMutablePointer<curl_slist>?
  private let addresses: UnsafeMutableBufferPointer<UInt8>

  init(call: HTTPCall, completion: @escaping CurlClient.Completion) {
    self.call = call
    self.completion = completion
    let whole = call.body + call.bodyEnd()
    body = .allocate(capacity: max(whole.count, 1))
    for (index, byte) in whole.enumerated() { body[index] = CChar(bitPattern: byte) }
    memory.initialize(to: rh_transfer())
    memory.pointee.body = UnsafePointer(body.baseAddress)
    memory.pointee.body_size = whole.count
    memory.pointee.answer_limit = call.answerLimit ?? (call.guarding == nil ? 4 << 20 : GuardedHTTP.mostAnswer)
    addresses = .allocate(capacity: max((call.guarding?.addresses.count ?? 0) * 16, 1))
    for (index, byte) in (call.guarding?.addresses ?? []).flatMap(\.bytes).enumerated() { addresses[index] = byte }
    memory.pointee.addresses = UnsafePointer(addresses.baseAddress)
    memory.pointee.address_count = call.guarding?.addresses.count ?? 0
    memory.pointee.owner = Unmanaged.passUnretained(self).toOpaque()
    memory.pointee.is_wanted = { owner in
      guard let owner else { return 0 }
      return Unmanaged<Transfer>.fromOpaque(owner).takeUnretainedValue().call.isWanted() ? 1 : 0
    }
  }

  deinit {
    rh_transfer_reset(memory)
    memory.deallocate()
    body.deallocate()
    addresses.deallocate()
    curl_slist_free_all(headers)
    curl_slist_free_all(resolve)
  }

  func prepare(_ easy: UnsafeMutableRawPointer) {
    headers = curl_slist_append(headers, "Expect:")
    for header in call.headers { headers = curl_slist_append(headers, header) }
    rh_prepare(
      easy, memory, call.method, call.url, headers, call.credentials,
      call.connectTimeout.wholeMilliseconds, call.timeout.wholeMilliseconds)
    guard let guarding = call.guarding else { return }
    if let text = guarding.resolve { resolve = curl_slist_append(resolve, text) }
    rh_guard(easy, memory, resolve)
  }

  func outcome(_ easy: UnsafeMutableRawPointer, _ result: CURLcode) -> HTTPOutcome {
    let answer = memory.pointee
    if result == CURLE_OK || answer.is_cut != 0 {
      if let guarding = call.guarding {
        let headers = UnsafeRawBufferPointer(start: answer.headers, count: answer.headers_size)
        guarding.onAnswer(String(decoding: headers, as: UTF8.self), answer.is_cut != 0)
      }
      let bytes = answer.answer.map { Array(UnsafeRawBufferPointer(start: $0, count: answer.answer_size)) } ?? []
      return .answered(status: rh_status(easy), body: bytes)
    }
    if answer.is_held_back != 0 { return .heldBack }
    let reason = String(cString: curl_easy_strerror(result))
    return rh_bytes_sent(easy) == 0 && result != CURLE_SEND_FAIL_REWIND ? .notSent(reason) : .lost(reason)
  }
}

extension Duration {
  var wholeMilliseconds: Int {
    Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
  }
}
