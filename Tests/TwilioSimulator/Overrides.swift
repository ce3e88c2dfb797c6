/// `#rc=3&rp=all&ct=500&rt=2000&tt=5000`: how often, after which failures and for how long a webhook is called.
/// What is not one of Twilio's values is as if it were not there.
struct ConnectionOverrides {
  var retries = 1
  var policies: Set<Substring> = ["ct"]
  var connectMs = 5000
  var readMs = 15_000
  /// All attempts together.
  var totalMs = 15_000

  init(_ url: String) {
    guard let hash = url.firstIndex(of: "#") else { return }
    for pair in url[url.index(after: hash)...].split(separator: "&") {
      let halves = pair.split(separator: "=", maxSplits: 1)
      guard halves.count == 2 else { continue }
      func set(_ setting: inout Int, _ range: ClosedRange<Int>) {
        if let value = Int(halves[1]), range.contains(value) { setting = value }
      }
      switch halves[0] {
      case "rc": set(&retries, 0...5)
      case "ct": set(&connectMs, 100...10_000)
      case "rt": set(&readMs, 100...15_000)
      case "tt": set(&totalMs, 100...15_000)
      case "rp":
        let named = Set(halves[1].split(separator: ",")).intersection(["ct", "rt", "4xx", "5xx", "all"])
        if !named.isEmpty { policies = named }
      default: break
      }
    }
  }

  func again(after result: CallResult) -> Bool {
    if result.isTaken { return false }
    if policies.contains("all") { return true }
    return switch result {
    case .notConnected: policies.contains("ct")
    case .lost: policies.contains("rt")
    case .answered(let status, _): policies.contains(status < 500 ? "4xx" : "5xx")
    }
  }
}
