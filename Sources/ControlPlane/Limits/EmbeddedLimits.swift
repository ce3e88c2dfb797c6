import GRDB
package import Logging
import Synchronization
package import TenantRuntime

/// Shared limits of one machine: slots in memory (they mean calls of this process), brands' use in the control file, which
/// remembers it over restarts.
package struct EmbeddedLimits: NodeLimits {
  private let store: Store
  private let node: String

  package init(store: Store, node: String) {
    self.store = store
    self.node = node
  }

  package func slots(account: String, wanted: Int, limit: Int) async -> Int {
    store.slots(account: account, node: node, wanted: wanted, limit: limit)
  }

  package func take(brand: String, day: Int64, segments: Int64, cap: Int64) async -> Int64 {
    await store.take(brand: brand, day: day, segments: segments, cap: cap)
  }

  package func giveBack(brand: String, day: Int64, segments: Int64) async {
    await store.giveBack(brand: brand, day: day, segments: segments)
  }

  package func used(brand: String, day: Int64) async -> Int64 { await store.used(brand: brand, day: day) }

  package func shutDown() async {}
}

extension EmbeddedLimits {
  /// What the nodes of one process draw on. A server has one node.
  package final class Store: Sendable {
    private struct Grant: Sendable {
      var slots: Int
      var ends: Moment
    }

    private let file: SQLiteFile
    private let now: @Sendable () -> Moment
    private let logger: Logger
    /// By account, then by node.
    private let grants = Mutex<[String: [String: Grant]]>([:])
    /// A brand keeps its last days only: enough for any zone and for what comes back late.
    private static let daysKept = 3

    package init(file: SQLiteFile, now: @escaping @Sendable () -> Moment, logger: Logger) {
      self.file = file
      self.now = now
      self.logger = logger
    }

    fileprivate func slots(account: String, node: String, wanted: Int, limit: Int) -> Int {
      let now = now()
      return grants.withLock { grants in
        var others = grants[account, default: [:]].filter { $0.key != node && $0.value.ends > now }
        let granted = max(0, min(wanted, limit - others.values.reduce(0) { $0 + $1.slots }))
        if granted > 0 { others[node] = Grant(slots: granted, ends: now.advanced(bySeconds: SlotLease.seconds)) }
        grants[account] = others.isEmpty ? nil : others
        return granted
      }
    }

    /// Grants only what is on disk as used.
    fileprivate func take(brand: String, day: Int64, segments: Int64, cap: Int64) async -> Int64 {
      do {
        return try await file.write { db in
          let granted = min(segments, cap - (try Self.used(db, brand, day)))
          guard granted > 0 else { return 0 }
          try db.execute(
            sql: """
              INSERT INTO brand_days (brand, day, segments) VALUES (?, ?, ?)
              ON CONFLICT (brand, day) DO UPDATE SET segments = brand_days.segments + excluded.segments
              """, arguments: [brand, day, granted])
          try db.execute(
            sql: """
              DELETE FROM brand_days WHERE brand = ?1 AND day NOT IN
                (SELECT day FROM brand_days WHERE brand = ?1 ORDER BY day DESC LIMIT ?2)
              """, arguments: [brand, Self.daysKept])
          return granted
        }
      } catch {
        logger.error("A brand's use cannot be written, so nothing is granted", metadata: ["error": "\(error)"])
        return 0
      }
    }

    fileprivate func giveBack(brand: String, day: Int64, segments: Int64) async {
      guard segments > 0 else { return }
      do {
        // A power cut may forget it, which leaves the brand with less, not more.
        try await file.write(.replayable) { db in
          try db.execute(
            sql: """
              UPDATE brand_days SET segments = CASE WHEN segments > ?1 THEN segments - ?1 ELSE 0 END WHERE brand = ?2 AND day = ?3
              """, arguments: [segments, brand, day])
        }
      } catch {
        logger.error("A brand's unused segments were not given back", metadata: ["error": "\(error)"])
      }
    }

    fileprivate func used(brand: String, day: Int64) async -> Int64 {
      do { return try await file.read { db in try Self.used(db, brand, day) } } catch {
        logger.error("A brand's use cannot be read", metadata: ["error": "\(error)"])
        return 0
      }
    }

    private static func used(_ db: Database, _ brand: String, _ day: Int64) throws -> Int64 {
      try Int64.fetchOne(
        db, sql: "SELECT segments FROM brand_days WHERE brand = ? AND day = ?", arguments: [brand, day]) ?? 0
    }
  }
}
