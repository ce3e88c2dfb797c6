/// Who asks: an API key, a command, or the program itself. One value that permissions, audit rows and limits go by.
package struct Caller: Sendable, Equatable {
  package enum Kind: String, Sendable {
    case apiKey = "api_key"
    case command, worker
  }

  package var kind: Kind
  /// As written into audit rows: `key:ab12…`, `command`, `circuit_breaker`.
  package var name: String
  /// The tenant whose data it may ask for; nil: the platform's.
  package var tenant: String?
  package var permissions: Set<Permission>
  /// Where it asks from, as far as proxies may be believed; empty for commands and workers.
  package var address: String
  /// Of the request, as it stands in the log.
  package var requestID: String?
  /// How its own role is called, for refusals.
  package var role: String

  package init(
    kind: Kind, name: String, tenant: String? = nil, permissions: Set<Permission> = [], address: String = "",
    requestID: String? = nil, role: String = ""
  ) {
    self.kind = kind
    self.name = name
    self.tenant = tenant
    self.permissions = permissions
    self.address = address
    self.requestID = requestID
    self.role = role
  }

  /// Whoever works the command line.
  package static func command(_ name: String = "command") -> Caller { Caller(kind: .command, name: name) }

  /// The program itself, as audit rows name the part of it.
  package static func worker(_ name: String = "worker") -> Caller { Caller(kind: .worker, name: name) }

  /// Throws unless it may do this: another tenant's caller gets the answer of an unknown tenant.
  package func check(_ needs: Permission, in tenant: String?) throws {
    if let tenant, self.tenant != tenant { throw Refusal.notFound("There is no such tenant.") }
    guard (tenant == nil) == (self.tenant == nil), permissions.contains(needs) else {
      throw Refusal.forbidden("This key's role, \(role), may not do this.")
    }
  }
}
