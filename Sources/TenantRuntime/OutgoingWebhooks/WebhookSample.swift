/// What an endpoint is sent for each type of event, for those who write receivers.
enum WebhookSample {
  private static let at = Moment(milliseconds: 1_795_536_000_000)
  private static let phone: JSON = "+14155550123"

  static func of(_ kind: Event.Kind, tenant: String) -> JSON {
    let (hasPhone, hasCampaign, data) = parts(kind)
    let event: JSON = [
      "id": 17, "at": .moment(at), "type": .text(kind.rawValue), "phone": hasPhone ? phone : nil,
      "campaign_id": hasCampaign ? 3 : nil, "send_job_id": hasPhone && hasCampaign ? 201 : nil, "data": data,
    ]
    return entry(kind.rawValue, id: "evt_17_\(String(at.milliseconds, radix: 36))", tenant, event)
  }

  static func test(tenant: String) -> JSON {
    entry(WebhookMessage.testType, id: "evt_test_0123456789abcdef", tenant, WebhookMessage.testData(at))
  }

  private static func entry(_ type: String, id: String, _ tenant: String, _ event: JSON) -> JSON {
    let message = WebhookMessage(id: id, type: type, at: at, tenant: tenant, data: event)
    return ["type": .text(type), "sample": (try? JSON(parsing: message.body)) ?? .null]
  }

  /// About a person, about a campaign, and what it says of itself.
  private static func parts(_ kind: Event.Kind) -> (phone: Bool, campaign: Bool, data: JSON) {
    switch kind {
    case .sent, .delivered, .cancelled: (true, true, [:])
    case .optOutReview: (true, false, ["rule": "stop-texting", "due_at": "2026-12-09T00:00:00.000Z"])
    case .undelivered: (true, true, ["error_code": 30003])
    case .failed: (true, true, ["error_code": 21211])
    case .skipped: (true, true, ["reason": "opted_out"])
    case .deferred: (true, true, ["reason": "quiet_hours", "until": .moment(at.advanced(bySeconds: 36_000))])
    case .unknown: (true, true, ["detail": "timed out"])
    case .clicked: (true, true, ["link": 0, "hit": 31])
    case .clickWithdrawn: (true, true, ["link": 0, "hit": 31, "verdict": "scanner", "reasons": ["listed_network"]])
    case .replied: (true, true, ["message_id": 9])
    case .merged: (true, false, ["other": "+14155550124"])
    case .optedOut: (true, false, ["method": "keyword"])
    case .optedIn: (true, false, ["method": "keyword"])
    case .orphanReport: (true, false, ["sid": "SM0123", "status": "delivered"])
    case .differingReport: (true, true, ["status": "failed"])
    case .campaignPaused: (false, true, ["reason": "error_rate"])
    case .numberPaused: (false, false, ["number": "+14155550100", "reason": "error_30007"])
    case .budgetAlert:
      (
        false, false,
        ["period": "day", "threshold_percent": 80, "used_micros": 8_100_000, "limit_micros": 10_000_000]
      )
    case .webhookEndpointDisabled:
      (false, false, ["endpoint_id": 1, "reason": "100 deliveries in a row have failed"])
    }
  }
}
