import Foundation

/// How the people behave. Shares left over after delivered, undelivered and failed stay at `sent` (no receipt).
struct People: Sendable {
  var delivered = 1.0
  var undelivered: [(code: Int, share: Double)] = []
  var failed: [(code: Int, share: Double)] = []
  var stop = 0.0
  var reply = 0.0
  var tap = 0.0
  var botTap = 0.0
  var startAfterStop = 0.0

  static let demo = """
    {"delivered":0.9,"undelivered":{"30003":0.03,"30005":0.01,"30006":0.02},"failed":{"30007":0.01},\
    "stop":0.02,"reply":0.03,"tap":0.2,"bot_tap":0.1,"start_after_stop":0.1}
    """

  init() {}

  init(json: Data) throws {
    let object = try JSONSerialization.jsonObject(with: json) as? [String: Any]
    guard let object else { throw SettingsError("people: a JSON object is needed") }
    let known: Set = [
      "delivered", "undelivered", "failed", "stop", "reply", "tap", "bot_tap", "start_after_stop",
    ]
    if let odd = object.keys.first(where: { !known.contains($0) }) { throw SettingsError("people: unknown key \(odd)") }
    func share(_ key: String) -> Double { number(object[key]) ?? 0 }
    func codes(_ key: String) -> [(code: Int, share: Double)] {
      (object[key] as? [String: Any] ?? [:])
        .compactMap { key, value in
          guard let code = Int(key), let share = number(value) else { return nil }
          return (code, share)
        }
        .sorted { $0.code < $1.code }
    }
    undelivered = codes("undelivered")
    failed = codes("failed")
    let bad = (undelivered + failed).reduce(0) { $0 + $1.share }
    delivered = number(object["delivered"]) ?? max(0, 1 - bad)
    stop = share("stop")
    reply = share("reply")
    tap = share("tap")
    botTap = share("bot_tap")
    startAfterStop = share("start_after_stop")
  }
}

struct SettingsError: Error, CustomStringConvertible {
  let description: String
  init(_ text: String) { description = text }
}

func number(_ value: Any?) -> Double? {
  if let number = value as? NSNumber { return number.doubleValue }
  return value as? Double
}

/// What a Create can suffer. Kinds are tried in this order, each with one draw, and the first hit wins.
enum Fault {
  static let kinds = [
    // Nothing comes to be:
    "drop_reused", "drop_before", "429", "503_before",
    // A message comes to be, the caller does not hear of it:
    "drop_after", "500_after", "reset_mid_body", "slow",
    "bad_signature",
  ]

  static func check(_ kind: String, _ share: Double) throws {
    guard kinds.contains(kind) || Int(kind) != nil else { throw SettingsError("unknown fault \(kind)") }
    guard (0...1).contains(share) else { throw SettingsError("fault \(kind): \(share) is not a probability") }
  }
}

/// Everything the flags say; `PUT faults` and `PUT people` change the running copy.
struct Settings: Sendable {
  var accounts: [String: String] = [:]
  var latencyMs = 0
  var maxConcurrent: Int?
  var callbackDelay = 20...200
  var replyDelay = 200...2000
  var tapDelay = 6000...12000
  var shuffle = false
  var duplicate = 0.0
  var drop = 0.0
  /// How long a `slow` answer takes.
  var slowMs = 30_000
  /// By account; the empty key is for every other account.
  var inboundURLs: [String: String] = [:]
  /// Where links and webhooks are really reached, when their hosts are not names on this machine.
  var tapVia: Address?
  var webhooksVia: Address?
  /// The numbers of a Messaging Service.
  var pools: [String: [String]] = [:]
  var people = People()
  var mps: Double?
  var listLagMs = 0
  var faults: [String: Double] = [:]
  var seed: UInt64 = 0

  /// The body of `PUT faults`: kinds with probabilities, and the numeric settings under their flag's name.
  func replacingFaults(_ object: [String: Any]) throws -> Settings {
    var next = self
    next.faults = [:]
    for (key, value) in object {
      guard let value = number(value) else { throw SettingsError("\(key): a number is needed") }
      switch key {
      case "latency_ms": next.latencyMs = Int(value)
      case "max_concurrent": next.maxConcurrent = value > 0 ? Int(value) : nil
      case "list_lag_ms": next.listLagMs = Int(value)
      case "slow_ms": next.slowMs = Int(value)
      case "mps": next.mps = value > 0 ? value : nil
      case "duplicate": next.duplicate = value
      case "drop": next.drop = value
      case "shuffle": next.shuffle = value != 0
      default:
        try Fault.check(key, value)
        next.faults[key] = value
      }
    }
    return next
  }
}

func parseRange(_ text: String) throws -> ClosedRange<Int> {
  let ends = text.split(separator: "-").map { Int($0) }
  guard let low = ends.first ?? nil, let high = ends.last ?? nil, ends.count <= 2, 0 <= low, low <= high else {
    throw SettingsError("\(text): A-B milliseconds needed")
  }
  return low...high
}

struct Address: Hashable, Sendable {
  let host: String
  let port: Int
}

func parseAddress(_ text: String) throws -> Address {
  guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
    (0...65535).contains(port)
  else { throw SettingsError("\(text): HOST:PORT needed") }
  let host = text[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
  return Address(host: host.isEmpty ? "127.0.0.1" : host, port: port)
}
