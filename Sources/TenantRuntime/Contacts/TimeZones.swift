package import Foundation
import Synchronization

/// Time zones by name. Asking Foundation reads a file, so answers are remembered.
package enum TimeZones {
  private static let known = Mutex<[String: TimeZone?]>([:])

  package static func named(_ name: String) -> TimeZone? {
    known.withLock { known in
      if let zone = known[name] { return zone }
      guard known.count < 2_000, name.utf8.count <= 64 else { return TimeZone(identifier: name) }
      let zone = TimeZone(identifier: name)
      known[name] = .some(zone)
      return zone
    }
  }

  package static func isKnown(_ name: String) -> Bool { named(name) != nil }
}
