import GRDB

/// A person who takes another number (a change, a merge) brings along all that limits what they may be texted: the opt-out, a revocation of
/// one purpose, a question that nobody has decided yet. Written down through the one log of opt-outs, so that a restore knows it too.
extension Consent {
  /// What the new number lacks of what limits the old one.
  static func carried(
    _ db: Database, from old: PhoneNumber, to new: PhoneNumber, method: String, at: Moment
  ) throws -> [Revocation] {
    if try isBlocked(db, new) { return [] }
    func made(_ action: Revocation.Action, _ purpose: CampaignPurpose? = nil, _ method: String = method) -> Revocation {
      Revocation(
        phone: new, action: action, method: method, evidence: "carried over from the person's other number",
        purpose: purpose, at: at)
    }
    if try isBlocked(db, old) || ErasedNumbers.blocker(db)(old) { return [made(.optOut)] }
    var carried: [Revocation] = []
    for purpose in CampaignPurpose.allCases
    where try isRevoked(db, old, purpose) && !isRevoked(db, new, purpose) { carried.append(made(.optOut, purpose)) }
    if try OptOutReview.isOpen(db, old), try !OptOutReview.isOpen(db, new) {
      carried.append(made(.review, nil, "carried-\(method)"))
    }
    return carried
  }

  private static func isRevoked(_ db: Database, _ phone: PhoneNumber, _ purpose: CampaignPurpose) throws -> Bool {
    try ConsentStanding.judge(db, phone, purpose: purpose, on: .end).verdict == .revoked
  }

  /// In the transaction of the change.
  static func carryOver(
    _ db: Database, from old: PhoneNumber, to new: PhoneNumber, method: String, at: Moment, _ effects: inout Effects
  ) throws {
    for revocation in try carried(db, from: old, to: new, method: method, at: at) {
      try apply(db, revocation, &effects)
      try effects.log(db, revocation)
    }
  }

  /// What a person says from a number they have given up, or on a page that was sent there, holds for the number they have now.
  static func followPerson(_ db: Database, _ revocation: Revocation, _ effects: inout Effects) throws {
    // An erasure names every number of its person itself.
    guard revocation.method != ErasedNumbers.method,
      let now = try PersonNumber.current(db, formerly: revocation.phone)
    else { return }
    var followed = revocation
    followed.id = "\(revocation.id)>\(now.digits)"
    followed.phone = now
    followed.method = "number_change"
    // Anyone who decides a review must read what was said.
    if revocation.action != .review { followed.evidence = "said from the person's former number" }
    try apply(db, followed, &effects)
    try effects.log(db, followed)
  }
}
