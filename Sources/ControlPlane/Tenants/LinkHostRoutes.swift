import Hummingbird
import TenantRuntime

/// `hosts` among a tenant's addresses: what its links' names are, and what proves that they are its own.
enum LinkHostRoutes {
  static let all: [Route<Account>] = [
    Route(.get, "hosts", needs: .readSettings, list),
    Route(.post, "hosts", needs: .editSettings, add),
    Route(.get, "hosts/:host", needs: .readSettings) { call in
      try await call.subject.controlPlane.linkHost(try host(call), of: call.subject.key).json.response()
    },
    Route(.patch, "hosts/:host", needs: .editSettings, edit),
    Route(.delete, "hosts/:host", needs: .editSettings, remove),
    Route(.post, "hosts/:host/verify", needs: .editSettings) { call in
      try await call.subject.controlPlane.verifyHost(try host(call), of: call.subject.key, actor: call.actor.name)
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
    let hosts = try await call.subject.controlPlane.linkHosts(of: call.subject.key)
    return JSON.object([("data", .list(hosts.map(\.json))), ("next_cursor", nil)]).response()
  }

  @Sendable private static func add(_ call: Call<Account>) async throws -> Response {
    var fields = try await call.fields()
    let text = fields.requiredText("host", most: 300)
    try fields.finish()
    let (host, isNew) = try await call.subject.controlPlane.proposeHost(
      try HostName(text), for: call.subject.key, actor: call.actor.name)
    return host.json.response(status: isNew ? .created : .ok)
  }

  @Sendable private static func edit(_ call: Call<Account>) async throws -> Response {
    let host = try host(call)
    var fields = try await call.fields()
    if fields.bool("is_default") != true, fields.hasNoErrors(about: "is_default") {
      fields.fail("is_default", "must be true; another host takes its place when that one is made the default")
    }
    try fields.finish()
    return try await call.subject.controlPlane.makeDefaultHost(host, of: call.subject.key, actor: call.actor.name)
      .json.response()
  }

  @Sendable private static func remove(_ call: Call<Account>) async throws -> Response {
    try await call.subject.controlPlane.removeHost(try host(call), of: call.subject.key, actor: call.actor.name)
    return Response(status: .noContent)
  }
}
