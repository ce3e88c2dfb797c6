import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// The ledger's answer on a date, statement by statement.
@Suite struct ConsentStandingTests {
  let folder = try! TestFolder()
  let phone = PhoneNumber(digits: 14_158_675_309)!

  @Test func theLastWordBeforeTheDateCounts() async throws {
    let file = try folder.tenantFile()
    let phone = phone
    let statements: [(Int64, Revocation.Action, CampaignPurpose?)] = [
      (10, .optIn, nil), (20, .optOut, .marketing), (30, .optIn, .marketing), (40, .optOut, nil), (50, .optIn, nil),
    ]
    try await file.write { db in
      for (at, action, purpose) in statements {
        try Consent.apply(
          db,
          Revocation(
            phone: phone, action: action, method: "page", evidence: "seen", purpose: purpose,
            at: Moment(milliseconds: at)))
      }
    }
    let expected: [(Int64, CampaignPurpose, ConsentStanding.Verdict)] = [
      (5, .marketing, .silent), (15, .marketing, .granted), (25, .marketing, .revoked),
      (25, .informational, .granted), (35, .marketing, .granted), (45, .informational, .revoked),
      (55, .marketing, .granted),
    ]
    for (on, purpose, verdict) in expected {
      let read = try await file.read { db in
        try ConsentStanding.read(db, phone, purpose: purpose, on: Moment(milliseconds: on)).verdict
      }
      #expect(read == verdict, "\(purpose) on \(on)")
    }
  }

  /// Import 1 states nothing, 2 says where its people agreed. `a`: an agreement on a page, `r`: taken back, digits: imports.
  struct Imported: Sendable {
    let statements: String
    let verdict: ConsentStanding.Verdict
    let isAllowedWithConsentOnly: Bool
  }

  @Test(arguments: [
    Imported(statements: "", verdict: .silent, isAllowedWithConsentOnly: false),
    Imported(statements: "1", verdict: .granted, isAllowedWithConsentOnly: false),
    Imported(statements: "2", verdict: .granted, isAllowedWithConsentOnly: true),
    Imported(statements: "12", verdict: .granted, isAllowedWithConsentOnly: true),
    Imported(statements: "21", verdict: .granted, isAllowedWithConsentOnly: true),
    Imported(statements: "a1", verdict: .granted, isAllowedWithConsentOnly: true),
    Imported(statements: "1a", verdict: .granted, isAllowedWithConsentOnly: true),
    Imported(statements: "r1", verdict: .revoked, isAllowedWithConsentOnly: false),
    Imported(statements: "ar2", verdict: .revoked, isAllowedWithConsentOnly: false),
    Imported(statements: "1ra", verdict: .granted, isAllowedWithConsentOnly: true),
  ]) func anImportThatStatesNothingIsNoConsentWhereOneIsRequired(_ imported: Imported) async throws {
    let file = try folder.tenantFile()
    let phone = phone
    let standing = try await file.write { db in
      for (id, source) in [(1, nil), (2, "the shop")] {
        try db.execute(
          sql: """
            INSERT INTO import_batches (id, state, mode, file, bytes, options, actor, created_at, consent_source)
            VALUES (?, 'completed', 'commit', 'f', 1, '{}', 'a', 1, ?)
            """, arguments: [id, source])
      }
      for (index, statement) in imported.statements.enumerated() {
        let at = Moment(milliseconds: Int64(index + 1))
        if statement == "a" || statement == "r" {
          try Consent.apply(
            db,
            Revocation(
              phone: phone, action: statement == "a" ? .optIn : .optOut, method: "page", evidence: "seen",
              purpose: .marketing, at: at))
        } else {
          try db.execute(
            sql: """
              INSERT INTO consents (phone, no, at, action, method, import_id)
              SELECT ?1, (SELECT ifnull(max(no), 0) + 1 FROM consents WHERE phone = ?1), ?2, 'grant', 'import', ?3
              """, arguments: [phone, at, Int(String(statement))])
        }
      }
      return try ConsentStanding.read(db, phone, purpose: .marketing, on: Moment(milliseconds: 99))
    }
    #expect(standing.verdict == imported.verdict)
    #expect(standing.isAllowed(requiringConsent: true) == imported.isAllowedWithConsentOnly)
    #expect(standing.isAllowed(requiringConsent: false) == (imported.verdict != .revoked))
  }

