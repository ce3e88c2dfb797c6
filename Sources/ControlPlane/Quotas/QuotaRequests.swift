package import Hummingbird
package import TenantRuntime

/// `quotas`, of a tenant by itself and by the operator.
package enum QuotaRequests {
  private static let most: Int64 = 1_000_000_000_000
  static let fields: [Field<Int64>] = Quotas.Name.allCases.map { name in
    .int(name.rawValue, 0...most, about: "At most so many \(name.words); null is no limit.", example: 1_000)
  }
  package static let body = BodyDeclaration.json(fields)

  package static func show<Subject>(
    _ call: Call<Subject>, _ quotas: TenantQuotas, of key: String
  ) async throws -> Response { try await quotas.json(of: key).response() }

  package static func put<Subject>(
    _ call: Call<Subject>, _ quotas: TenantQuotas, of key: String
  ) async throws -> Response {
    var fields = try await call.fields()
    var edit: [Quotas.Name: Int64?] = [:]
    for (name, field) in zip(Quotas.Name.allCases, Self.fields) {
      let limit = fields.take(field)
      if fields.has(name.rawValue) { edit[name] = .some(limit) }
    }
    if edit.isEmpty { fields.fail("contacts", "or another quota is required; null is no limit") }
    try fields.finish()
    return try await quotas.set(key, edit, by: call.caller).response()
  }
}

extension Shape {
  private static let quota = object([
    "name": choice(Quotas.Name.self), "limit": count.orNull, "used": count.orNull, "percent": count.orNull,
    "warning": bool,
  ])
  package static let quotas = named("Quotas", object(["tenant": text(example: "acme"), "quotas": list(quota)]))
  package static let quotaLimits = named(
    "QuotaLimits",
    object(
      [("tenant", text(example: "acme"))] + Quotas.Name.allCases.map { ($0.rawValue, count.orNull) }, optional: []))
}
