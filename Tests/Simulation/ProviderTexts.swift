import Foundation

/// A text that the provider has taken: what somebody got, whatever the server believes.
final class ProviderText {
  let sid: String
  let account: String
  let to: String
  let from: String
  let body: String
  let callback: String
  let segments: Int
  let at: Int64
  var status = "queued"
  var errorCode = 0
  /// Millionths of a dollar, and from when on the list tells it.
  var price: Int64 = 0
  var pricedAt = Int64.max
  var listedAt: Int64 = 0
  /// Words the server has answered for with a 2xx.
  var reported: Set<String> = []

  init(sid: String, account: String, to: String, from: String, body: String, callback: String, at: Int64) {
    (self.sid, self.account, self.to, self.from) = (sid, account, to, from)
    (self.body, self.callback, self.at) = (body, callback, at)
    segments =
      body.unicodeScalars.allSatisfy(\.isASCII) ? max(1, (body.count + 159) / 160) : (body.utf16.count + 69) / 70
  }

  /// `[k12]` at its beginning: which campaign or answer of the simulator's it is.
  var marker: String { Self.marker(body) }
  static func marker(_ body: String) -> String {
    body.hasPrefix("[") ? String(body.dropFirst().prefix { $0 != "]" }) : ""
  }

  var hasFailed: Bool { status == "failed" || status == "undelivered" }

  var json: [String: Any] {
    let listed = Machine.now >= pricedAt ? String(format: "-%.5f", Double(price) / 1_000_000) : nil
    return [
      "sid": sid, "account_sid": account, "to": to, "from": from, "body": body, "status": status,
      "error_code": errorCode == 0 ? NSNull() as Any : errorCode, "num_segments": String(segments), "num_media": "0",
      "price": listed ?? NSNull() as Any, "price_unit": "USD", "direction": "outbound-api",
      "messaging_service_sid": NSNull(), "date_created": Self.date(at), "date_sent": Self.date(at),
      "date_updated": Self.date(at),
    ]
  }

  /// `2026-03-06T17:00:00Z`, without asking a clock: what is printed must not change what happens.
  static func iso(_ seconds: Int64) -> String {
    var (seconds, parts) = (time_t(seconds), tm())
    gmtime_r(&seconds, &parts)
    return String(
      format: "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
      parts.tm_min, parts.tm_sec)
  }

  /// RFC 2822.
  static func date(_ milliseconds: Int64) -> String {
    var (seconds, parts) = (time_t(milliseconds / 1000), tm())
    gmtime_r(&seconds, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return days[Int(parts.tm_wday)] + String(format: ", %02d ", parts.tm_mday) + months[Int(parts.tm_mon)]
      + String(
        format: " %04d %02d:%02d:%02d +0000", parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec)
  }
}

/// `a=1&b=2`, percent-encoded.
enum Form {
  static func read(_ text: some StringProtocol) -> [String: String] {
    Dictionary(
      text.split(separator: "&").map { pair in
        let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let value = sides.count > 1 ? String(sides[1]) : ""
        return (decode(String(sides[0])), decode(value))
      }, uniquingKeysWith: { $1 })
  }

  private static func decode(_ text: String) -> String {
    let spaced = text.replacing("+", with: " ")
    return spaced.removingPercentEncoding ?? spaced
  }

  static func write(_ fields: [(String, String)]) -> String {
    fields.map { "\(encode($0.0))=\(encode($0.1))" }.joined(separator: "&")
  }

  private static let plain = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
  static func encode(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: plain) ?? "" }
}
