import Foundation
import GRDB
package import TenantRuntime

/// An immutable snapshot of who owns which number and host, read whole from the control file after every change.
package struct Routing: Sendable {
  package enum State: String, Sendable { case active, paused, suspended, archived }

  package struct Tenant: Sendable {
    package var key: String
    package var name: String
    package var state: State
    package var reason: String?
    package var timeZone: String
    package var instance: String
    package var linkKeys: LinkKeys
    package var epoch: Int64
    package var twilio: Lease.TwilioAccount?
    /// Tokens that may sign webhooks: two during rotation.
    package var tokens: [TwilioToken]
    /// Verified ones, the default first.
    package var linkHosts: [String]
    package var numbers: [SendingNumber]
    package var brands: [String: Int64] = [:]

    package var isOpenable: Bool { state == .active || state == .suspended }
  }

  package struct KillSwitch: Sendable {
    package var reason: String
    package var actor: String
    package var since: Moment
  }

  /// Stops every text of every tenant.
  package var killSwitch: KillSwitch?
  package var tenants: [String: Tenant] = [:]
  package var tenantOfNumber: [PhoneNumber: String] = [:]
  package var tenantOfService: [String: String] = [:]
  package var tenantOfHost: [String: String] = [:]

  /// - Parameter publicHost: never a link host, also when it has become ours after a tenant had it.
  static func load(_ db: Database, _ secret: SecretKey, publicHost: String) throws -> Routing {
    var routing = Routing()
    for row in try Row.fetchAll(
      db,
      sql:
        "SELECT t.*, a.account_sid, a.token, a.former_token FROM tenants t LEFT JOIN twilio_accounts a ON a.tenant_key = t.key"
    ) {
      let token = try (row["token"] as Data?).map { String(decoding: try secret.open($0), as: UTF8.self) }
      let former = try (row["former_token"] as Data?).map { String(decoding: try secret.open($0), as: UTF8.self) }
      let account = (row["account_sid"] as String?).flatMap { sid in
        token.map { Lease.TwilioAccount(accountSID: sid, token: $0) }
      }
      let key: String = row["key"]
      guard let linkKeys = LinkKeys(stored: try secret.open(row["link_keys"])) else {
        throw ControlFailure("the link keys of tenant \(key) are damaged in the control file")
      }
      routing.tenants[key] = Tenant(
        key: key, name: row["name"], state: State(rawValue: row["state"]) ?? .archived, reason: row["reason"],
        timeZone: row["time_zone"], instance: row["instance"], linkKeys: linkKeys,
        epoch: row["epoch"],
        twilio: account, tokens: [token, former].compactMap { $0.map { TwilioToken($0) } }, linkHosts: [], numbers: [])
    }
    routing.killSwitch = try Row.fetchOne(db, sql: "SELECT * FROM kill_switches").map {
      KillSwitch(reason: $0["reason"], actor: $0["actor"], since: $0["since"])
    }
    for row in try Row.fetchAll(
      db,
      sql:
        "SELECT n.*, b.daily_cap AS brand_cap FROM number_routes n LEFT JOIN brands b ON b.name = n.brand ORDER BY number"
    ) {
      let number: PhoneNumber = row["number"]
      let key: String = row["tenant_key"]
      routing.tenantOfNumber[number] = key
      let service: String? = row["messaging_service"]
      if let service { routing.tenantOfService[service] = key }
      if let brand = row["brand"] as String? { routing.tenants[key]?.brands[brand] = row["brand_cap"] }
      routing.tenants[key]?.numbers.append(
        SendingNumber(
          number: number, rate: row["rate"], dailyCap: row["daily_cap"], warmUp: row["warm_up"],
          messagingService: service, brand: row["brand"], brandDailyCap: row["brand_cap"]))
    }
    for row in try Row.fetchAll(
      db,
      sql:
        "SELECT host, tenant_key FROM link_hosts WHERE verified_at IS NOT NULL AND host <> ? ORDER BY is_default DESC, added_at, host",
      arguments: [publicHost])
    {
      routing.tenantOfHost[row["host"]] = row["tenant_key"] as String
      routing.tenants[row["tenant_key"] as String]?.linkHosts.append(row["host"])
    }
    return routing
  }
}
