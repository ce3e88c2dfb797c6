package import GRDB

/// A row of the tenant's own history, written in the transaction of what it records. A trigger puts it into the outbox of every webhook
/// endpoint that wants it, in the same transaction (OutgoingWebhooks/Outbox.swift).
package enum Event {
  package enum Kind: String, CaseIterable, Sendable {
    case sent, delivered, undelivered, failed, skipped, deferred, unknown, cancelled, clicked, replied, merged
    /// A click that a later judgement takes for none.
    case clickWithdrawn = "click_withdrawn"
    case optedOut = "opted_out"
    case optedIn = "opted_in"
    case orphanReport = "orphan_report"
    case differingReport = "differing_report"
    case campaignPaused = "campaign_paused"
    case numberPaused = "number_paused"
    case budgetAlert = "budget_alert"
    case optOutReview = "opt_out_review"
    case webhookEndpointDisabled = "webhook_endpoint_disabled"
  }

  package static func append(
    _ db: Database, _ kind: Kind, at: Moment, phone: PhoneNumber?, campaign: Int64? = nil, job: Int64? = nil,
    data: JSON? = nil
  ) throws {
    // Through GRDB, which informs `OutboxWatch` what the trigger has put into the outbox.
    try db.cachedStatement(
      sql: "INSERT INTO events (at, type, phone, campaign_id, send_job_id, data) VALUES (?, ?, ?, ?, ?, ?)"
    ).execute(arguments: [at, kind.rawValue, phone, campaign, job, data?.serialized ?? "{}"])
  }

  /// For events by the thousand: past GRDB and in batches, while no endpoint waits for events.
  static func append(
    _ db: Database, _ effects: inout Effects, _ kind: Kind, at: Moment, phone: PhoneNumber?, campaign: Int64? = nil,
    job: Int64? = nil, data: JSON? = nil
  ) throws {
    if try effects.hasEndpoints(db) {
      return try append(db, kind, at: at, phone: phone, campaign: campaign, job: job, data: data)
    }
    let line = EventBatch.Line(
      kind: kind, at: at, phone: phone, campaign: campaign, job: job, data: data?.serialized ?? "{}")
    try effects.events.add(db, line)
    // Without a tally nobody says when the transaction ends.
    if effects.tally == nil { try effects.events.write(db) }
  }

  /// An event as everybody is shown it: `GET events` and webhooks alike.
  static func json(_ row: Row) -> JSON {
    [
      "id": row.int("id"), "at": row.moment("at"), "type": row.text("type"), "phone": row.phone("phone"),
      "campaign_id": row.int("campaign_id"), "send_job_id": row.int("send_job_id"), "data": row.document("data"),
    ]
  }
}
