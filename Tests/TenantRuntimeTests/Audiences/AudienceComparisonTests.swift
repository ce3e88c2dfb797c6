import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Every comparison with every type of value, over rows that tell them apart.
@Suite struct AudienceComparisonTests {
  let folder = try! TestFolder()

  /// Of 1, 2 and 3; the third has none of the fields.
  private static let people: [(created: String, fields: [String: String])] = [
    ("2026-11-20T10:00:00Z", ["city": "Rome", "age": "12.50", "born": "2026-11-20", "vip": "true"]),
    ("2026-11-23T00:00:00Z", ["city": "Oslo", "age": "7", "born": "2026-11-23", "vip": "false"]),
    ("2026-11-24T23:59:59Z", [:]),
  ]

  private static let cases: [(field: String, comparison: String, value: String, picked: [Int64])] = [
    ("city", "is", #""ROME""#, [1]), ("city", "is_not", #""Rome""#, [2, 3]), ("city", "contains", #""o""#, [1, 2]),
    ("city", "starts_with", #""o""#, [2]), ("city", "before", #""2026-11-23""#, []),
    ("city", "after", #""2026-11-23""#, [1, 2]),
    ("city", "blank", "true", [3]), ("city", "blank", "false", [1, 2]),
    ("age", "is", "12.5", [1]), ("age", "is", "7.0", [2]), ("age", "is_not", "7", [1, 3]),
    ("age", "contains", #""2.5""#, [1]),
    ("age", "starts_with", #""7""#, [2]), ("age", "more_than", "7", [1]), ("age", "less_than", "12.5", [2]),
    ("age", "blank", "true", [3]),
    ("born", "is", #""2026-11-23""#, [2]), ("born", "is_not", #""2026-11-23""#, [1, 3]),
    ("born", "contains", #""-11-""#, [1, 2]),
    ("born", "starts_with", #""2026-11-2""#, [1, 2]), ("born", "before", #""2026-11-23""#, [1]),
    ("born", "after", #""2026-11-20""#, [2]), ("born", "before", #""2026-11-23T12:00:00Z""#, [1]),
    ("born", "blank", "false", [1, 2]),
    ("vip", "is", "true", [1]), ("vip", "is", #""Yes""#, [1]), ("vip", "is", "false", [2]),
    ("vip", "is_not", "true", [2, 3]),
    ("vip", "blank", "true", [3]),
    ("created_at", "is", #""2026-11-20""#, [1]), ("created_at", "is", #""2026-11-23T00:00:00Z""#, [2]),
    ("created_at", "is_not", #""2026-11-20""#, [2, 3]), ("created_at", "contains", #""-23t""#, [2]),
    ("created_at", "starts_with", #""2026-11-2""#, [1, 2, 3]), ("created_at", "before", #""2026-11-23""#, [1]),
    ("created_at", "after", #""2026-11-23""#, [3]), ("created_at", "after", #""2026-11-20T09:59:59Z""#, [1, 2, 3]),
    ("created_at", "blank", "true", []), ("created_at", "blank", "false", [1, 2, 3]),
  ]

  @Test func eachPicksWhomItMeansAndItsNegationTheOthers() async throws {
    let file = try folder.tenantFile()
    try await file.write { db in
      let kinds: [(String, ContactField.Kind)] = [
        ("city", .text), ("age", .number), ("born", .date), ("vip", .boolean),
      ]
      try ContactField.define(db, kinds.map { ContactField(name: $0.0, kind: $0.1) }, at: Moment(milliseconds: 0))
      for (index, person) in Self.people.enumerated() {
        var values = Contact.Values()
        values.fields = person.fields
        let phone = try #require(PhoneNumber(digits: 14_158_675_301 + Int64(index)))
        _ = try Contact.upsert(
          db, phone: phone, values, importID: nil, at: try #require(Moment(iso8601: person.created)))
      }
    }
    for (field, comparison, value, wanted) in Self.cases {
      let text = #"{"field": "\#(field)", "\#(comparison)": \#(value)}"#
      for (rule, expected) in [(text, wanted), (#"{"not": \#(text)}"#, [1, 2, 3].filter { !wanted.contains($0) })] {
        let picked = try await file.read { db in
          let compiled = try AudienceRule(try JSON(parsing: rule), at: "rule").compiled(
            db, now: Moment(milliseconds: 0))
          return try Int64.fetchAll(
            db, sql: "SELECT c.id FROM contacts c WHERE \(compiled.sql) ORDER BY c.id", arguments: compiled.arguments)
        }
        #expect(picked == expected, "\(rule)")
      }
    }
  }

  @Test(arguments: [
    #""more_than": 5"#, #""less_than": 5"#, #""is": "Rome""#, #""is_not": "Rome""#, #""before": "soon""#,
  ])
  func aTimeIsNotComparedWithSomethingElse(_ comparison: String) throws {
    let rule = try JSON(parsing: #"{"field": "created_at", \#(comparison)}"#)
    #expect(throws: Refusal.self) { try AudienceRule(rule, at: "rule") }
  }
}
