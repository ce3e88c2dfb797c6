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

  /// Those of whom file or memory knows that nothing may be texted to them, and who are not about to come back.
  private func optedOut(_ phones: [PhoneNumber], of tenant: String) async throws -> Set<PhoneNumber> {
    let gate = gate(of: tenant)
    var known = Set(phones.filter { gate.isHeld($0) })
    if routing.tenants[tenant]?.isOpenable == true {
      known.formUnion(
        try await open.with(tenant) { runtime in
          try await runtime.file.read { db in try phones.filter { try Consent.isBlocked(db, $0) } }
        })
    }
    return known.filter { !gate.isReturning($0) }
  }
}
