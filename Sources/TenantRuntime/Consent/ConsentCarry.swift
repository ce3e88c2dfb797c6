import GRDB

/// A person who takes another number (a change, a merge) brings along all that limits what they may be texted: the opt-out, a revocation of
/// one purpose, a question that nobody has decided yet. Written down through the one door for opt-outs, so that a restore knows it too.
extension Consent {
  /// What the new number lacks of what limits the old one.
  static func carried(
    _ db: Database, from old: PhoneNumber, to new: PhoneNumber, method: String, at: Moment
  ) throws -> [Revocation] {
    if try isBlocked(db, new) { return [] }
    func made(_ action: Revocation.Action, _ purpose: Campaign.Purpose? = nil, _ method: String = method) -> Revocation
    {
      Revocation(
        phone: new, action: action, method: method, evidence: "carried over from the person's other number",
        purpose: purpose, at: at)
    }
    if try isBlocked(db, old) || ContactErasure.blocker(db)(old) { return [made(.optOut)] }
    var carried: [Revocation] = []
    for purpose in Campaign.Purpose.allCases
    where try isRevoked(db, old, purpose) && !isRevoked(db, new, purpose) { carried.append(made(.optOut, purpose)) }
    if try OptOutReview.isOpen(db, old), try !OptOutReview.isOpen(db, new) {
      carried.append(made(.review, nil, "carried-\(method)"))
    }
    return carried
  }

  private static func isRevoked(_ db: Database, _ phone: PhoneNumber, _ purpose: Campaign.Purpose) throws -> Bool {
    try ConsentStanding.read(db, phone, purpose: purpose, on: .end).verdict == .revoked
  }

  /// In the transaction of the change: what has come to limit the old number since `carried` was asked.
  static func carryOver(
    _ db: Database, from old: PhoneNumber, to new: PhoneNumber, method: String, at: Moment, _ effects: inout Effects
  ) throws {
    for revocation in try carried(db, from: old, to: new, method: method, at: at) {
      try apply(db, revocation, &effects)
      effects.unlogged.append(revocation)
    }
  }
}

extension Runtime {
  /// Before a number takes the place of another: what limits the old one is logged and held for the new one.
  func carryOver(from old: PhoneNumber, to new: PhoneNumber, method: String) async throws {
    let at = outside.now()
    let carried = try await file.read { db in try Consent.carried(db, from: old, to: new, method: method, at: at) }
    if !carried.isEmpty { try await outside.revocations.append(carried, tenant: lease.tenant) }
  }
}
