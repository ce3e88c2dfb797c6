import Foundation

/// The form of a Create, checked as Twilio checks it.
struct CreateMessage {
  let to: String
  let from: String?
  let service: String?
  let body: String
  let media: Int
  let callback: String?
  let validitySeconds: Int
  let sendAtMs: Int?

  init(_ form: Form, nowMs: Int) throws {
    guard let to = form["To"], !to.isEmpty else { throw TwilioError(code: 21604) }
    self.to = to
    from = form["From"].flatMap { $0.isEmpty ? nil : $0 }
    service = form["MessagingServiceSid"].flatMap { $0.isEmpty ? nil : $0 }
    guard from != nil || service != nil else { throw TwilioError(code: 21603) }
    body = form["Body"] ?? ""
    media = form.count(of: "MediaUrl")
    callback = form["StatusCallback"].flatMap { $0.isEmpty ? nil : $0 }
    let validity = form["ValidityPeriod"].map { Int($0) ?? 0 } ?? 36000
    validitySeconds = validity

    if let refused = Self.magicTo[to] ?? from.flatMap({ Self.magicFrom[$0] }) { throw TwilioError(code: refused) }
    guard Self.isNumber(to) else { throw TwilioError(code: 21211) }
    if let from {
      guard Self.isNumber(from) || Self.isShortCode(from) else { throw TwilioError(code: 21212) }
      if from == to { throw TwilioError(code: 21266) }
    }
    if body.isEmpty && media == 0 && (form["ContentSid"] ?? "").isEmpty { throw TwilioError(code: 21602) }
    // Counted in UTF-16 units, as a person who pastes emoji learns.
    if body.utf16.count > 1600 { throw TwilioError(code: 21617) }
    if media > 10 { throw TwilioError(code: 21623) }
    guard (1...36000).contains(validity) else { throw TwilioError(code: 21624) }
    if let callback {
      let parts = URLComponents(string: callback)
      guard let host = parts?.host, ["http", "https"].contains(parts?.scheme), !host.contains("_") else {
        throw TwilioError(code: 21609)
      }
    }
    if form["ScheduleType"] == "fixed" {
      guard service != nil else { throw TwilioError(code: 35118) }
      guard let text = form["SendAt"], let at = Stamp.parse(text)?.ms else { throw TwilioError(code: 35111) }
      guard (nowMs + 300_000...nowMs + 35 * 86_400_000).contains(at) else { throw TwilioError(code: 35114) }
      sendAtMs = at
    } else {
      sendAtMs = nil
    }
  }

  private static let magicTo = [
    "+15005550001": 21211, "+15005550002": 21612, "+15005550003": 21408, "+15005550004": 21610, "+15005550009": 21614,
  ]
  private static let magicFrom = ["+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611]

  /// E.164.
  private static func isNumber(_ text: String) -> Bool {
    let digits = text.utf8.dropFirst()
    return text.utf8.first == UInt8(ascii: "+") && (8...15).contains(digits.count)
      && digits.allSatisfy { (48...57).contains($0) }
      && digits.first != 48
  }

  private static func isShortCode(_ text: String) -> Bool {
    (5...6).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
  }
}
