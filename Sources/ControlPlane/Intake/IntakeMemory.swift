import Foundation
import GRDB
package import TenantRuntime

/// What the log remembers of a tenant after its rows are trimmed, so that a file put back from an older copy can be given what it has
/// forgotten: opt-outs, claims, stops.
extension Intake {
  /// Those behind a row, in their order.
  package func revocations(of tenant: String, after id: Int64) async throws -> [Revocation] {
    try await revocations(of: tenant, after: id) { _ in true }
  }

  /// The same without those whose rows still wait. Rows go as the disk allows, so those that are left may lie between others that are gone:
  /// each is asked about by its id.
  package func appliedRevocations(of tenant: String, after id: Int64) async throws -> [Revocation] {
    try await revocations(of: tenant, after: id) { id in !self.isWaiting(id, of: tenant) }
  }

  private func revocations(
    of tenant: String, after id: Int64, where isMeant: @escaping @Sendable (Int64) -> Bool
  ) async throws -> [Revocation] {
    try await file.read { db in
      try Row.fetchAll(
        db, sql: "SELECT id, revocation FROM revocations WHERE tenant = ? AND id > ? ORDER BY id",
        arguments: [tenant, id]
      ).filter { isMeant($0[0]) }.map { try Self.decode(Revocation.self, $0[1]) }
    }
  }

  package func claims(of tenant: String, after number: Int64) async throws -> [SendClaim] {
    try await file.read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM send_claims WHERE tenant = ? AND claim_no > ? ORDER BY id", arguments: [tenant, number]
      ).map(SendClaim.init)
    }
  }

  /// - Parameter all: also of campaigns that go on as they did when they were first launched.
  package func notes(of tenant: String, all: Bool = true) async throws -> [CampaignNote] {
    let stops = CampaignNote.stops.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    return try await file.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT * FROM campaign_notes WHERE tenant = ? AND (? OR state IN (\(stops)) OR budget IS NOT NULL OR launch > 1)
          """, arguments: [tenant, all]
      ).map { row in
        CampaignNote(
          id: row["campaign"], record: row["record"],
          state: (row["state"] as String?).flatMap(Campaign.State.init(rawValue:)), launch: row["launch"],
          budget: row["budget"], at: row["at"])
      }
    }
  }

  /// To whom a text went, as its claim says: for what must be known while the tenant's file is away.
  package func phone(ofJob job: Int64, of tenant: String) async throws -> PhoneNumber? {
    try await file.read { db in
      let claim = try Row.fetchOne(
        db,
        sql: """
          SELECT c.* FROM send_claims c WHERE tenant = ?1 AND first_job <= ?2 AND last_job >= ?2
          AND EXISTS (SELECT 1 FROM json_each(c.texts) WHERE json_extract(value, '$[0]') = ?2) ORDER BY id DESC
          """, arguments: [tenant, job])
      return try claim.map(SendClaim.init)?.texts.first { $0.job == job }?.phone
    }
  }

  /// What people said and from where goes; that they opted out or in, when and how, stays for restored files.
  package func forgetWords(of numbers: [PersonNumber], tenant: String) async throws {
    try await file.write { db in
      for number in numbers {
        try db.execute(
          sql: """
            UPDATE revocations SET revocation = json_remove(json_set(revocation, '$.evidence', ''), '$.source', '$.address')
            WHERE tenant = ? AND json_extract(revocation, '$.phone') = ? AND at > ? AND at <= ?
            """, arguments: [tenant] + number.bounds)
      }
    }
  }

  /// What is older than any backup goes, a slice a transaction.
  package func sweep(before end: Moment) async throws {
    for table in ["revocations", "send_claims"] {
      var gone = Self.sweptTogether
      while gone == Self.sweptTogether, !Task.isCancelled {
        gone = try await file.write(.replayable) { db in
          try db.execute(
            sql: "DELETE FROM \(table) WHERE id IN (SELECT id FROM \(table) WHERE at < ? LIMIT \(Self.sweptTogether))",
            arguments: [end])
          return db.changesCount
        }
      }
    }
    try await file.write(.replayable) { db in
      try db.execute(sql: "DELETE FROM campaign_notes WHERE at < ?", arguments: [end])
    }
  }
  private static let sweptTogether = 1_000

  private static func decode<Value: Decodable>(_: Value.Type, _ text: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(text.utf8))
  }
}
