import GRDB

/// The clients of a file that one transaction has met, and how many hits it has stored of each: `hit_clients` is asked and counted once
/// for all of them.
struct ClientDictionary: Sendable {
  private struct Entry {
    var client: HitClient
    var id: Int64
    var hits: Int64
  }

  private var entries: [ObjectIdentifier: Entry] = [:]

  /// The client's id in the file, made if it is new. The hit that is stored with it is counted when the transaction ends (`write`).
  mutating func id(_ db: Database, _ client: HitClient) throws -> Int64 {
    let id = try entries[client.id]?.id ?? Self.find(db, client) ?? Self.insert(db, client)
    entries[client.id, default: Entry(client: client, id: id, hits: 0)].hits += 1
    return id
  }

  private static func find(_ db: Database, _ client: HitClient) throws -> Int64? {
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: "SELECT id, user_agent, headers FROM hit_clients WHERE digest = ?"),
      arguments: [client.digest])
    while let row = try rows.next() {
      if try client == HitClient(userAgent: row[1], headers: headers(row[2])) { return row[0] }
    }
    return nil
  }

  private static func insert(_ db: Database, _ client: HitClient) throws -> Int64 {
    let headers = JSON.object(client.headers.sorted.map { ($0.name, .text($0.value)) })
    try db.cachedStatement(sql: "INSERT INTO hit_clients (digest, user_agent, headers, hits) VALUES (?, ?, ?, 0)")
      .execute(arguments: [client.digest, client.userAgent, headers.serialized])
    return db.lastInsertedRowID
  }

  mutating func write(_ db: Database) throws {
    for entry in entries.values {
      let statement = try db.cachedStatement(sql: "UPDATE hit_clients SET hits = hits + ? WHERE id = ?")
      try statement.execute(arguments: [entry.hits, entry.id])
    }
    entries = [:]
  }

  static func headers(_ stored: String) throws -> HitHeaders {
    HitHeaders((try JSON(parsing: stored).members ?? []).compactMap { name, value in value.text.map { (name, $0) } })
  }
}
