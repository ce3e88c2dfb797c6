import Synchronization

/// The operator's two lists: where nobody sits, and where thousands share an address.
package struct Networks: Sendable, Equatable {
  package var scanners: NetworkList
  package var carriers: NetworkList

  package init(scanners: NetworkList = NetworkList(), carriers: NetworkList = NetworkList()) {
    self.scanners = scanners
    self.carriers = carriers
  }

  /// A gateway inside a carrier's range is a gateway.
  package func listed(_ address: IPAddress?) -> ListedNetwork? {
    guard let address else { return nil }
    return scanners.contains(address) ? .scanner : carriers.contains(address) ? .carrier : nil
  }

  /// Of an address as a tenant keeps it. What is kept of it may not be enough to ask the lists again: then what was said `before` holds.
  package func listed(kept: String, before: ListedNetwork?) -> ListedNetwork? {
    guard let network = Network(kept) else { return before }
    guard let isScanner = scanners.covers(network) else { return before }
    if isScanner { return .scanner }
    guard let isCarrier = carriers.covers(network) else { return before }
    return isCarrier ? .carrier : nil
  }
}

/// The lists in force; an operator may replace them while the server runs.
package final class KnownNetworks: Sendable {
  private let box: Mutex<Networks>

  package init(_ networks: Networks = Networks()) { box = Mutex(networks) }

  package var now: Networks { box.withLock { $0 } }
  package func replace(_ networks: Networks) { box.withLock { $0 = networks } }
}
