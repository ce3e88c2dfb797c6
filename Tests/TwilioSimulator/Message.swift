import Foundation

enum Status: String {
  case accepted, scheduled, queued, sent, delivered, undelivered, failed, canceled, received

  var isFinal: Bool {
    switch self {
    case .delivered, .undelivered, .failed, .canceled, .received: true
    case .accepted, .scheduled, .queued, .sent: false
    }
  }
}

/// Who and what; shared by the message and its ledger entries.
final class Parties {
  let account: String
  let sid: String?
  var from: String?
  let to: String?
  var body: String?

  init(account: String, sid: String?, from: String?, to: String?, body: String?) {
    self.account = account
    self.sid = sid
    self.from = from
    self.to = to
    self.body = body
  }
}

/// One resource of the Messages list. Everything is touched on the one event loop only.
final class Message {
  let parties: Parties
  let sid: String
  let service: String?
  let direction: String
  let segments: Int
  let media: Int
  let createdMs: Int
  let callbackURL: String?
  let validitySeconds: Int
  var status: Status
  var updatedMs: Int
  var sentMs: Int?
  var errorCode: Int?
  /// Where this message stands among its account's messages, for paging.
  var index = 0
  var deleted = false
  var draws: Draws
  /// A fault asked for this code in a later callback.
  var fatedCode: Int?
  var microsPerSegment: Int?
  /// When the price gets known; nil for what never reached a carrier.
  var pricedMs: Int?
  /// Missing in the list for good.
  var unlisted = false
  var redacted = false
  /// Callbacks sent so far, for a replay.
  var history: [Callback] = []
  /// Callbacks that wait for the one before them, unless shuffling is on.
  var line: [Callback] = []

  init(
    parties: Parties, sid: String, service: String?, direction: String, segments: Int, media: Int, nowMs: Int,
    callbackURL: String?, validitySeconds: Int, status: Status, draws: Draws
  ) {
    self.parties = parties
    self.sid = sid
    self.service = service
    self.direction = direction
    self.segments = segments
    self.media = media
    createdMs = nowMs
    updatedMs = nowMs
    self.callbackURL = callbackURL
    self.validitySeconds = validitySeconds
    self.status = status
    self.draws = draws
    if direction == "inbound" { sentMs = nowMs }
  }

  /// The service has not chosen the sender yet.
  var isUndecided: Bool { status == .accepted || status == .scheduled }

  /// Settled a while after the end, with five decimals; it never travels in a callback.
  private func price(_ nowMs: Int) -> String? {
    guard let pricedMs, let microsPerSegment, nowMs >= pricedMs else { return nil }
    let units = microsPerSegment * segments / 10
    let digits = String(units % 100_000)
    return "-\(units / 100_000)." + String(repeating: "0", count: 5 - digits.count) + digits
  }

  func json(_ nowMs: Int) -> JSON {
    let uri = "/2010-04-01/Accounts/\(parties.account)/Messages/\(sid)"
    return .object([
      ("account_sid", .string(parties.account)),
      ("api_version", .string("2010-04-01")),
      ("body", .text(redacted ? "" : parties.body)),
      ("date_created", .string(Stamp.rfc2822(createdMs))),
      ("date_sent", .text(sentMs.map(Stamp.rfc2822))),
      ("date_updated", .string(Stamp.rfc2822(updatedMs))),
      ("direction", .string(direction)),
      ("error_code", .number(errorCode)),
      ("error_message", .text(errorCode.flatMap { TwilioError.messages[$0] })),
      ("from", isUndecided ? .null : .text(parties.from)),
      ("messaging_service_sid", .text(service)),
      ("num_media", .string(String(media))),
      ("num_segments", .string(isUndecided ? "0" : String(segments))),
      ("price", .text(price(nowMs))),
      ("price_unit", isUndecided ? .null : .string("USD")),
      ("sid", .string(sid)),
      ("status", .string(status.rawValue)),
      ("subresource_uris", .object([("media", .string(uri + "/Media.json"))])),
      ("to", .text(parties.to)),
      ("uri", .string(uri + ".json")),
    ])
  }
}
