package import TenantRuntime

extension ControlPlane {
  /// Opt-outs that are pressed and sent by machines, so perhaps many times at once: the second of one person looks when the first is written.
  package func appendNews(_ optOuts: [Revocation], tenant: String) async throws {
    let who = optOuts.count == 1 ? "\(optOuts[0].phone)" : "a list"
    try await turns.take("opt-out \(tenant) \(who)") { [self] in
      let known = try await optedOut(optOuts.map(\.phone), of: tenant)
      let news = optOuts.filter { !$0.isOfEverything || !known.contains($0.phone) }
      if !news.isEmpty { try await append(news, tenant: tenant) }
    }
  }

  /// Some twenty milliseconds of a tenant's lane.
  private static let lookedUpTogether = 2_000

  /// Those of whom file or memory knows that nothing may be texted to them, and who are not about to come back.
  private func optedOut(_ phones: [PhoneNumber], of tenant: String) async throws -> Set<PhoneNumber> {
    let gate = gate(of: tenant)
    // Asked before anything else is read: an opt-in that is applied meanwhile leaves nothing of itself in the gate, and what was read before it
    // would count as said already.
    let returning = Set(phones.filter { gate.isReturning($0) })
    var known = Set(phones.filter { gate.isHeld($0) })
    if routing.tenants[tenant]?.isOpenable == true {
      known = try await open.with(tenant) { [known] runtime in
        var found: Set<PhoneNumber> = []
        for start in stride(from: 0, to: phones.count, by: Self.lookedUpTogether) {
          let some = phones[start..<min(start + Self.lookedUpTogether, phones.count)]
          found.formUnion(
            try await runtime.file.read { db in
              let holds = { (phone: PhoneNumber) in try known.contains(phone) || Consent.isBlocked(db, phone) }
              // What is said from a former number holds for the present one, too.
              return try some.filter { try holds($0) && PersonNumber.current(db, formerly: $0).map(holds) ?? true }
            })
        }
        return found
      }
    }
    return known.filter { !returning.contains($0) && !gate.isReturning($0) }
  }
}
