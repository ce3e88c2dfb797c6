import Crypto
import GRDB

/// What an endpoint is sent: the body, and the headers that prove it is ours.
struct WebhookMessage: Sendable {
  static let testType = "test"

  /// The same each time the event is sent. The time is part of it, because a file put back from a backup gives out its numbers again.
  var id: String
  var type: String
  var eventID: Int64?
  var phone: PhoneNumber?
  var body: String

  init(event row: Row, tenant: String) {
    let (number, at): (Int64, Moment) = (row["id"], row["at"])
    self.init(
      id: "evt_\(number)_\(String(at.milliseconds, radix: 36))", type: row["type"], eventID: number,
      phone: row["phone"],
      at: at, tenant: tenant, data: Event.json(row))
  }

  init(
    id: String, type: String, eventID: Int64? = nil, phone: PhoneNumber? = nil, at: Moment, tenant: String, data: JSON
  ) {
    self.id = id
    self.type = type
    self.eventID = eventID
    self.phone = phone
    body =
      JSON.object([
        ("id", .text(id)), ("type", .text(type)), ("tenant", .text(tenant)), ("at", .moment(at)), ("data", data),
      ]).serialized
  }

  /// Sent because somebody wants to see whether it arrives.
  static func test(tenant: String, at: Moment, random: UInt64) -> WebhookMessage {
    WebhookMessage(
      id: "evt_test_\(WebhookEndpoint.hex(random))", type: testType, at: at, tenant: tenant, data: testData(at))
  }

  static func testData(_ at: Moment) -> JSON {
    [
      "id": nil, "at": .moment(at), "type": .text(testType), "phone": nil, "campaign_id": nil, "send_job_id": nil,
      "data": ["message": "This is a test."],
    ]
  }

  func headers(delivery: String, secrets: [String], at: Moment) -> [String] {
    [
      "Content-Type: application/json", "User-Agent: Roundhouse", "Roundhouse-Event: \(id)",
      "Roundhouse-Delivery: \(delivery)", "Roundhouse-Signature: \(signature(secrets, at: at))",
    ]
  }

  /// `t=UNIX,v1=HEX[,v1=HEX]`: HMAC-SHA256 over `UNIX.BODY` with each secret that is valid now. A receiver refuses an old time.
  private func signature(_ secrets: [String], at: Moment) -> String {
    let time = at.milliseconds / 1000
    let signed = Array("\(time).\(body)".utf8)
    let codes = secrets.map { secret in
      let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: Array(secret.utf8)))
      return "v1=" + code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    return (["t=\(time)"] + codes).joined(separator: ",")
  }
}
