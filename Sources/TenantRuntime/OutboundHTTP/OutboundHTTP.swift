/// Outgoing calls, as the product makes them: `CurlClient`, or the simulator's model of what it reaches.
package protocol OutboundHTTP: Sendable {
  var accounts: AccountPace { get }
  var callsInFlight: Int { get }
  /// The completion is called exactly once and must not block.
  func submit(_ call: HTTPCall, completion: @escaping CurlClient.Completion)
  /// Something was stopped: calls of this key that wait and are not wanted any more end now, as `.notBegun`.
  func recheck(_ turnKey: String)
  /// Runs `work` once every call that has had its last word (`admit`, `isWanted`) is on the wire. Must not block.
  func afterPendingSends(_ work: @escaping @Sendable () -> Void)
  /// Ends waiting calls as `.notBegun` and lets those in flight finish.
  func stop()
}

extension OutboundHTTP {
  package func send(_ call: HTTPCall) async -> HTTPOutcome {
    await withCheckedContinuation { continuation in
      submit(call) { continuation.resume(returning: $0) }
    }
  }
}
