import Synchronization

/// What all tenants of a process draw on together, where one that takes its time would keep it from others.
package struct Shares: Sendable {
  /// Bodies that are streamed to the disk, or are large enough to fill memory.
  package let uploads: Slots
  /// Answers without an end.
  package let streams: Slots
  /// Deliveries to webhooks that a person asks for and waits for.
  package let askedDeliveries: Slots

  package init(uploads: Int = 64, streams: Int = 2_000) {
    self.uploads = Slots(all: uploads, ofTenant: max(2, uploads / 4), ofKey: max(1, uploads / 8))
    // A person has some pages open at once, and a team is several people.
    self.streams = Slots(all: streams, ofTenant: 60, ofKey: 10)
    askedDeliveries = Slots(all: 32, ofTenant: 8, ofKey: 4)
  }
}

/// So many in all, of one tenant, and of one of its keys. Anyone who finds no slot is refused at once; nobody waits for one.
package final class Slots: Sendable {
  private struct State {
    var taken = 0
    var ofTenant: [String: Int] = [:]
    var ofKey: [String: Int] = [:]
  }

  private let state = Mutex(State())
  let all: Int
  let ofTenant: Int
  let ofKey: Int

  package init(all: Int, ofTenant: Int, ofKey: Int) { (self.all, self.ofTenant, self.ofKey) = (all, ofTenant, ofKey) }

  /// - Parameter key: of the tenant; another tenant's of the same name is another.
  package func take(tenant: String, key: String) -> Slot? {
    let key = "\(tenant)/\(key)"
    let isFree = state.withLock { state in
      guard state.taken < all, state.ofTenant[tenant, default: 0] < ofTenant, state.ofKey[key, default: 0] < ofKey
      else { return false }
      state.taken += 1
      state.ofTenant[tenant, default: 0] += 1
      state.ofKey[key, default: 0] += 1
      return true
    }
    return isFree ? Slot(self, tenant: tenant, key: key) : nil
  }

  fileprivate func giveBack(tenant: String, key: String) {
    state.withLock { state in
      state.taken -= 1
      state.ofTenant[tenant] = state.ofTenant[tenant].flatMap { $0 > 1 ? $0 - 1 : nil }
      state.ofKey[key] = state.ofKey[key].flatMap { $0 > 1 ? $0 - 1 : nil }
    }
  }
}

/// Given back when nobody holds it any more: also when an answer is never written (HEAD, a client that left).
package final class Slot: Sendable {
  private let slots: Slots
  private let tenant: String
  private let key: String

  fileprivate init(_ slots: Slots, tenant: String, key: String) {
    (self.slots, self.tenant, self.key) = (slots, tenant, key)
  }

  deinit { slots.giveBack(tenant: tenant, key: key) }
}
