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
