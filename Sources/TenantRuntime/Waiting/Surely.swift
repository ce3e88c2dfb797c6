/// Does what must be done although the task around it has been asked to end: a write refuses a cancelled task, and a sleep does not wait in one.
func surely<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
  try await Task { try await body() }.value
}

func surely<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
  await Task { await body() }.value
}
