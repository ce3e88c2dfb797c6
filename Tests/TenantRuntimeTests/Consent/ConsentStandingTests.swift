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
    let statements: [(Int64, Revocation.Action, String?)] = [
      (10, .optIn, nil), (20, .optOut, "marketing"), (30, .optIn, "marketing"), (40, .optOut, nil), (50, .optIn, nil),
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
    let expected: [(Int64, String, ConsentStanding.Verdict)] = [
      (5, "marketing", .silent), (15, "marketing", .granted), (25, "marketing", .revoked),
      (25, "informational", .granted), (35, "marketing", .granted), (45, "informational", .revoked),
      (55, "marketing", .granted),
    ]
    for (on, purpose, verdict) in expected {
      let read = try await file.read { db in
        try ConsentStanding.read(db, phone, purpose: purpose, on: Moment(milliseconds: on)).verdict
      }
      #expect(read == verdict, "\(purpose) on \(on)")
    }
  }

  @Test func aRevocationOfOnePurposeLeavesTheOther() async throws {
    let file = try folder.tenantFile()
    let phone = phone
    let blocked = try await file.write { db in
      try Consent.apply(
        db,
        Revocation(
          phone: phone, action: .optOut, method: "page", evidence: "", purpose: "marketing", at: Moment(milliseconds: 1)
        ))
      return try Int.fetchOne(db, sql: "SELECT count(*) FROM do_not_contact")
    }
    #expect(blocked == 0)
  }
}
