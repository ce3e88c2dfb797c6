import Foundation

/// The provider's own list of messages (`GET /2010-04-01/Accounts/{sid}/Messages.json`), newest first. It lags: what is found was
/// created, what is missing may yet appear.
enum TwilioMessageList {
  struct Entry: Sendable, Equatable {
    var sid: String
    var to: PhoneNumber?
    var from: PhoneNumber?
    var service: String?
    var body: String
    var status: String
    var errorCode: Int
    /// To the second, as the provider writes it.
    var createdAt: Moment?
    /// Positive micros; nil until the provider has settled it.
    var priceMicros: Int64?
  }

  struct Page: Sendable {
    var entries: [Entry]
    /// Relative, with filters and token, to be followed as it is.
    var next: String?
  }

  static func call(path: String, lease: Lease, account: Lease.TwilioAccount) -> HTTPCall {
    var call = HTTPCall(url: lease.twilioAPI + path, turnKey: lease.tenant)
    call.method = "GET"
    call.lane = "list"
    call.account = account.accountSID
    call.credentials = "\(account.accountSID):\(account.token)"
    call.headers = ["Accept: application/json"]
    return call
  }

  static func path(_ account: Lease.TwilioAccount, _ filters: [(name: String, value: String)]) -> String {
    "/2010-04-01/Accounts/\(account.accountSID)/Messages.json?"
      + FormBody.encoded(filters)
  }

  /// nil when the answer is not a page of messages.
  static func read(_ outcome: HTTPOutcome) -> Page? {
    guard case .answered(200, let body) = outcome, let document = try? JSON(parsing: body),
      let messages = document["messages"]?.list
    else { return nil }
    let next = document["next_page_uri"]?.text.flatMap { $0.hasPrefix("/2010-04-01/") ? $0 : nil }
    return Page(entries: messages.compactMap(entry), next: next)
  }

  private static func entry(_ json: JSON) -> Entry? {
    guard let sid = json["sid"]?.text else { return nil }
    return Entry(
      sid: sid, to: json["to"]?.text.flatMap { PhoneNumber(person: $0) },
      from: json["from"]?.text.flatMap { PhoneNumber(e164: $0) }, service: json["messaging_service_sid"]?.text,
      body: json["body"]?.text ?? "", status: json["status"]?.text ?? "",
      errorCode: Int(clamping: json["error_code"]?.int ?? 0),
      createdAt: json["date_created"]?.text.flatMap(moment), priceMicros: json["price"]?.text.flatMap(micros))
  }

  /// `Thu, 24 Aug 2023 05:01:45 +0000` (RFC 2822).
  static func moment(_ text: String) -> Moment? {
    let strategy = Date.ParseStrategy(
      format:
        "\(weekday: .abbreviated), \(day: .twoDigits) \(month: .abbreviated) \(year: .defaultDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits) \(timeZone: .iso8601(.short))",
      locale: Locale(identifier: "en_US_POSIX"), timeZone: .gmt)
    return text.utf8.count <= 60 ? (try? Date(text, strategy: strategy)).flatMap { Moment($0) } : nil
  }

  /// `-0.00830` of a currency with a million micros.
  /// Nil of what is no amount, or none that one text can cost.
  static func micros(_ price: String) -> Int64? {
    guard price.utf8.count <= 40, let decimal = Decimal(string: price, locale: Locale(identifier: "en_US_POSIX")) else {
      return nil
    }
    let micros = abs(NSDecimalNumber(decimal: decimal).doubleValue * 1_000_000).rounded()
    return micros <= mostMicros ? Int64(exactly: micros) : nil
  }

  private static let mostMicros = 1e15
}
