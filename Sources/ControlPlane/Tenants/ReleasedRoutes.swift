import Foundation
import GRDB
import TenantRuntime

/// Numbers and hosts that a tenant had when it was put away.
struct ReleasedRoutes: Codable, Sendable {
  struct Number: Codable {
    var number: PhoneNumber
    var rate: Double
    var dailyCap: Int64?
    var warmUp: String
    var messagingService: String?
    var brand: String?
    var standing: String?
  }
  struct Host: Codable {
    var host: String
    var token: String
    var isDefault: Bool
    /// By the operator's word, which nobody has to prove again; nil: archived by a former release, which did not write it down.
    var isVouchedFor: Bool?
  }
  var numbers: [Number] = []
  var hosts: [Host] = []
  /// The tenant was paused before, and stays so: its file is somebody's who copies or moves it.
  var wasPaused: Bool?
  var pauseReason: String?

  var stored: String {
    get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
  }

  init(stored: String?) throws {
    guard let stored else { return }
    self = try JSONDecoder().decode(ReleasedRoutes.self, from: Data(stored.utf8))
  }

  private init(numbers: [Number], hosts: [Host]) { (self.numbers, self.hosts) = (numbers, hosts) }

  static func take(_ db: Database, from key: String, at: Moment) throws -> ReleasedRoutes {
    let numbers = try Row.fetchAll(
      db, sql: "SELECT * FROM number_routes WHERE tenant_key = ? ORDER BY number", arguments: [key]
    ).map {
      Number(
        number: $0["number"], rate: $0["rate"], dailyCap: $0["daily_cap"], warmUp: $0["warm_up"],
        messagingService: $0["messaging_service"], brand: $0["brand"], standing: $0["standing"])
    }
    let hosts = try Row.fetchAll(
      db, sql: "SELECT * FROM link_hosts WHERE tenant_key = ? AND verified_at IS NOT NULL ORDER BY host",
      arguments: [key]
    ).map {
      Host(
        host: $0["host"], token: $0["token"], isDefault: $0["is_default"],
        isVouchedFor: ($0["checked_at"] as Moment?) == nil)
    }
    for number in numbers { try release(db, number.number, of: key, at: at) }
    try db.execute(sql: "DELETE FROM link_hosts WHERE tenant_key = ?", arguments: [key])
    return ReleasedRoutes(numbers: numbers, hosts: hosts)
  }

  /// False when the tenant does not have it.
  @discardableResult
  static func release(_ db: Database, _ number: PhoneNumber, of key: String, at: Moment) throws -> Bool {
    try db.execute(
      sql: """
        INSERT INTO former_number_routes (number, tenant_key, messaging_service, moved_at)
        SELECT number, tenant_key, messaging_service, ? FROM number_routes WHERE number = ? AND tenant_key = ?
        ON CONFLICT (number, tenant_key) DO UPDATE SET messaging_service = excluded.messaging_service, moved_at = excluded.moved_at
        """, arguments: [at, number, key])
    try db.execute(
      sql: "DELETE FROM number_routes WHERE number = ? AND tenant_key = ?", arguments: [number, key])
    return db.changesCount > 0
  }

  /// Answers what others have now, and hosts that are pending until their owner shows once more that they are the tenant's, the former default first.
  func giveBack(
    _ db: Database, to key: String, except publicHost: String, at: Moment
  ) throws -> (taken: [String], pending: [String]) {
    var (taken, pending): ([String], [String]) = ([], [])
    for number in numbers {
      let brand = try String.fetchOne(db, sql: "SELECT name FROM brands WHERE name = ?", arguments: [number.brand])
      try db.execute(
        sql: """
          INSERT INTO number_routes (number, tenant_key, rate, daily_cap, warm_up, messaging_service, brand, added_at, standing)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO NOTHING
          """,
        arguments: [
          number.number, key, number.rate, number.dailyCap, number.warmUp, number.messagingService, brand, at,
          number.standing,
        ])
      if db.changesCount == 0 { taken.append(number.number.description) }
    }
    for host in hosts.sorted(by: { $0.isDefault && !$1.isDefault }) {
      let owner = try String.fetchOne(
        db, sql: "SELECT tenant_key FROM link_hosts WHERE host = ? AND verified_at IS NOT NULL", arguments: [host.host])
      guard owner == nil, host.host != publicHost else {
        taken.append(host.host)
        continue
      }
      let isVouchedFor = host.isVouchedFor == true
      if !isVouchedFor { pending.append(host.host) }
      try db.execute(
        sql: """
          INSERT INTO link_hosts (tenant_key, host, token, added_at, verified_at, is_default) VALUES (?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          key, host.host, host.token, at, isVouchedFor ? at : nil, isVouchedFor && host.isDefault ? 1 : 0,
        ])
    }
    return (taken, pending)
  }
}
