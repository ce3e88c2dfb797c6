import Foundation

/// Create Message, and what its answer means (`POST /2010-04-01/Accounts/{sid}/Messages.json`; 201 only is success).
enum TwilioMessage {
  enum Answer: Sendable, Equatable {
    case accepted(sid: String, segments: Int?)
    case refused(code: Int, status: Int)
    /// Not taken, and certainly not acted upon: may be offered again.
    case notTaken(String)
    case unknown(String)

    /// Too many requests of this account at once.
    var isOverload: Bool {
      if case .refused(let code, let status) = self {
        ProviderCode.meaning(code, status: status) == .tryLater
      } else {
        false
      }
    }
  }

  /// - Parameter clock: asked when the call is submitted, and again when it begins: in between it may wait for its pace.
  static func call(
    _ job: ClaimedJob, lease: Lease, account: Lease.TwilioAccount, clock: @escaping @Sendable () -> Moment
  ) -> HTTPCall {
    var call = HTTPCall(
      url: "\(lease.twilioAPI)/2010-04-01/Accounts/\(account.accountSID)/Messages.json", turnKey: lease.tenant)
    call.lane = job.number.description
    call.units = job.segments
    // Never more than the number's pace in any second, with a little to spare for a timer's jitter.
    call.rate = job.rate * 0.99
    call.account = account.accountSID
    call.isUrgent = job.kind != .campaign
    call.credentials = "\(account.accountSID):\(account.token)"
    call.headers = ["Content-Type: application/x-www-form-urlencoded", "Accept: application/json"]
    // Our own query comes back signed: a report counts only if tenant, job and attempt match. `#rc=3&rp=all` asks Twilio to
    // retry; a fragment is neither sent nor signed.
    let callback =
      "\(lease.publicURL)/webhooks/twilio/status?tenant=\(lease.tenant)&job=\(job.id)"
      + "&attempt=\(String(job.attempt, radix: 16))&issued=\(clock().milliseconds / 1000)#rc=3&rp=all"
    var form = [(name: "To", value: job.phone.description), ("Body", job.body), ("StatusCallback", callback)]
    form.append(job.messagingService.map { ("MessagingServiceSid", $0) } ?? ("From", job.number.description))
    call.body = FormBody.bytes(form)
    // Twilio drops what it could not send until the recipient's hours end (1 to 36,000 s).
    let until = job.until.milliseconds
    call.bodyEnd = {
      let seconds = until == .max ? .max : (until - clock().milliseconds) / 1000
      return seconds < 36_000 ? Array("&ValidityPeriod=\(max(1, seconds))".utf8) : []
    }
    return call
  }

  /// A longer text is none the provider takes.
  private static let plausibleSegments = 0...1_000

  static func read(_ outcome: HTTPOutcome) -> Answer {
    switch outcome {
    case .notBegun, .heldBack: return .notTaken("not_begun")
    case .notSent: return .notTaken("no_connection")
    case .lost(let reason): return .unknown(reason)
    case .answered(let status, let body):
      let document = try? JSON(parsing: body)
      if status == 201, let sid = document?["sid"]?.text {
        let segments = document?["num_segments"]?.text.flatMap { Int($0) }
        return .accepted(sid: sid, segments: segments.flatMap { plausibleSegments.contains($0) ? $0 : nil })
      }
      if (400..<500).contains(status) {
        return .refused(code: Int(clamping: document?["code"]?.int ?? Int64(status)), status: status)
      }
      return .unknown("http_\(status)")
    }
  }
}
