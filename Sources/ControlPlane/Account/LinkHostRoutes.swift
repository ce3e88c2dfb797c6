import Hummingbird
import TenantRuntime

/// `hosts` among a tenant's addresses: what its links' names are, and what proves that they are its own.
enum LinkHostRoutes {
  private static let hostField = Field<String>.text(
    "host", most: 300, missing: "is required", about: "A name that leads to this server.", example: "go.shop.example")
  private static let isDefault = Field<Bool>.bool("is_default", about: "True: new links live there.")

  static let all: [Route<Account>] = [
    Route(.get, "hosts", needs: .readSettings, about: "Link hosts", answers: [.page(.linkHost)], list),
    Route(
      .post, "hosts", needs: .editSettings, about: "Propose a link host", body: .json([hostField]),
      answers: [.created(.linkHost), .ok(.linkHost)], add),
    Route(
      .get, "hosts/:host", needs: .readSettings, about: "One link host, and how to verify it", answers: [.ok(.linkHost)]
    ) { call in
      try await call.subject.hosts.find(try host(call), of: call.subject.key).json.response()
    },
    Route(
      .patch, "hosts/:host", needs: .editSettings, about: "Make it the default", body: .json([isDefault]),
      answers: [.ok(.linkHost)], edit),
    Route(.delete, "hosts/:host", needs: .editSettings, about: "Remove a link host", answers: [.none], remove),
    Route(
      .post, "hosts/:host/verify", needs: .editSettings, about: "Look for the challenge now", answers: [.ok(.linkHost)]
    ) { call in
      try await call.subject.hosts.verify(try host(call), of: call.subject.key, by: call.caller)
        .json.response()
    },
  ]

  private static func host(_ call: Call<Account>) throws -> HostName {
    guard let host = call.parameters.get("host").flatMap({ try? HostName($0) }) else {
      throw Refusal.notFound("There is no such host.")
    }
    return host
  }

  /// All of them: there are twenty at most.
  @Sendable private static func list(_ call: Call<Account>) async throws -> Response {
    let hosts = try await call.subject.hosts.all(of: call.subject.key)
    return JSON.object([("data", .list(hosts.map(\.json))), ("next_cursor", nil)]).response()
  }

  @Sendable private static func add(_ call: Call<Account>) async throws -> Response {
    var fields = try await call.fields()
    let text = fields.take(hostField) ?? ""
    try fields.finish()
    let (host, isNew) = try await call.subject.hosts.propose(
      try HostName(text), for: call.subject.key, by: call.caller)
    return host.json.response(status: isNew ? .created : .ok)
  }

  @Sendable private static func edit(_ call: Call<Account>) async throws -> Response {
    let host = try host(call)
    var fields = try await call.fields()
    if fields.take(isDefault) != true, fields.hasNoErrors(about: "is_default") {
      fields.fail("is_default", "must be true; another host takes its place when that one is made the default")
    }
    try fields.finish()
    return try await call.subject.hosts.makeDefault(host, of: call.subject.key, by: call.caller)
      .json.response()
  }

  @Sendable private static func remove(_ call: Call<Account>) async throws -> Response {
    try await call.subject.hosts.remove(try host(call), of: call.subject.key, by: call.caller)
    return Response(status: .noContent)
  }
}
