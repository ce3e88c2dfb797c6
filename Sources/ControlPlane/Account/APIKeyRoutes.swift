import Hummingbird
import TenantRuntime

/// `api-keys` among a tenant's addresses.
enum APIKeyRoutes {
  static let all: [Route<Account>] = [
    Route(
      .get, "api-keys", needs: .readAPIKeys, about: "API keys, the newest first", query: .page,
      answers: [.page(.apiKeyEntry)]
    ) { call in try await APIKeyRequests.list(call, call.subject.commands.keys, of: call.subject.key) },
    Route(
      .post, "api-keys", needs: .editAPIKeys, about: "Make an API key; its text is shown this once",
      body: APIKeyRequests.creation, answers: [.created(.newAPIKey)], repeats: .secret, isDangerous: true
    ) { call in try await APIKeyRequests.create(call, call.subject.commands.keys, of: call.subject.key) },
    Route(.get, "api-keys/:api_key", needs: .readAPIKeys, about: "One API key", answers: [.ok(.apiKeyEntry)]) { call in
      try await APIKeyRequests.show(call, call.subject.commands.keys, of: .tenant(call.subject.key))
    },
    Route(
      .post, "api-keys/:api_key/rotate", needs: .editAPIKeys,
      about:
        "Make a successor with the same rights, in the place of an earlier one; the old key ends after the overlap",
      body: APIKeyRequests.rotation, answers: [.created(.newAPIKey)], repeats: .secret, isDangerous: true
    ) { call in try await APIKeyRequests.rotate(call, call.subject.commands.keys, of: .tenant(call.subject.key)) },
    Route(
      .delete, "api-keys/:api_key", needs: .editAPIKeys,
      about: "Revoke an API key that may do no more than you, at once, with the successors that it was rotated into",
      answers: [.none]
    ) { call in try await APIKeyRequests.revoke(call, call.subject.commands.keys, of: .tenant(call.subject.key)) },
  ]
}
