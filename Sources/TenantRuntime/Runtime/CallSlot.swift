extension Call where Subject == Runtime {
  /// A slot of the caller's own, for as long as it is held.
  func slot(of kind: KeyPath<Shares, Slots>, retryAfterSeconds: Int = 30) throws -> Slot {
    let runtime = subject
    guard let slot = runtime.dependencies.shares[keyPath: kind].take(tenant: runtime.lease.tenant, key: caller.name)
    else {
      throw Refusal.tooMany(retryAfterSeconds: retryAfterSeconds)
    }
    return slot
  }
}

extension Runtime {
  /// A seat among those who are sent what changes; held as long as they look.
  package func streamSeat(of caller: Caller) throws -> Slot {
    guard let slot = dependencies.shares.streams.take(tenant: lease.tenant, key: caller.name) else {
      throw Refusal.tooMany(retryAfterSeconds: 30)
    }
    return slot
  }
}
