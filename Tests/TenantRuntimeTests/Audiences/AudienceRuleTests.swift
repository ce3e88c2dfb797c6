import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Each condition against a small town of contacts, by the compiled SQL.
@Suite struct AudienceRuleTests {
  let folder = try! TestFolder()
  let now = Moment(milliseconds: 1_800_000_000_000)

  /// 1 Ada (vip, Rome, 41), 2 Bob (Oslo, opted out), 3 Eve (no city, texted yesterday by campaign 1, clicked and answered).
  private func town() async throws -> SQLiteFile {
    let file = try folder.tenantFile()
    let now = now
    try await file.write { db in
      for (number, name, city, age, tags) in [
        (1, "Ada", "Rome", "41", ["vip"]), (2, "Bob", "Oslo", "7", []), (3, "Eve", nil, "100", []),
      ] as [(Int64, String, String?, String, [String])] {
        var values = Contact.Values()
        values.firstName = name
        values.fields = ["age": age]
        values.fields["city"] = city
        values.tags = tags
        _ = try Contact.upsert(
          db, phone: PhoneNumber(digits: 14_158_675_300 + number)!, values, importID: number == 1 ? 12 : nil, at: now)
      }
      try Consent.apply(
        db,
        Revocation(phone: PhoneNumber(digits: 14_158_675_302)!, action: .optOut, method: "api", evidence: "", at: now))
      try db.execute(
        sql: """
          INSERT INTO campaigns (name, body, purpose, state, audience, numbers, created_by, created_at)
          VALUES ('c', 'b', 'marketing', 'completed', '{"all":true}', '[]', 't', 0);
          INSERT INTO send_jobs (kind, campaign_id, contact_id, phone, state, attempt, claimed_at, clicked_at)
          VALUES ('campaign', 1, 3, 14158675303, 'delivered', 1, \(now.milliseconds - 86_400_000), 5);
          INSERT INTO messages (direction, phone, number, body, campaign_id, at) VALUES ('in', 14158675303, 1, 'yes', 1, 5);
          """)
    }
    return file
  }

