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

  /// Of the statement that decides.
  private var no: Int64?

  /// Of a statement `c` and its upload `b`: where an import made it, nobody has said where or to what its people agreed.
  static let saysNothing = "coalesce(c.evidence, b.consent_source, b.consent_wording, b.consent_at) IS NULL"

  /// Reads the statements up to a date in the order they were made, which is not the order they were written down. The last one counts; an import's
  /// attestation of the past never lifts a revocation, and one that was undone by then says nothing. Without the statement itself: a claim asks this of
  /// everybody.
  /// - Parameter today: The date is now, so all that people have said counts: the clock may have been set back since. Of lists, which may hold
  ///   any date, what is not to come.
  static func judge(
    _ db: Database, _ phone: PhoneNumber, purpose: CampaignPurpose, on date: Moment, today: Bool = false
  ) throws -> ConsentStanding {
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT c.no, c.action = 'grant', c.method = 'import', \(saysNothing) FROM consents c LEFT JOIN import_batches b ON b.id = c.import_id
          WHERE c.phone = ?1 AND (c.at <= ?2 OR ?4 AND c.method <> 'import') AND (c.purpose IS NULL OR c.purpose = ?3)
          AND (b.undone_at IS NULL OR b.undone_at > ?2) ORDER BY c.at, c.no
          """), arguments: [phone, date, purpose.rawValue, today])
    var standing = ConsentStanding(verdict: .silent)
    while let row = try rows.next() {
      let isGrant: Bool = row[1]
      let isImport = isGrant && row[2]
      if isImport, standing.verdict == .revoked { continue }
      let isBare = isImport && row[3]
      // It adds nothing to what the person has agreed to before.
      if isBare, standing.verdict == .granted { continue }
      standing = ConsentStanding(verdict: isGrant ? .granted : .revoked, isBareImport: isBare, no: row[0])
    }
    return standing
  }

  /// The same with the statement that decides.
  static func read(
    _ db: Database, _ phone: PhoneNumber, purpose: CampaignPurpose, on date: Moment, today: Bool = false
  ) throws -> ConsentStanding {
    var standing = try judge(db, phone, purpose: purpose, on: date, today: today)
    guard let no = standing.no else { return standing }
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM \(ConsentRoutes.statements) WHERE phone = ? AND no = ?"),
      arguments: [phone, no])
    standing.decisive = row.map(ConsentRoutes.consent) ?? .null
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
      case .granted where isBareImport:
        "an import brought this number and states no consent, and this tenant does not require consent"
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