  @Test func aRevocationOfOnePurposeLeavesTheOther() async throws {
    let file = try folder.tenantFile()
    let phone = phone
    let blocked = try await file.write { db in
      try Consent.apply(
        db,
        Revocation(
          phone: phone, action: .optOut, method: "page", evidence: "", purpose: .marketing, at: Moment(milliseconds: 1)
        ))
      return try Int.fetchOne(db, sql: "SELECT count(*) FROM do_not_contact")
    }
    #expect(blocked == 0)
  }

  /// The clock was set back between the two, by a second here.
  @Test func whatIsSaidNowCountsBehindWhatWasSaidBeforeWhateverTheClock() async throws {
    let file = try folder.tenantFile()
    let phone = phone
    try await file.write { db in
      let steps: [(Revocation.Action, now: Int64, verdict: ConsentStanding.Verdict)] = [
        (.optIn, 2_000, .granted), (.optOut, 1_000, .revoked), (.optIn, 900, .granted), (.optOut, 5_000, .revoked),
      ]
      for (action, now, verdict) in steps {
        let at = try Consent.saidNow(db, phone, now: Moment(milliseconds: now))
        try Consent.apply(
          db,
          Revocation(
            phone: phone, action: action, method: "staff", evidence: "said so", purpose: .marketing, at: at))
        #expect(try ConsentStanding.judge(db, phone, purpose: .marketing, on: .end).verdict == verdict, "\(now)")
        // As a claim asks, at that time.
        let gates = try SkipGates(
          db, purpose: .marketing, settings: TenantSettings(), now: Moment(milliseconds: now + 1))
        let row = try #require(
          try Row.fetchOne(
            db, sql: "SELECT ? AS contact_phone, NULL AS bad_code, NULL AS do_not_contact", arguments: [phone]))
        let refusal = try gates.refusal(db, row, phone: phone, contact: 1)
        #expect(refusal == (verdict == .revoked ? "no_consent" : nil), "\(now)")
      }
      // An import's list may say anything about its time.
      try db.execute(
        sql: "INSERT INTO consents (phone, no, at, action, method) VALUES (?, 9, 9000000, 'grant', 'import')",
        arguments: [phone])
      #expect(try Consent.saidNow(db, phone, now: Moment(milliseconds: 6_000)).milliseconds == 6_000)
    }
  }

  @Test func aGrantFromBeforeTheOptOutBringsNobodyBack() async throws {
    let file = try folder.tenantFile()
    let phone = phone
    let steps: [(Revocation.Action, at: Int64, blocked: Bool)] = [
      (.optOut, 20, true), (.optIn, 10, true), (.optIn, 20, true), (.optIn, 30, false), (.optOut, 40, true),
    ]
    for (action, at, blocked) in steps {
      let after = try await file.write { db in
        try Consent.apply(
          db,
          Revocation(phone: phone, action: action, method: "paper", evidence: "signed", at: Moment(milliseconds: at)))
        return try Consent.isBlocked(db, phone)
      }
      #expect(after == blocked, "\(action) of \(at)")
    }
    let now = try await file.read { db in
      try ConsentStanding.read(db, phone, purpose: .marketing, on: Moment(milliseconds: 35)).verdict
    }
    #expect(now == .granted)
  }

  @Test func theOptOutOfANumberHoldsForTheOneThatTakesItsPlace() async throws {
    let file = try folder.tenantFile()
    let (phone, new) = (phone, PhoneNumber(digits: 14_158_675_310)!)
    let blocked = try await file.write { db in
      let id = try Contact.upsert(db, phone: phone, Contact.Values(), importID: nil, at: Moment(milliseconds: 1)).id
      try Consent.apply(
        db, Revocation(phone: phone, action: .optOut, method: "page", evidence: "", at: Moment(milliseconds: 2)))
      var edit = Contact.Edit()
      edit.phone = new
      var effects = Effects()
      _ = try edit.apply(db, to: id, at: Moment(milliseconds: 3), &effects)
      return try Consent.isBlocked(db, new)
    }
    #expect(blocked)
  }
}
