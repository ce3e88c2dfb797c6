import Foundation
import GRDB
import TenantRuntime

/// What waits for one commit, as the rows it becomes: clicks of one tenant that came together are one row, which costs a fraction of as many.
struct IntakeGroup {
  enum Entry: Sendable {
    case event(tenant: String, IntakeEvent, stored: [UInt8])
    case hits(tenant: String, [LinkHit])
    case claim(SendClaim, [CampaignNote])
    case note(CampaignNote, tenant: String)
  }

  enum Row {
    case events(tenant: String, IntakeEvent, stored: [UInt8])
    case claim(SendClaim, [CampaignNote])
    case note(CampaignNote, tenant: String)
  }

  private(set) var rows: [Row] = []
  /// For each entry the index of its row.
  private(set) var rowIndices: [Int] = []
  private static let mostHits = 500

  init(_ entries: some Sequence<Entry>) {
    var hits: [(rowIndex: Int, tenant: String, hits: [LinkHit])] = []
    var open: [String: Int] = [:]
    for entry in entries {
      switch entry {
      case .claim(let claim, let notes): append(.claim(claim, notes))
      case .note(let note, let tenant): append(.note(note, tenant: tenant))
      case .event(let tenant, let event, let stored): append(.events(tenant: tenant, event, stored: stored))
      case .hits(let tenant, let more):
        if let index = open[tenant], hits[index].hits.count + more.count <= Self.mostHits {
          hits[index].hits += more
          rowIndices.append(hits[index].rowIndex)
        } else {
          open[tenant] = hits.count
          hits.append((rows.count, tenant, more))
          append(.events(tenant: tenant, .hits([]), stored: []))
        }
      }
    }
    for (rowIndex, tenant, hits) in hits {
      rows[rowIndex] = .events(tenant: tenant, .hits(hits), stored: IntakeEvent.stored(hits))
    }
  }

  private mutating func append(_ row: Row) {
    rowIndices.append(rows.count)
    rows.append(row)
  }

  /// In their order, with ids that rise; answers these.
  func insert(_ db: Database) throws -> [Int64] {
    var ids: [Int64] = []
    ids.reserveCapacity(rows.count)
    var rest = rows[...]
    while !rest.isEmpty {
      let many = rest.prefix(Self.together).prefix { if case .events = $0 { true } else { false } }
      if many.count == Self.together {
        ids += try Self.insert(db, Self.many, many)
        rest = rest.dropFirst(Self.together)
        continue
      }
      let next = rest.removeFirst()
      switch next {
      case .claim(let claim, let notes):
        for note in notes { try note.insert(db, tenant: claim.tenant) }
        ids.append(try claim.insert(db))
      case .note(let note, let tenant):
        try note.insert(db, tenant: tenant)
        ids.append(0)
      case .events: ids += try Self.insert(db, Self.one, [next])
      }
    }
    return ids
  }

  /// Rows of one statement: by itself each would spend more on the statement and the sequence than on the row.
  private static let together = 8
  private static let one = "INSERT INTO rows (tenant, events, event) VALUES (?, ?, ?)"
  private static let many = one + String(repeating: ", (?, ?, ?)", count: together - 1)

  private static func insert(_ db: Database, _ sql: String, _ rows: ArraySlice<Row>) throws -> ClosedRange<Int64> {
    let statement = try RawStatement(db, sql)
    var column: Int32 = 1
    for case .events(let tenant, let event, let stored) in rows {
      statement.bind(column, tenant)
      statement.bind(column + 1, Int64(event.count))
      statement.bind(column + 2, blob: stored)
      column += 3
    }
    try statement.run()
    // This is the file's only writer, and it deletes from the lower end: ids of one statement follow each other.
    let last = statement.lastInsertedID
    let ids = last - Int64(rows.count) + 1...last
    for (id, row) in zip(ids, rows) {
      guard case .events(let tenant, let event, _) = row, let revocation = event.revocation else { continue }
      try db.cachedStatement(sql: "INSERT INTO revocations (id, tenant, revocation, at) VALUES (?, ?, ?, ?)").execute(
        arguments: [
          id, tenant, String(decoding: try JSONEncoder().encode(revocation), as: UTF8.self), revocation.at,
        ])
    }
    return ids
  }
}