  private static let cases: [(String, [Int64])] = [
    (#"{"all": true}"#, [1, 2, 3]), (#"{"tag": "VIP"}"#, [1]), (#"{"not": {"tag": "vip"}}"#, [2, 3]),
    (#"{"field": "city", "is": "rome"}"#, [1]), (#"{"field": "city", "is_not": "Rome"}"#, [2, 3]),
    (#"{"field": "city", "blank": true}"#, [3]), (#"{"field": "city", "blank": false}"#, [1, 2]),
    (#"{"field": "city", "contains": "S"}"#, [2]), (#"{"field": "first_name", "starts_with": "e"}"#, [3]),
    (#"{"field": "age", "more_than": 40}"#, [1, 3]), (#"{"field": "age", "less_than": 10}"#, [2]),
    (#"{"not": {"field": "city", "is": "Rome"}}"#, [2, 3]), (#"{"import": 12}"#, [1]),
    (#"{"do_not_contact": true}"#, [2]), (#"{"do_not_contact": false}"#, [1, 3]), (#"{"texted": 1}"#, [3]),
    (#"{"received": 1}"#, [3]), (#"{"clicked": 1}"#, [3]), (#"{"replied": 1}"#, [3]), (#"{"failed": 1}"#, []),
    (#"{"not_texted_days": 1}"#, [1, 2]), (#"{"not_texted_days": 2}"#, [1, 2]),
    (#"{"all": [{"field": "age", "more_than": 10}, {"not": {"texted": 1}}]}"#, [1]),
    (#"{"any": [{"tag": "vip"}, {"do_not_contact": true}]}"#, [1, 2]), (#"{"consent": "marketing"}"#, []),
  ]

  @Test func everyConditionPicksWhomItMeans() async throws {
    let file = try await town()
    let now = now
    for (text, wanted) in Self.cases {
      let picked = try await file.read { db in
        let rule = try AudienceRule(try JSON(parsing: text), at: "rule")
        #expect(try AudienceRule(rule.json, at: "rule") == rule, "\(text) is written as it is read")
        let compiled = try rule.compiled(db, now: now)
        for contact in Int64(1)...3 {
          let told = try AudienceExplanation.explain(db, rule, contact: contact, now: now)
          #expect(told["in"] == .bool(wanted.contains(contact)), "\(text) explained for \(contact)")
        }
        let counted = try AudienceCount.take(db, rule, now: now)
        #expect(counted.count == Int64(wanted.count) && counted.isExact, "\(text) counted")
        return try Int64.fetchAll(
          db, sql: "SELECT c.id FROM contacts c WHERE \(compiled.sql) ORDER BY c.id", arguments: compiled.arguments)
      }
      // Texted 24 hours ago is within a day, and within two.
      #expect(picked == wanted, "\(text)")
    }
  }

  @Test(arguments: [
    (#"{}"#, "rule"), (#"[]"#, "rule"), (#"{"tag": ""}"#, "rule.tag"), (#"{"colour": 1}"#, "rule.colour"),
    (#"{"all": []}"#, "rule.all"), (#"{"all": [{"tag": "a"}, {"tag": 1}]}"#, "rule.all[1].tag"),
    (#"{"field": "city"}"#, "rule"), (#"{"field": "x'); --", "is": "1"}"#, "rule.field"),
    (#"{"field": "age", "more_than": "old"}"#, "rule.more_than"), (#"{"tag": "a", "import": 1}"#, "rule"),
    (#"{"not": {"not": {"not": {"not": {"not": {"not": {"tag": "a"}}}}}}}"#, "rule.not.not.not.not.not.not"),
  ])
  func aRuleThatIsNoneIsRefusedByItsPlace(_ text: String, _ path: String) throws {
    #expect {
      _ = try AudienceRule(try JSON(parsing: text), at: "rule")
    } throws: { error in
      guard case Refusal.invalid(let errors) = error else { return false }
      return errors.map(\.field) == [path]
    }
  }

  /// A former release took times that there are not.
  @Test func aStoredRuleThatIsNotTakenAnyMoreStopsNothingAndPicksNobody() async throws {
    let file = try await town()
    let old = #"{"field":"created_at","before":"2024-01-01T12:99:00Z"}"#
    #expect(throws: Refusal.self) { try AudienceRule(JSON(parsing: old), at: "rule") }
    let now = now
    try await file.write { db in
      try db.execute(
        sql: "INSERT INTO audiences (name, rule, created_by, created_at, updated_at) VALUES ('Early', ?, 't', 0, 0)",
        arguments: [old])
      try db.execute(
        sql: """
          INSERT INTO campaigns (name, body, purpose, state, audience, exclude, numbers, created_by, created_at)
          VALUES ('d', 'b', 'marketing', 'starting', '{"all":true}', '[' || ? || ']', '[14155550100]', 't', 0)
          """, arguments: [old])
      let audience = try #require(try Audience.all(db, after: 0, limit: 5).first)
      #expect(audience.rule.json.serialized == old)
      #expect(throws: Refusal.self) { try audience.rule.compiled(db, now: now) }
      #expect(throws: Refusal.self) { try AudienceRule.not(.saved(audience.id)).compiled(db, now: now) }
      _ = try LaunchWorker.freezeOne(db, zone: "UTC", at: now)
      let held = try Campaign.find(db, id: 2)
      #expect(held.state == .paused && held.pauseReason?.contains("choose anew") == true)
      #expect(held.exclude.map(\.json.serialized) == [old])
      // It stays ticked in the draft's form, so that saving it takes nobody's exclusion away.
      #expect(try CampaignChoices(db, Words.plain(.en, now: now)).choice(old)?.value == old)
      // Other audiences are changed, and this one is mended, whatever else is not taken.
      let other = try Audience.create(db, name: "Late", rule: .everyone, actor: "t", at: now)
      try db.execute(
        sql: "UPDATE campaigns SET state = 'draft', audience = ?", arguments: [#"{"id":\#(audience.id)}"#])
      _ = try other.change(db, name: "Later", rule: .tag("vip"), at: now)
      _ = try audience.change(db, name: "Early", rule: .tag("vip"), at: now)
      #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM send_jobs WHERE campaign_id = 2") == 0)
    }
  }

  @Test func audiencesThatReferToEachOtherAreRefused() async throws {
    let file = try folder.tenantFile()
    let now = now
    await #expect(throws: Refusal.self) {
      try await file.write { db in
        let one = try Audience.create(db, name: "one", rule: .tag("a"), actor: "t", at: now)
        let two = try Audience.create(db, name: "two", rule: .saved(one.id), actor: "t", at: now)
        _ = try one.change(db, name: "one", rule: .not(.saved(two.id)), at: now)
      }
    }
  }

  @Test func audiencesThatMultiplyEachOtherAreRefused() async throws {
    let file = try folder.tenantFile()
    let now = now
    await #expect(throws: Refusal.self) {
      try await file.write { db in
        var id = try Audience.create(db, name: "0", rule: .tag("a"), actor: "t", at: now).id
        for level in 1...5 {
          let rule = AudienceRule.any(Array(repeating: .saved(id), count: 8))
          id = try Audience.create(db, name: "\(level)", rule: rule, actor: "t", at: now).id
        }
      }
    }
  }

  @Test(arguments: [
    AudienceRule.imported(9), .engagement(.texted, campaign: 9), .field("nope", .differs, "x"), .saved(9),
    .not(.any([.everyone, .field("phone", .equals, "1")])),
  ])
  func aRuleAboutWhatIsNotThereIsRefused(_ rule: AudienceRule) async throws {
    let file = try folder.tenantFile()
    await #expect(throws: Refusal.self) { try await file.read { db in try rule.check(db) } }
  }

  @Test func lettersAreTheSameInUpperAndLowerCaseBeyondASCII() async throws {
    let file = try folder.tenantFile()
    let now = now
    let found = try await file.write { db in
      var values = Contact.Values()
      values.firstName = "ZOË"
      _ = try Contact.upsert(db, phone: PhoneNumber(digits: 14_158_675_309)!, values, importID: nil, at: now)
      return try [AudienceRule.Comparison.equals, .contains, .startsWith].map { comparison in
        try AudienceCount.take(db, .field("first_name", comparison, "zoë"), now: now).count
      }
    }
    #expect(found == [1, 1, 1])
  }

  /// What is asked for now and done later is written down without the audiences it names, for they may be edited meanwhile.
  @Test func aRuleWithItsAudiencesFilledInIsReadAgainWhateverItsLength() throws {
    let file = try folder.tenantFile()
    try file.writeNow { db in
      var inner = #"{"tag": "vip"}"#
      for id in 1...3 {
        for _ in 0..<3 { inner = #"{"not": \#(inner)}"# }
        let many = Array(repeating: #"{"tag": "x"}"#, count: 40).joined(separator: ", ")
        try db.execute(
          sql: "INSERT INTO audiences (id, name, rule, created_by, created_at, updated_at) VALUES (?, ?, ?, 't', 0, 0)",
          arguments: [id, "a\(id)", #"{"all": [\#(inner), \#(many)]}"#])
        inner = #"{"id": \#(id)}"#
      }
      let rule = try AudienceRule.saved(3).resolved(db)
      #expect(throws: Refusal.self) { try AudienceRule(rule.json, at: "rule") }
      #expect(try AudienceRule(resolved: rule.json) == rule)
    }
  }

  /// A rule that is taken can be read back and compiled, wherever it stands; what is nested deeper is refused when it is said.
  @Test(arguments: [
    AudienceRule.everyone, .tag("vip"), .imported(1), .field("city", .contains, "a%"), .field("age", .more, "40"),
    .field("created_at", .before, "2026-01-01"), .field("phone", .startsWith, "+1"), .consent("marketing"),
    .doNotContact(false), .engagement(.clicked, campaign: 1), .engagement(.failed, campaign: 1), .texted(days: 30),
    .notTexted(days: 30),
  ])
  func theDeepestRuleCompilesAndADeeperOneIsRefused(_ leaf: AudienceRule) async throws {
    let file = try await town()
    let shapes: [(Int, AudienceRule) -> AudienceRule] = [
      { _, rule in .not(rule) }, { _, rule in .all([.tag("x"), rule]) }, { _, rule in .any([rule, .tag("x")]) },
      { level, rule in level % 2 == 0 ? .not(rule) : .all([.tag("x"), rule, .tag("y")]) },
    ]
    try file.readNow { [now] db in
      for shape in shapes {
        let deepest = (1..<AudienceRule.deepestTogether).reduce(leaf) { rule, level in shape(level, rule) }
        let resolved = try deepest.resolved(db)
        #expect(try AudienceRule(resolved: JSON(parsing: resolved.json.serialized)) == resolved)
        let compiled = try deepest.compiled(db, now: now)
        _ = try db.makeStatement(
          sql: """
            INSERT INTO send_jobs (kind, campaign_id, contact_id, phone, variant, state)
            SELECT 'campaign', 1, c.id, c.phone, 0, 'queued' FROM contacts c WHERE c.id > 1 AND (\(compiled.sql)) ORDER BY c.id
            """)
        #expect(throws: Refusal.self) { try shape(0, deepest).check(db) }
      }
    }
  }

  @Test func anAudienceByWhichACampaignPicksItsPeopleIsNotChangedMeanwhile() async throws {
    let file = try await town()
    try file.writeNow { [now] db in
      let inner = try Audience.create(db, name: "inner", rule: .tag("vip"), actor: "t", at: now)
      let outer = try Audience.create(db, name: "outer", rule: .not(.saved(inner.id)), actor: "t", at: now)
      _ = try Audience.create(db, name: "other", rule: .everyone, actor: "t", at: now)
      try db.execute(
        sql: """
          INSERT INTO campaigns (id, name, body, purpose, state, audience, exclude, numbers, created_by, created_at)
          VALUES (2, 'Spring', 'b', 'marketing', 'scheduled', '{"all":true}', '[{"id":\(outer.id)}]', '[]', 't', 0)
          """)
      func change(_ audience: Audience, _ rule: AudienceRule? = nil) throws {
        _ = try Audience.find(db, id: audience.id).change(db, name: "renamed", rule: rule ?? audience.rule, at: now)
      }
      // Nobody is picked yet.
      try change(inner, .tag("x"))
      for (state, cursor) in [("starting", 0), ("starting", 1), ("paused", 1)] {
        try db.execute(
          sql: "UPDATE campaigns SET freeze_cursor = ?, state = ? WHERE id = 2", arguments: [cursor, state])
        #expect(throws: Refusal.self) { try change(inner, .tag("y")) }
        #expect(throws: Refusal.self) { try change(outer, .everyone) }
        try change(inner, .tag("x"))
      }
      try db.execute(sql: "UPDATE campaigns SET frozen = 1 WHERE id = 2")
      try change(inner, .tag("y"))
    }
  }
}
