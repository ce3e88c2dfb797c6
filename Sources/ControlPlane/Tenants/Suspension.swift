import TenantRuntime

/// Closes a tenant's gate, for abuse or unpaid bills; reading, inbox and links go on.
struct Suspension: Sendable {
  let directory: TenantDirectory
  let memory: TenantMemory
  let clients: OutboundClients
  let scheduler: Scheduler

  func suspend(_ key: String, reason: String, _ doing: Doing) async throws -> JSON {
    let gate = memory.gate(of: key)
    let closedHere = gate.close("suspended")
    clients.http.recheck(key)
    do {
      let answer = try await directory.setState(key, from: [.active], to: .suspended, reason: reason, doing)
      if isSuspended(key) { gate.close("suspended") }
      return answer
    } catch {
      // What could not be written down does not hold; the asker is informed.
      if closedHere, !isSuspended(key) { gate.open("suspended") }
      throw error
    }
  }

  func reinstate(_ key: String, _ doing: Doing) async throws -> JSON {
    let answer = try await directory.setState(key, from: [.suspended], to: .active, reason: nil, doing)
    if !isSuspended(key) { memory.gate(of: key).open("suspended") }
    scheduler.wake(key, .sending)
    return answer
  }

  private func isSuspended(_ key: String) -> Bool { directory.routing.current.tenants[key]?.state == .suspended }
}
