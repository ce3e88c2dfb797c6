import Foundation
import Synchronization
package import TenantRuntime

/// Holds the snapshot of who exists (`Routing`): reads it after every change, puts it in place whole, and informs those who follow it.
package final class CurrentRouting: Sendable {
  /// Addresses that tenants' leases name.
  struct Addresses: Sendable {
    var publicURL: String
    var twilioAPI: String
  }

  /// The name of the public address; it serves no links.
  package let publicHost: String
  private let file: SQLiteFile
  private let secret: SecretKey
  private let addresses: Addresses
  private let retries: Retries
  private let box: Mutex<Routing>
  private let readings = Mutex<(running: Task<Void, any Error>?, waiting: Task<Void, any Error>?)>((nil, nil))
  private let followers = Mutex<[@Sendable () async -> Void]>([])

  init(_ file: SQLiteFile, _ secret: SecretKey, _ addresses: Addresses, retries: Retries) throws {
    (self.file, self.secret, self.addresses, self.retries) = (file, secret, addresses, retries)
    let publicHost = URL(string: addresses.publicURL)?.host?.lowercased() ?? ""
    self.publicHost = publicHost
    box = Mutex(try file.readNow { db in try Routing(db, secret, publicHost: publicHost) })
  }

  /// As of the last change: what webhooks are judged by without touching a file.
  package var current: Routing { box.withLock { $0 } }

  package func tenant(_ key: String) throws -> Routing.Tenant {
    guard let tenant = current.tenants[key] else { throw Refusal.notFound("There is no tenant \(key).") }
    return tenant
  }

  package func lease(_ tenant: Routing.Tenant) -> Lease {
    Lease(
      tenant: tenant.key, suspended: tenant.state == .suspended ? tenant.reason ?? "suspended" : nil,
      killed: current.killSwitch?.reason, twilio: tenant.twilio,
      twilioAPI: addresses.twilioAPI, publicURL: addresses.publicURL, linkHosts: tenant.linkHosts,
      linkKeys: tenant.linkKeys,
      timeZone: tenant.timeZone, brands: tenant.brands, quotas: tenant.quotas, epoch: tenant.epoch)
  }

  /// From now on called after each reading, which is over only when this returns.
  func follow(_ body: @escaping @Sendable () async -> Void) { followers.withLock { $0.append(body) } }

  /// What has been committed holds although it cannot be read just now: it is read as soon as it can be.
  package func refresh() async throws {
    do { try await nextReading().value } catch {
      retries.tryAgain("Reading the control file", after: error) { [self] in try await read() }
      throw error
    }
  }

  /// A reading that has not begun yet serves all who ask before it does: many commands at once read a large platform once.
  private func nextReading() -> Task<Void, any Error> {
    readings.withLock { readings in
      if let waiting = readings.waiting { return waiting }
      let former = readings.running
      let task = Task { [self] in
        _ = await former?.result
        self.readings.withLock { $0 = (running: $0.waiting, waiting: nil) }
        try await read()
      }
      readings.waiting = task
      return task
    }
  }

  private func read() async throws {
    // Put in place while the file is read, one reader at a time: the newest one read stays.
    try await file.read { [self] db in
      let routing = try Routing(db, secret, publicHost: publicHost, former: current)
      box.withLock { $0 = routing }
    }
    for follower in followers.withLock({ $0 }) { await follower() }
  }
}
