import Foundation
import GRDB
package import TenantRuntime

/// An immutable snapshot of who owns which number and host, read whole from the control file after every change. Objects, for each request
/// on the fast path borrows them: copies would count up and down what they hold on every core.
package final class Routing: Sendable {
  package enum State: String, Sendable {
    case active, pausing, paused, suspended, archived
    /// Its stored secrets cannot be read: nothing is done for it until they can.
    case damaged
  }

  package final class Tenant: Sendable {
    package let key: String
    package let name: String
    package let state: State
    package let reason: String?
    package let timeZone: String
    package let instance: String
    package let linkKeys: LinkKeys
    package let epoch: Int64
    package let twilio: Lease.TwilioAccount?
    /// Tokens that may sign webhooks: two during rotation.
    package let tokens: [TwilioToken]
    /// Verified ones, the default first.
    package let linkHosts: [String]
    package let numbers: [SendingNumber]
    package let brands: [String: Int64]
    package let quotas: Quotas
    /// It is archived, and gone from then on.
    package let deleteAfter: Moment?

    /// What its secrets were opened from: the link keys, the token and the former one.
    private let sealed: [Data?]
    private let token: String?

    package var isOpenable: Bool { state == .active || state == .suspended }
    /// For callers while it is not.
    package var whyClosed: String {
      "This tenant is \(state.rawValue)" + (reason.flatMap { $0.isEmpty ? nil : ": \($0)" } ?? ".")
    }

    /// - Parameter known: as it was read last: what is sealed as it was then is not opened once more.
    fileprivate init(_ row: Row, _ secret: SecretKey, known: Tenant?, hosts: [Row], numbers rows: [Row], quotas: Row?)
      throws
    {
      key = row["key"]
      name = row["name"]
      state = State(rawValue: row["state"]) ?? .archived
      reason = row["reason"]
      (self.quotas, deleteAfter) = (Quotas(quotas), row["delete_after"])
      timeZone = row["time_zone"]
      instance = row["instance"]
      epoch = row["epoch"]
      sealed = [row["link_keys"], row["token"], row["former_token"]]
      if let known, known.state != .damaged, known.sealed == sealed {
        (linkKeys, tokens, token) = (known.linkKeys, known.tokens, known.token)
      } else {
        guard let keys = try sealed[0].flatMap({ LinkKeys(stored: try secret.open($0)) }) else {
          throw ControlFailure("its link keys are damaged in the control file")
        }
        let opened = try sealed.dropFirst().map { sealed in
          try sealed.map { String(decoding: try secret.open($0), as: UTF8.self) }
        }
        (linkKeys, token) = (keys, opened[0])
        tokens = opened.compactMap { $0.map { TwilioToken($0) } }
      }
      twilio = (row["account_sid"] as String?).flatMap { [token] sid in
        token.map { Lease.TwilioAccount(accountSID: sid, token: $0) }
      }
      linkHosts = hosts.map { $0["host"] }
      numbers = rows.map { row in
        SendingNumber(
          number: row["number"], rate: row["rate"], dailyCap: row["daily_cap"], warmUp: row["warm_up"],
          messagingService: row["messaging_service"], brand: row["brand"], brandDailyCap: row["brand_cap"],
          standing: (row["standing"] as String?).flatMap {
            try? JSONDecoder().decode(NumberStanding.self, from: Data($0.utf8))
          })
      }
      let caps = rows.compactMap { row in
        (row["brand"] as String?).flatMap { brand in (row["brand_cap"] as Int64?).map { (brand, $0) } }
      }
      brands = Dictionary(caps) { first, _ in first }
    }

    /// One whose secrets are damaged stands apart from all others.
    fileprivate init(damaged row: Row, reason: String) {
      key = row["key"]
      name = row["name"]
      state = .damaged
      self.reason = reason
      (quotas, deleteAfter) = (Quotas(), row["delete_after"])
      timeZone = row["time_zone"]
      instance = row["instance"]
      epoch = row["epoch"]
      linkKeys = LinkKeys.random(since: Moment(milliseconds: 0))
      (twilio, tokens, linkHosts, numbers, brands, sealed, token) = (nil, [], [], [], [:], [], nil)
    }
  }

  package struct KillSwitch: Sendable {
    package var reason: String
    package var actor: String
    package var since: Moment
  }

  /// Stops every text of every tenant.
  package let killSwitch: KillSwitch?
  package let tenants: [String: Tenant]
  package let tenantOfNumber: [PhoneNumber: Tenant]
  /// Of numbers that nobody has now: the archived tenant that had it.
  package let awayOfNumber: [PhoneNumber: Tenant]
  /// Those that had a number before its present tenant.
  package let formerOfNumber: [PhoneNumber: [Tenant]]
  /// Of services that one tenant alone has: what a person writes to a shared one goes by its number.
  package let tenantOfService: [String: Tenant]
  private let reporters: [Reporter: Tenant]
  private let services: Set<String>
  package let tenantOfHost: [String: Tenant]

  /// - Parameter publicHost: never a link host, also when it has become ours after a tenant had it.
  /// - Parameter former: the last one read.
  init(_ db: Database, _ secret: SecretKey, publicHost: String, former: Routing? = nil) throws {
    let numbers = try Row.fetchAll(
      db,
      sql: """
        SELECT n.*, b.daily_cap AS brand_cap FROM number_routes n LEFT JOIN brands b ON b.name = n.brand ORDER BY number
        """)
    let hosts = try Row.fetchAll(
      db,
      sql: """
        SELECT host, tenant_key FROM link_hosts WHERE verified_at IS NOT NULL AND host <> ?
        ORDER BY is_default DESC, added_at, host
        """, arguments: [publicHost])
    let (numbersOf, hostsOf) = (Self.byTenant(numbers), Self.byTenant(hosts))
    let quotas = Self.byTenant(try Row.fetchAll(db, sql: "SELECT * FROM quotas"))
    var tenants: [String: Tenant] = [:]
    for row in try Row.fetchAll(
      db,
      sql: """
        SELECT t.*, a.account_sid, a.token, a.former_token FROM tenants t LEFT JOIN twilio_accounts a ON a.tenant_key = t.key
        WHERE t.deleted_at IS NULL
        """)
    {
      let key: String = row["key"]
      do {
        tenants[key] = try Tenant(
          row, secret, known: former?.tenants[key], hosts: hostsOf[key] ?? [], numbers: numbersOf[key] ?? [],
          quotas: quotas[key]?.first)
      } catch {
        tenants[key] = Tenant(damaged: row, reason: "\(error)")
      }
    }
    self.tenants = tenants
    let owner = { (row: Row) in tenants[row["tenant_key"] as String] }
    tenantOfNumber = Self.owners(numbers) { row in owner(row).map { (row["number"], $0) } }
    tenantOfService = Self.owners(numbers) { row in
      owner(row).flatMap { owner in (row["messaging_service"] as String?).map { ($0, owner) } }
    }
    tenantOfHost = Self.owners(hosts) { row in owner(row).map { (row["host"], $0) } }
    services = Set(numbers.compactMap { $0["messaging_service"] as String? })
    let moved = try Row.fetchAll(db, sql: "SELECT * FROM former_number_routes")
    formerOfNumber = moved.reduce(into: [:]) { former, row in
      if let tenant = owner(row) { former[row["number"], default: []].append(tenant) }
    }
    awayOfNumber = Self.owners(moved) { row in
      owner(row).flatMap { $0.state == .archived ? (row["number"], $0) : nil }
    }
    reporters = (numbers + moved).reduce(into: [:]) { reporters, row in
      guard let tenant = owner(row) else { return }
      reporters[Reporter(sender: .number(row["number"]), tenant: tenant.key)] = tenant
      if let service = row["messaging_service"] as String? {
        reporters[Reporter(sender: .service(service), tenant: tenant.key)] = tenant
      }
    }
    killSwitch = try Row.fetchOne(db, sql: "SELECT * FROM kill_switches").map {
      KillSwitch(reason: $0["reason"], actor: $0["actor"], since: $0["since"])
    }
  }

  private static func byTenant(_ rows: [Row]) -> [String: [Row]] { Dictionary(grouping: rows) { $0["tenant_key"] } }

  /// Those that one tenant alone has.
  private static func owners<Name: Hashable>(_ rows: [Row], _ pair: (Row) -> (Name, Tenant)?) -> [Name: Tenant] {
    Dictionary(rows.compactMap(pair).map { ($0, Optional($1)) }) { one, other in one === other ? one : nil }
      .compactMapValues { $0 }
  }
}

extension Routing {
  /// Who sends, or has sent, from what.
  private struct Reporter: Hashable {
    enum Sender: Hashable {
      case number(PhoneNumber)
      case service(String)
    }
    var sender: Sender
    var tenant: String
  }

  /// Whose text a status report is about: its callback names the tenant. Several may share a messaging service, and a number may have moved
  /// since the text went out, so the sender decides only whether the named tenant is among those who have sent from it.
  package func tenant(named key: String?, from number: PhoneNumber?, service: String?) throws -> Tenant {
    let key = key ?? ""
    if let number {
      if let owner = tenantOfNumber[number], owner.key == key { return owner }
      if let former = reporters[Reporter(sender: .number(number), tenant: key)] { return former }
    }
    if let service, let tenant = reporters[Reporter(sender: .service(service), tenant: key)] { return tenant }
    let isKnown = number.map { tenantOfNumber[$0] != nil } == true || service.map(services.contains) == true
    guard isKnown else { throw Refusal.notFound("This number is not routed here.") }
    throw Refusal.forbidden("This callback is not of a tenant that texts from this number.")
  }
}
