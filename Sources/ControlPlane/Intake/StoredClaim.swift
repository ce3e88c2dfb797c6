import Foundation
import GRDB
import TenantRuntime

/// A send claim as the intake keeps it: its texts as JSON lists of numbers, some 70 bytes each.
extension SendClaim {
  func insert(_ db: Database) throws -> Int64 {
    try db.cachedStatement(
      sql: """
        INSERT INTO send_claims (tenant, epoch, claim_no, at, day, highest_campaign, first_job, last_job, texts)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      tenant, epoch, number, at, day, highestCampaignID, texts.map(\.job).min() ?? 0, texts.map(\.job).max() ?? 0,
      JSON.list(texts.map(\.stored)).serialized,
    ])
    return db.lastInsertedRowID
  }

  init(_ row: Row) throws {
    self.init(
      tenant: row["tenant"], epoch: row["epoch"], number: row["claim_no"], at: row["at"], day: row["day"],
      highestCampaignID: row["highest_campaign"],
      texts: (try JSON(parsing: row["texts"] as String).list ?? []).compactMap(Text.init(stored:)))
  }
}

extension SendClaim.Text {
  private static let kinds: [SendJob.Kind] = [.campaign, .reply, .test, .auto]

  fileprivate var stored: JSON {
    let kind = Int64(Self.kinds.firstIndex(of: kind) ?? 0)
    let values: [Int64] = [
      job, attempt, kind, campaign ?? 0, phone.digits, tries, variant ?? 0, number.digits, segments, cost,
    ]
    return .list(values.map { .int($0) })
  }

  init?(stored: JSON) {
    let values = (stored.list ?? []).compactMap(\.int)
    guard values.count == 10, let kind = Int(exactly: values[2]), Self.kinds.indices.contains(kind),
      let phone = PhoneNumber(digits: values[4]), let number = PhoneNumber(digits: values[7])
    else { return nil }
    self.init(
      job: values[0], attempt: values[1], kind: Self.kinds[kind], campaign: values[3] == 0 ? nil : values[3],
      phone: phone, tries: values[5], variant: values[6] == 0 ? nil : values[6], number: number, segments: values[8],
      cost: values[9])
  }
}

extension CampaignNote {
  /// What is not said stays as it was noted. The last one written counts: clocks step back.
  func insert(_ db: Database, tenant: String) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO campaign_notes (tenant, campaign, record, state, at, budget, launch) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET record = ifnull(excluded.record, record), at = max(at, excluded.at),
        state = ifnull(excluded.state, state), budget = ifnull(excluded.budget, budget), launch = ifnull(excluded.launch, launch)
        """
    ).execute(arguments: [tenant, id, record, state?.rawValue, at, budget, launch])
  }
}
