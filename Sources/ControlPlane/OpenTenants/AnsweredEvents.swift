package import TenantRuntime

/// Takes what the outside world is answered for: it is on disk in the intake, and known to the outgoing thread, before the answer.
package final class AnsweredEvents: RevocationLog {
  private let intake: any IntakeLog
  private let memory: TenantMemory
  private let http: any OutboundHTTP
  private let routing: CurrentRouting
  private let open: OpenTenants
  private let turns: Turns

  /// - Parameter turns: the same for all that take opt-outs of one tenant.
  init(
    intake: any IntakeLog, memory: TenantMemory, http: any OutboundHTTP, routing: CurrentRouting, turns: Turns,
    open: OpenTenants
  ) {
    (self.intake, self.memory, self.http, self.routing) = (intake, memory, http, routing)
    (self.turns, self.open) = (turns, open)
  }

  /// Takes one webhook, opt-out or hit. Once the answer is nil, it may be answered: its row is on disk, and after an opt-out (or
  /// what reads as one) no text to that person that it forbids begins any more. Called on the intake's thread, or on the outgoing one.
  package func accept(_ event: IntakeEvent, tenant: String, then answer: @escaping @Sendable (Refusal?) -> Void) {
    intake.append(event, tenant: tenant) { [self] result in
      switch result {
      case .failure(let refusal): answer(refusal)
      case .success(let id):
        let mayBeLeaving = event.revocation.map { memory.gate(of: tenant).hold($0, id: id) } ?? false
        if mayBeLeaving { http.afterPendingSends { answer(nil) } } else { answer(nil) }
      }
    }
  }

  package func accept(_ event: IntakeEvent, tenant: String) async throws {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      accept(event, tenant: tenant) { refusal in
        if let refusal { done.resume(throwing: refusal) } else { done.resume() }
      }
    }
  }

  // MARK: Revocations

  /// A list of a hundred thousand opt-outs leaves room for webhooks between its commits.
  private static let revocationsTogether = 2_000

  /// One log for every way to revoke: on disk, known to the outgoing thread, then applied.
  package func append(_ revocations: [Revocation], tenant: String) async throws {
    let gate = memory.gate(of: tenant)
    for start in stride(from: 0, to: revocations.count, by: Self.revocationsTogether) {
      let group = revocations[start..<min(start + Self.revocationsTogether, revocations.count)]
      let ids = try await intake.append(group.map { IntakeEvent.revocation($0) }, tenant: tenant)
      var mayBeLeaving = false
      for (revocation, id) in zip(group, ids) { mayBeLeaving = gate.hold(revocation, id: id) || mayBeLeaving }
      if mayBeLeaving { await withCheckedContinuation { done in http.afterPendingSends { done.resume() } } }
    }
    // What is said while the file is away is applied when it comes back; it holds already.
    if isOpenable(tenant) { try await open.catchUp(tenant) }
  }

  package func forgetWords(of numbers: [PersonNumber], tenant: String) async throws {
    try await intake.forgetWords(of: numbers, tenant: tenant)
  }

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
    let gate = memory.gate(of: tenant)
    // Asked before anything else is read: an opt-in that is applied meanwhile leaves nothing of itself in the gate, and what was read before it
    // would count as said already.
    let returning = Set(phones.filter { gate.isReturning($0) })
    var known = Set(phones.filter { gate.isHeld($0) })
    if isOpenable(tenant) {
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

  private func isOpenable(_ tenant: String) -> Bool { routing.current.tenants[tenant]?.isOpenable == true }
}
