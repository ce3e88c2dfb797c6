import Foundation

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

/// Everything the flags say; `PUT faults`, `PUT people` and `PUT signing` change the running copy.
struct Settings: Sendable {
  /// Every token authenticates; the first one signs.
  var accounts: [String: [String]] = [:]
  /// Who signs an account's webhooks instead of its first token.
  var signing: [String: Signer] = [:]
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
  /// Where an inbound text goes when that one fails; by account, too.
  var fallbackURLs: [String: String] = [:]
  /// Where links and webhooks are really reached, when their hosts are not names on this machine.
  var tapVia: Address?
  var webhooksVia: Address?
  /// The numbers of a Messaging Service.
  var pools: [String: [String]] = [:]
  /// Services with Advanced Opt-Out, and their words for STOP beside the usual ones, in lower case.
  var advancedOptOut: [String: Set<String>] = [:]
  var people = People()
  /// Segments per second of every number, unless `rates` has one for it; nil: no queue at all.
  var mps: Double?
  var rates: [String: Double] = [:]
  /// How much of its own rate a number's queue holds.
  var queueSeconds = 36_000
  var listLagMs = 0
  /// Share of messages that the list API never shows.
  var listGap = 0.0
  var priceDelayMs = 500
  /// Micros per segment by the beginning of the destination; the longest one that fits counts.
  var prices: [String: Int] = [:]
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
      case "queue_seconds": next.queueSeconds = Int(value)
      case "list_gap": next.listGap = value
      case "price_delay_ms": next.priceDelayMs = Int(value)
      case "duplicate": next.duplicate = value
      case "drop": next.drop = value
      case "shuffle": next.shuffle = value != 0
      case _ where key.hasPrefix("rate:"): next.rates[String(key.dropFirst(5))] = value > 0 ? value : nil
      default:
        try Fault.check(key, value)
        next.faults[key] = value
      }
    }
    return next
  }

  func price(to number: String) -> Int {
    prices.filter { number.hasPrefix($0.key) }.max { $0.key.utf8.count < $1.key.utf8.count }?.value ?? 8300
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
