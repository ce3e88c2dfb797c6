/// An error body as Twilio writes it.
struct TwilioError: Error {
  let status: Int
  let code: Int
  let message: String

  init(_ status: Int, _ code: Int, _ message: String) {
    self.status = status
    self.code = code
    self.message = message
  }

  /// A refusal of Create by its code alone.
  init(code: Int) { self.init(code == 20429 || code == 21611 ? 429 : 400, code, Self.messages[code] ?? "Refused") }

  static func notFound(_ path: String) -> TwilioError {
    TwilioError(404, 20404, "The requested resource \(path) was not found")
  }

  var json: JSON {
    var members: [(String, JSON)] = [
      ("code", .int(code)), ("message", .string(message)),
      ("more_info", .string("https://www.twilio.com/docs/errors/\(code)")), ("status", .int(status)),
    ]
    if status == 401 { members.insert(("detail", .string("")), at: 1) }
    return .object(members)
  }

  static let messages: [Int: String] = [
    20003: "Authenticate",
    20005: "Account not active",
    20429: "Too Many Requests",
    21211: "Invalid 'To' Phone Number",
    21212: "Invalid From Number",
    21266: "'To' and 'From' number cannot be the same",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    21602: "Message body is required",
    21603: "A 'From' phone number is required",
    21604: "A 'To' phone number is required",
    21606: "The 'From' phone number provided is not a valid message-capable Twilio phone number for this destination",
    21609: "The StatusCallback URL is not a valid URL",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21612: "Message cannot be sent with the current combination of 'To' and/or 'From' parameters",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21623: "Number of media files exceeds allowed limit",
    21624: "Invalid ValidityPeriod",
    30001: "Queue overflow",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30036: "Validity Period Expired",
    35111: "Missing SendAt",
    35114: "SendAt time must be between 300 seconds and 35 days from now",
    35118: "MessagingServiceSid is required to schedule a message",
  ]
}
