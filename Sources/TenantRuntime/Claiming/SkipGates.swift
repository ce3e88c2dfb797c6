import GRDB

/// Gates 3 to 6: whether a person may be texted at all, by what the file says now. The claim asks them before it takes anything; a
/// preview asks the same. A text to one person (a reply, a test, an answer) passes 3 and 4 alone.
struct SkipGates {
  private let purpose: CampaignPurpose?
  private let settings: TenantSettings
  private let rules: [SuppressionRule]
  private let hasReviews: Bool
  private let isErased: (PhoneNumber) throws -> Bool
  private let now: Moment

  init(_ db: Database, purpose: CampaignPurpose?, settings: TenantSettings, now: Moment) throws {
    self.purpose = purpose
    self.now = now
    self.settings = settings
    rules = purpose == nil ? [] : try SuppressionRule.all(db)
    hasReviews = try OptOutReview.anyOpen(db)
    isErased = try ErasedNumbers.blocker(db)
  }

  /// The stored reason of the first gate that does not pass. `row` brings `bad_code` and `do_not_contact` of the phone, and
  /// `contact_phone`, what the contact has now.
  func refusal(_ db: Database, _ row: Row, phone: PhoneNumber, contact: Int64?) throws -> String? {
    if purpose != nil {
      // A job belongs to its contact and to the phone it was frozen with: both must still belong together. Anyone who was deleted since, or
      // has another number now, is not texted: the text was meant for the one who had it. A contact that was deleted and has come back, as
      // when an import is taken back and its mended file read, is the one with that number.
      guard contact != nil, let now = row["contact_phone"] as PhoneNumber? else { return "contact_deleted" }
      if now != phone { return "contact_changed" }
    }
    if (row["bad_code"] as Int64?) != nil { return "invalid_number" }
    if !settings.allowsCountry(of: phone) { return "country" }
    if let reason = row["do_not_contact"] as String? { return reason }
    if try isErased(phone) { return "opted_out" }
    guard let purpose else { return nil }
    // A person decides first whether this was an opt-out.
    if hasReviews, try OptOutReview.isOpen(db, phone) { return "opt_out_review" }
    // A revocation of this purpose alone counts also where consent is not required.
    let standing = try ConsentStanding.judge(db, phone, purpose: purpose, on: now, today: true)
    guard standing.isAllowed(requiringConsent: settings.requireConsent) else { return "no_consent" }
    for rule in rules where try rule.suppresses(db, phone: phone, contact: contact, now: now) { return "suppressed" }
    return nil
  }
}
