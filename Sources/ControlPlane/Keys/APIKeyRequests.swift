package import Hummingbird
package import TenantRuntime

/// What addresses of keys have in common, a tenant's and the platform's: fields, and what is done with them.
package enum APIKeyRequests {
  static let name = Field<String>.line(
    "name", most: 200, missing: "is required", about: "What it is for.", example: "Shop")
  static let role = Field<Role>.choice("role", about: "All that this role may do; or permissions.")
  static let expiresAt = Field<Moment>.moment(
    "expires_at", about: "When it ends; null: never. At most five years from now.")
  static let permissions = Field<Set<Permission>>(
    "permissions",
    Shape.list(.choice(Permission.self), most: Permission.allCases.count).about(
      "What it may do, instead of a role: no more than who makes it.")
  ) { fields, name in
    guard let list = fields.list(name, most: Permission.allCases.count) else { return nil }
    let known = Set(list.compactMap { $0.text.flatMap(Permission.init) })
    if known.count != list.count || known.isEmpty {
      fields.fail(name, "must be some of " + Permission.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return known
  }
  static let overlap = Field<Int64>.int(
    "overlap_hours", 0...APIKeys.longestOverlap, missing: "is required",
    about: "So long the old key goes on; 0: it ends now.", example: 24)

  package static let creation = BodyDeclaration.json([name, role, permissions, expiresAt])
  package static let rotation = BodyDeclaration.json([overlap])

  package static func list<Subject>(_ call: Call<Subject>, _ keys: APIKeys, of tenant: String?) async throws -> Response
  {
    try await keys.page(of: tenant, try KeyPage(call)).response()
  }

  package static func show<Subject>(
    _ call: Call<Subject>, _ keys: APIKeys, of owner: APIKeys.Owner
  ) async throws -> Response {
    try await keys.find(id(call), of: owner).response()
  }

  package static func create<Subject>(
    _ call: Call<Subject>, _ keys: APIKeys, of tenant: String?
  ) async throws -> Response {
    var fields = try await call.fields()
    let name = fields.take(name) ?? ""
    let (role, chosen) = (fields.take(role), fields.take(permissions))
    let expiry = fields.take(expiresAt)
    let isOne = (role == nil) != (chosen == nil)
    if !isOne, fields.hasNoErrors(about: "role"), fields.hasNoErrors(about: "permissions") {
      fields.fail("role", "or permissions is required, one of the two")
    }
    let roles: [Role] = tenant == nil ? [.platform] : Role.tenantRoles
    if let role, !roles.contains(role) {
      fields.fail("role", "must be one of " + roles.map(\.rawValue).joined(separator: ", "))
    }
    try fields.finish()
    let scope: KeyScope = role.map { .role($0) } ?? .chosen(chosen ?? [])
    let (key, text) = APIKey.make(tenant: tenant, scope: scope, name: name, expiresAt: expiry)
    return answer(text, try await keys.add(key, by: call.caller))
  }

  package static func rotate<Subject>(
    _ call: Call<Subject>, _ keys: APIKeys, of owner: APIKeys.Owner
  ) async throws -> Response {
    var fields = try await call.fields()
    let hours = fields.take(overlap) ?? 0
    try fields.finish()
    // The rest is the old key's.
    let (key, text) = APIKey.make(tenant: nil, role: .viewer, name: "")
    return answer(
      text, try await keys.rotate(id(call), of: owner, into: key, overlapHours: hours, by: call.caller))
  }

  package static func revoke<Subject>(
    _ call: Call<Subject>, _ keys: APIKeys, of owner: APIKeys.Owner
  ) async throws -> Response {
    _ = try await keys.revoke(id(call), of: owner, by: call.caller)
    return Response(status: .noContent)
  }

  /// As lists show it, or as the log names it.
  private static func id<Subject>(_ call: Call<Subject>) -> String {
    let text = call.parameters.get("api_key") ?? ""
    return text.hasPrefix("rh_") ? String(text.dropFirst(3)) : text
  }

  /// Nobody between keeps it.
  private static func answer(_ text: String, _ record: JSON) -> Response {
    JSON.object([("key", .text(text))] + (record.members ?? [])).response(status: .created)
  }
}
