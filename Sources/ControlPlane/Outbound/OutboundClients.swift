package import TenantRuntime

/// All ways outward: the provider's client, the one for addresses that tenants name, and what several tenants or nodes draw on together.
package final class OutboundClients: Sendable {
  package let http: any OutboundHTTP
  /// For addresses that tenants name, by a client of its own: slow receivers take no connection from the provider's calls.
  let guarded: GuardedHTTP
  private let guardedClient: any OutboundHTTP
  let limits: any NodeLimits
  /// Other nodes use the same provider accounts.
  private let isSharedWithNodes: Bool

  init(
    http: any OutboundHTTP, guardedClient: any OutboundHTTP, rules: AddressRules, limits: any NodeLimits,
    isSharedWithNodes: Bool
  ) {
    (self.http, self.guardedClient, self.limits) = (http, guardedClient, limits)
    self.isSharedWithNodes = isSharedWithNodes
    guarded = GuardedHTTP(client: guardedClient, rules: rules)
  }

  /// Keeps up what this node may use of accounts that other nodes use too; returns when the task is cancelled.
  package func shareAccounts() async {
    if isSharedWithNodes { http.accounts.beShared() }
    while !Task.isCancelled {
      for (account, wanted) in isSharedWithNodes ? http.accounts.takeDemand() : [:] {
        // Less is used before less is asked for, so that the sum over all nodes never passes the limit.
        http.accounts.setShare(account, min(http.accounts.share(account), wanted))
        http.accounts.setShare(account, await limits.slots(account: account, wanted: wanted, limit: AccountPace.most))
      }
      try? await Task.sleep(for: .milliseconds(500))
    }
  }

  /// No call begins any more.
  func stop() {
    http.stop()
    guardedClient.stop()
  }
}
