import GRDB

/// What was allowed to a number on a date, and why: the ledger's answer.
struct ConsentStanding: Sendable {
  enum Verdict: String, Sendable {
    case granted, revoked
    /// Nobody has said anything.
    case silent
  }

  var verdict: Verdict
  /// The statement that decides, as the API shows it.
  var decisive: JSON = .null
  /// Granted by nothing but an import that says neither where nor to what its people agreed: enough where no consent is required.
  var isBareImport = false

  func isAllowed(requiringConsent: Bool) -> Bool {
    switch verdict {
    case .granted: !(requiringConsent && isBareImport)
    case .revoked: false
    case .silent: !requiringConsent
    }
  }

  private static let attestation = ["evidence", "consent_source", "consent_wording", "consent_at"]

  /// Reads the statements up to a date in the order they were made, which is not the order they were written down. The last one counts; an import's attestation of the past never lifts a revocation,
  /// and one that was undone by then says nothing.
  static func read(_ db: Database, _ phone: PhoneNumber, purpose: CampaignPurpose, on date: Moment) throws
    -> ConsentStanding
  {
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT c.*, b.consent_source, b.consent_wording, b.consent_at FROM consents c LEFT JOIN import_batches b ON b.id = c.import_id
          WHERE c.phone = ?1 AND c.at <= ?2 AND (c.purpose IS NULL OR c.purpose = ?3)
          AND (b.undone_at IS NULL OR b.undone_at > ?2) ORDER BY c.at, c.no
          """), arguments: [phone, date, purpose.rawValue])
    var standing = ConsentStanding(verdict: .silent)
    for row in rows {
      let isGrant = row["action"] as String == "grant"
      let isImport = isGrant && row["method"] as String == "import"
      if isImport, standing.verdict == .revoked { continue }
      let isBare = isImport && Self.attestation.allSatisfy { (row[$0] as DatabaseValue).isNull }
      // It adds nothing to what the person has agreed to before.
      if isBare, standing.verdict == .granted { continue }
      standing = ConsentStanding(
        verdict: isGrant ? .granted : .revoked, decisive: ConsentRoutes.consent(row), isBareImport: isBare)
    }
    return standing
  }

  /// A date means its end, by UTC.
  static func end(of day: String) -> Moment? {
    guard ContactField.Kind.isDate(day) else { return nil }
    return Moment(iso8601: day + "T00:00:00Z")?.advanced(byMilliseconds: 86_399_999)
  }

  func json(requiresConsent: Bool) -> JSON {
    let why: String =
      switch verdict {
      case .granted where requiresConsent && isBareImport:
        "an import brought this number and states no consent, and this tenant texts with consent only"
      case .granted: "the last statement before that date is a grant"
      case .revoked: "the last statement before that date is a revocation"
      case .silent where requiresConsent: "nobody has stated anything, and this tenant texts with consent only"
      case .silent: "nobody has stated anything, and this tenant does not require consent"
      }
    return [
      "allowed": .bool(isAllowed(requiringConsent: requiresConsent)), "standing": .text(verdict.rawValue),
      "why": .text(why),
      "statement": decisive,
    ]
  }
}
