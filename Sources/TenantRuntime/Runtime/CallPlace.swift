extension Call where Subject == Runtime {
  /// A place of the caller's own, for as long as it is held.
  func place(of kind: KeyPath<Shares, Places>, retryAfterSeconds: Int = 30) throws -> Place {
    let runtime = subject
    guard let place = runtime.dependencies.shares[keyPath: kind].take(tenant: runtime.lease.tenant, key: actor.name)
    else {
      throw Refusal.tooMany(retryAfterSeconds: retryAfterSeconds)
    }
    return place
  }
}
