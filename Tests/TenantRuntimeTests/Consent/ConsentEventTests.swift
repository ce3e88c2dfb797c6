import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// A statement is one event, however often and wherever it is read; and it goes with the person to another number.
@Suite struct ConsentEventTests {
  let folder = try! TestFolder()
  let phone = PhoneNumber(digits: 14_158_675_309)!
  let other = PhoneNumber(digits: 14_158_675_310)!

  private func said(
    _ id: String?, _ action: Revocation.Action, _ purpose: CampaignPurpose? = nil, at: Int64
  ) -> Revocation {
    Revocation(
      id: id, phone: phone, action: action, method: "keyword", evidence: "", purpose: purpose,
      at: Moment(milliseconds: at))
  }

  @Test func aRepeatedStartDoesNotUndoALaterStop() async throws {
    let file = try folder.tenantFile()
    let words = [
      said("SM1", .optIn, at: 10), said("SM2", .optOut, at: 20), said("SM1", .optIn, at: 30),
      said("SM2", .optOut, at: 40),
    ]
    let (blocked, rows) = try await file.write { [phone] db in
      for word in words { try Consent.apply(db, word) }
      return (try Consent.isBlocked(db, phone), try Int.fetchOne(db, sql: "SELECT count(*) FROM consents"))
    }
    #expect(blocked)
    #expect(rows == 2)
  }

  @Test func aRepeatedStopDoesNotUndoALaterStart() async throws {
    let file = try folder.tenantFile()
    let words = [said("SM1", .optOut, at: 10), said("SM2", .optIn, at: 20), said("SM1", .optOut, at: 30)]
    let blocked = try await file.write { [phone] db in
      for word in words { try Consent.apply(db, word) }
      return try Consent.isBlocked(db, phone)
    }
    #expect(!blocked)
  }

  @Test func twoStatementsOfOneMomentAboutTwoPurposesBothCount() async throws {
    let file = try folder.tenantFile()
    let words = CampaignPurpose.allCases.map { said(nil, .optOut, $0, at: 10) }
    let allowed = try await file.write { [phone] db in
      for word in words { try Consent.apply(db, word) }
      return try Consent.allowed(db, phone)
    }
    #expect(allowed == .direct)
  }

  @Test func aQuestionThatWasAnsweredIsNotAskedAgain() async throws {
    let file = try folder.tenantFile()
    let open = try await file.write { [self] db -> [Bool] in
      try Consent.apply(db, said("SM1", .review, at: 10))
      let first = try OptOutReview.isOpen(db, phone)
      try OptOutReview.settle(db, phone, optedOut: false, by: "ann", at: Moment(milliseconds: 11))
      try Consent.apply(db, said("SM1", .review, at: 12))
      let again = try OptOutReview.isOpen(db, phone)
      try Consent.apply(db, said("SM2", .review, at: 13))
      return [first, again, try OptOutReview.isOpen(db, phone)]
    }
    #expect(open == [true, false, true])
  }

  /// What is said of the old number, and what the new one may get then.
  @Test(
    arguments: [
      ([], SendGate.Scopes.all, false), ([(Revocation.Action.optOut, nil)], [], false),
      ([(.optOut, .marketing)], [.direct, .informational], false),
      ([(.optOut, .informational)], [.direct, .marketing], false),
      ([(.optOut, nil), (.optIn, .marketing)], [.direct, .marketing], false), ([(.review, nil)], .all, true),
      ([(.optOut, nil), (.optIn, nil)], .all, false),
    ] as [([(Revocation.Action, CampaignPurpose?)], SendGate.Scopes, Bool)])
  func whatLimitsAPersonGoesToTheirOtherNumber(
    _ words: [(Revocation.Action, CampaignPurpose?)], _ allowed: SendGate.Scopes, _ isInReview: Bool
  ) async throws {
    let file = try folder.tenantFile()
    let (scopes, open, logged) = try await file.write { [self] db in
      for (index, word) in words.enumerated() {
        try Consent.apply(db, said(nil, word.0, word.1, at: Int64(10 * index)))
      }
      var effects = Effects()
      let at = Moment(milliseconds: 1_000)
      try Consent.carryOver(db, from: phone, to: other, method: "merge", at: at, &effects)
      let logged = effects.unlogged.count
      try Consent.carryOver(db, from: phone, to: other, method: "merge", at: at, &effects)
      #expect(effects.unlogged.count == logged, "nothing is left to carry")
      return (try Consent.allowed(db, other), try OptOutReview.isOpen(db, other), logged)
    }
    #expect(scopes == allowed)
    #expect(open == isInReview)
    #expect((logged == 0) == (allowed == .all && !isInReview))
  }
}
