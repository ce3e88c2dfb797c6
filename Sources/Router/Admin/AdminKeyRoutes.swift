import ControlPlane
import Hummingbird
import TenantRuntime

/// Keys under `/api/v1/admin`: the platform's own, and those of tenants, which an operator may list and end and never make.
enum AdminKeyRoutes {
  static let all: [Route<ControlPlane>] = [
    Route(
      .get, "api-keys", needs: .readPlatformKeys, about: "Keys of the platform, the newest first", query: .page,
      answers: [.page(.apiKeyEntry)]
    ) { call in try await APIKeyRequests.list(call, call.subject.commands.keys, of: nil) },
    Route(
      .post, "api-keys", needs: .editPlatformKeys, about: "Make a key of the platform; its text is shown this once",
      body: APIKeyRequests.creation, answers: [.created(.newAPIKey)], repeats: .secret, isDangerous: true
    ) { call in try await APIKeyRequests.create(call, call.subject.commands.keys, of: nil) },
    Route(
      .get, "api-keys/:api_key", needs: .readPlatformKeys, about: "One key of the platform",
      answers: [.ok(.apiKeyEntry)]
    ) { call in try await APIKeyRequests.show(call, call.subject.commands.keys, of: .platform) },
    Route(
      .post, "api-keys/:api_key/rotate", needs: .editPlatformKeys,
      about:
        "Make a successor with the same rights, in the place of an earlier one; the old key ends after the overlap",
      body: APIKeyRequests.rotation, answers: [.created(.newAPIKey)], repeats: .secret, isDangerous: true
    ) { call in try await APIKeyRequests.rotate(call, call.subject.commands.keys, of: .platform) },
    Route(
      .delete, "api-keys/:api_key", needs: .editPlatformKeys,
      about: "Revoke a key of the platform, at once, with the successors that it was rotated into",
      answers: [.none]
    ) { call in try await APIKeyRequests.revoke(call, call.subject.commands.keys, of: .platform) },
    Route(
      .get, "tenants/:key/api-keys", needs: .readTenants, about: "A tenant's API keys, the newest first", query: .page,
      answers: [.page(.apiKeyEntry)]
    ) { call in
      try await APIKeyRequests.list(call, call.subject.commands.keys, of: try tenant(call))
    },
    Route(
      .delete, "tenants/:key/api-keys/:api_key", needs: .editTenants,
      about: "Revoke a tenant's API key, at once, with the successors that it was rotated into",
      answers: [.none]
    ) { call in
      try await APIKeyRequests.revoke(call, call.subject.commands.keys, of: .tenant(try tenant(call)))
    },
  ]

  private static func tenant(_ call: Call<ControlPlane>) throws -> String {
    try call.subject.tenant(call.parameters.get("key") ?? "").key
  }
}
