import Foundation
import GRDB
import TenantRuntime

/// What waits for one commit, as the rows it becomes: clicks of one tenant that came together are one row, which costs a fraction of as many.
struct IntakeGroup {
  enum Entry: Sendable {
    case event(tenant: String, OutsideEvent, stored: [UInt8])
    case hits(tenant: String, [LinkHit])
    case claim(SendClaim)
  }

  enum Row {
    case events(tenant: String, OutsideEvent, stored: [UInt8])
    case claim(SendClaim)
  }

  private(set) var rows: [Row] = []
  /// For each entry the place of its row.
  private(set) var places: [Int] = []
  private static let mostHits = 500

  init(_ entries: some Sequence<Entry>) {
    var hits: [(place: Int, tenant: String, hits: [LinkHit])] = []
    var open: [String: Int] = [:]
    for entry in entries {
      switch entry {
      case .claim(let claim): append(.claim(claim))
      case .event(let tenant, let event, let stored): append(.events(tenant: tenant, event, stored: stored))
      case .hits(let tenant, let more):
        if let index = open[tenant], hits[index].hits.count + more.count <= Self.mostHits {
          hits[index].hits += more
          places.append(hits[index].place)
        } else {
          open[tenant] = hits.count
          hits.append((rows.count, tenant, more))
          append(.events(tenant: tenant, .hits([]), stored: []))
        }
      }
    }
    for (place, tenant, hits) in hits {
      rows[place] = .events(tenant: tenant, .hits(hits), stored: OutsideEvent.stored(hits))
    }
  }

  private mutating func append(_ row: Row) {
    places.append(rows.count)
    rows.append(row)
  }

  /// In their order, with ids that rise; answers these.
  func insert(_ db: Database) throws -> [Int64] {
    let statement = try RawStatement(db, "INSERT INTO rows (tenant, events, event) VALUES (?, ?, ?)")
    return try rows.map { row in
      switch row {
      case .claim(let claim): try Self.insert(db, claim)
      case .events(let tenant, let event, let stored): try Self.insert(db, statement, tenant, event, stored)
      }
    }
  }

  private static func insert(
    _ db: Database, _ row: RawStatement, _ tenant: String, _ event: OutsideEvent, _ stored: [UInt8]
  ) throws -> Int64 {
    row.bind(1, tenant)
    row.bind(2, Int64(event.count))
    try stored.withUnsafeBytes { bytes in
      row.bindBlob(3, bytes)
      try row.run()
    }
    let id = row.lastInsertedID
    if let revocation = event.revocation {
      try db.cachedStatement(sql: "INSERT INTO revocations (id, tenant, revocation, at) VALUES (?, ?, ?, ?)").execute(
        arguments: [
          id, tenant, String(decoding: try JSONEncoder().encode(revocation), as: UTF8.self), revocation.at,
        ])
    }
    return id
  }

  private static func insert(_ db: Database, _ claim: SendClaim) throws -> Int64 {
    try db.cachedStatement(
      sql: "INSERT INTO send_claims (tenant, epoch, claim_no, jobs, highest_campaign) VALUES (?, ?, ?, ?, ?)"
    ).execute(arguments: [
      claim.tenant, claim.epoch, claim.claimNumber, claim.jobIDs.map(String.init).joined(separator: ","),
      claim.highestCampaignID,
    ])
    return db.lastInsertedRowID
  }
}
