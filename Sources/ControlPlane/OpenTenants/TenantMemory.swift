import Synchronization
package import TenantRuntime

/// What this process remembers of each tenant, whether its file is open or not.
package final class TenantMemory: Sendable {
  private let routing: CurrentRouting
  private let sharedTargets: SharedTargets?
  private let gates = Mutex<[String: SendGate]>([:])
  private let inboxes = Mutex<[String: InboxBell]>([:])
  private let linkCacheStates = Mutex<[String: LinkCacheState]>([:])
  /// What closes all gates while no tenant may text.
  static let platformSwitch = "platform_kill_switch"

  init(routing: CurrentRouting, sharedTargets: SharedTargets?) {
    (self.routing, self.sharedTargets) = (routing, sharedTargets)
  }

  /// What outgoing calls of a tenant are judged by at the last moment.
  package func gate(of tenant: String) -> SendGate {
    gates.withLock { gates in
      if let gate = gates[tenant] { return gate }
      let gate = SendGate()
      if routing.current.killSwitch != nil { gate.close(Self.platformSwitch) }
      gates[tenant] = gate
      return gate
    }
  }

  /// Over all tenants.
  var callsInFlight: Int { gates.withLock { $0.values.reduce(0) { $0 + $1.inFlight } } }

  /// Watchers of a tenant's inbox wait here.
  func inbox(of tenant: String) -> InboxBell {
    inboxes.withLock { inboxes in
      if let bell = inboxes[tenant] { return bell }
      let bell = InboxBell()
      inboxes[tenant] = bell
      return bell
    }
  }

  /// What the router knows of a tenant's links.
  package func links(of tenant: String) -> LinkCacheState {
    linkCacheStates.withLock { states in
      if let state = states[tenant] { return state }
      let shared = sharedTargets
      let state = LinkCacheState { shared?.forgetSoon(tenant: tenant) }
      states[tenant] = state
      return state
    }
  }
}
