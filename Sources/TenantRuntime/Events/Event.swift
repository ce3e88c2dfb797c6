package import GRDB

/// A row of the tenant's own history, written in the transaction of what it tells.
package enum Event {
  package enum Kind: String, Sendable {
    case sent, delivered, undelivered, failed, skipped, deferred, unknown, cancelled, clicked, replied, merged
    case optedOut = "opted_out"
    case optedIn = "opted_in"
    case orphanReport = "orphan_report"
    case differingReport = "differing_report"
    case campaignPaused = "campaign_paused"
    case numberPaused = "number_paused"
    case budgetAlert = "budget_alert"
    case optOutReview = "opt_out_review"
  }

  package static func append(
    _ db: Database, _ kind: Kind, at: Moment, phone: PhoneNumber?, campaign: Int64? = nil, job: Int64? = nil,
    data: JSON? = nil
  ) throws {
    try db.cachedStatement(
      sql: "INSERT INTO events (at, type, phone, campaign_id, send_job_id, data) VALUES (?, ?, ?, ?, ?, ?)"
    ).execute(arguments: [at, kind.rawValue, phone, campaign, job, data?.serialized ?? "{}"])
  }
}
