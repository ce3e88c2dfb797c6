import HTTPTypes
import TenantRuntime

/// The problem documents (RFC 9457) that operations answer with, as shared components.
enum Problems {
  static let shape = Shape.object(
    [
      "type": .text(example: "about:blank"), "title": .text(example: "Not Found"),
      "status": .int(400...599, example: 404), "detail": .text(example: "There is no such contact."),
    ],
    optional: [
      "errors": .list(.object(["field": .text(example: "name"), "message": .text(example: "is required")])),
      "request_id": .text(example: "0123456789abcdef"),
    ])

  private static let all: [(status: Int, name: String, about: String)] = [
    (400, "Malformed", "The body is broken or was cut off."), (401, "Unauthenticated", "A valid API key is missing."),
    (403, "Forbidden", "The key's role may not do this, or the signature does not hold."),
    (404, "NotFound", "There is no such thing, or nothing at this address."),
    (409, "Conflict", "It cannot be done as things stand."), (410, "Gone", "It is no longer kept, or too old."),
    (412, "Changed", "It is another one than the ETag of If-Match says."),
    (413, "TooLarge", "The body is too large."), (415, "UnsupportedMedia", "The body is of another media type."),
    (422, "Invalid", "Fields are wrong: `errors` names all of them."),
    (423, "Locked", "The tenant is parked; nothing may touch its file."),
    (429, "TooMany", "Too many requests; see Retry-After."), (503, "Unavailable", "Try again; see Retry-After."),
  ]

  static let responses: [(String, JSON)] = all.map { problem in
    let example: JSON = [
      "type": "about:blank", "title": .text(HTTPResponse.Status(code: problem.status).reasonPhrase),
      "status": .int(problem.status), "detail": .text(problem.about),
    ]
    return (
      problem.name,
      [
        "description": .text(problem.about),
        "content": [
          "application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"], "example": example]
        ],
      ]
    )
  }

  /// Those that may come of an operation.
  static func references(for address: SiteAddress) -> [(String, JSON)] {
    let statuses = statuses(address)
    return all.filter { statuses.contains($0.status) }.map {
      (String($0.status), ["$ref": .text("#/components/responses/\($0.name)")])
    }
  }

  private static func statuses(_ address: SiteAddress) -> Set<Int> {
    let isChange = address.operation.method != .get
    switch address.base {
    case .tenant, .admin:
      let tenant: Set<Int> = address.base == .tenant ? [423, 429] : [423]
      let change: Set<Int> = isChange ? [400, 409, 410, 412, 413, 415] : [409]
      return Set([401, 403, 404, 422, 503]).union(tenant).union(change)
    case .api: return isChange ? [400, 401, 403, 404, 409, 413, 415, 422, 429, 503] : [401, 403, 404, 422, 503]
    case .page: return []
    case .own where address.operation.path.hasPrefix("webhooks/"):
      return [400, 403, 404, 410, 413, 422, 429, 503]
    case .own: return address.operation.path == "ready" ? [503] : [404, 422]
    case .link: return [404, 423, 429, 503]
    }
  }
}
