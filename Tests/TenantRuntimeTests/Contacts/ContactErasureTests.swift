import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Every place of a tenant's file that holds something of a person, by an example of two people: after one is erased nothing of them is
/// left, and every row of the other is as it was.
@Suite struct ContactErasureTests {
  let folder = try! TestFolder()
  let now = Moment(milliseconds: 1_800_000_000_000)

  /// Statements that write something of a person; `:id` is 1 or 2, `:phone` their number, `:mark` stands for every word of theirs.
  private static let places: [(table: String, columns: Set<String>, sql: String)] = [
    (
      "contacts", ["phone", "first_name", "last_name", "email", "fields", "time_zone", "language", "notes"],
      """
      INSERT INTO contacts (id, phone, first_name, last_name, email, fields, time_zone, language, notes, created_at, updated_at)
      VALUES (:id, :phone, :mark, :mark, :mark || '@x.test', '{"town":"' || :mark || '"}', :mark, :mark, :mark, 1, 1)
      """
    ),
    (
      "consents", ["phone", "evidence", "source", "address", "event"],
      """
      INSERT INTO consents (phone, no, at, action, method, evidence, source, address, event)
      VALUES (:phone, 1, 1, 'grant', 'paper', :mark, :mark, :mark, :mark)
      """
    ),
    ("do_not_contact", ["phone"], "INSERT INTO do_not_contact VALUES (:phone, 'opted_out', 'keyword', 1)"),
    ("bad_numbers", ["phone"], "INSERT INTO bad_numbers VALUES (:phone, 30006, 1, 2, 1)"),
    (
      "unlogged_revocations", ["revocation"],
      "INSERT INTO unlogged_revocations (revocation) VALUES ('{\"phone\":' || :phone || ',\"evidence\":\"' || :mark || '\"}')"
    ),
    (
      "opt_out_reviews", ["phone", "event", "text"],
      "INSERT INTO opt_out_reviews (phone, event, rule, text, at, due_at) VALUES (:phone, :mark, 'r', :mark, 1, 2)"
    ),
    (
      "import_batches", ["choices", "difference"],
      """
      INSERT INTO import_batches (id, state, mode, file, bytes, options, choices, difference, actor, created_at)
      VALUES (:id, 'completed', 'commit', 'f', 1, '{}', '{}', '{"sample":["' || :phone || :mark || '"]}', 'a', 1)
      """
    ),
    (
      "import_rejects", ["original"],
      "INSERT INTO import_rejects VALUES (:id, 1, 'too_short', '', 'x,' || :mark || '@x.test'), (:id, 2, 'r', '', :mark || ' +' || :phone)"
    ),
    ("import_changes", ["before"], "INSERT INTO import_changes VALUES (:id, :id, '{\"notes\":\"' || :mark || '\"}')"),
    (
      "send_jobs", ["phone"],
      """
      INSERT INTO send_jobs (id, kind, contact_id, phone, state, claimed_at, sid) VALUES (:id, 'reply', :id, :phone, 'delivered', 1, 'SM' || :id),
      (:id + 10, 'reply', :id, :phone, 'queued', NULL, NULL)
      """
    ),
    (
      "messages", ["phone", "body"],
      """
      INSERT INTO messages (id, direction, phone, number, body, sid, send_job_id, at) VALUES (:id, 'out', :phone, 14155550100, :mark, 'SM' || :id, :id, 1),
      (:id + 10, 'in', :phone, 14155550100, :mark, 'SMi' || :id, NULL, 1)
      """
    ),
    (
      "message_media", ["url"],
      "INSERT INTO message_media (message_id, position, content_type, url) VALUES (:id + 10, 0, 'image/png', :mark)"
    ),
    ("media_contents", ["content"], "INSERT INTO media_contents VALUES (:id + 10, 0, CAST(:mark AS BLOB))"),
    (
      "conversations", ["phone", "sender", "tags"],
      """
      INSERT INTO conversations (phone, number, tags, last_message_id, last_message_at, created_at)
      VALUES (:phone, 14155550100, '["' || :mark || '"]', :id + 10, 1, 1)
      """
    ),
    (
      "webhook_events", ["body"],
      """
      INSERT INTO webhook_events (at, kind, sid, status, send_job_id, outcome, body) VALUES (1, 'status', 'SM' || :id, 'delivered', :id, 'applied', :mark),
      (1, 'inbound', 'SMi' || :id, 'received', NULL, 'applied', :mark), (1, 'status', 'SMo' || :id, 'sent', NULL, 'orphan', :mark)
      """
    ),
    (
      "refused_events", ["event"],
      "INSERT INTO refused_events VALUES (:id, :id, 'inbound', '{\"from\":' || :phone || ',\"body\":\"' || :mark || '\"}', 'e')"
    ),
    ("hit_clients", ["user_agent", "headers"], "INSERT INTO hit_clients VALUES (:id, :id, :mark, '[]', 1)"),
    (
      "link_hits", ["address"],
      """
      INSERT INTO link_hits (id, at, short_link_id, send_job_id, verdict, reasons, method, address, client_id, is_secure, is_complete, recipients, rules)
      VALUES (:id, 1, 1, :id, 'human', '', 'GET', :mark, :id, 1, 1, 1, 1)
      """
    ),
    (
      "events", ["phone", "data"],
      """
      INSERT INTO events (at, type, phone, data) VALUES (1, 'orphan_report', :phone, '{"sid":"SMo' || :id || '"}'),
      (1, 'replied', :phone, '{"w":"' || :mark || '"}')
      """
    ),
    (
      "outbox", ["phone"],
      "INSERT INTO outbox (endpoint_id, event_id, phone, due_at) VALUES (1, (SELECT max(id) FROM events), :phone, 1)"
    ),
    (
      "webhook_deliveries", ["phone", "request_headers", "request_body", "response_body", "key", "error"],
      """
      INSERT INTO webhook_deliveries VALUES (1, :id, :mark, 1, 'replied', (SELECT max(id) FROM events), :phone, 1, 'event', 'failed', 500, 1, :mark,
      :mark, :mark, :mark)
      """
    ),
    (
      "audit_log", ["before", "after"],
      "INSERT INTO audit_log (at, actor, action, subject, after) VALUES (1, 'a', 'campaign.test', 'campaign:1', '[\"+' || :phone || '\"]')"
    ),
    (
      "idempotency_keys", ["answer"],
      "INSERT INTO idempotency_keys (actor, path, key, body_hash, status, answer, at) VALUES ('a', 'p', :id, zeroblob(32), 200, '+' || :phone || :mark, 1)"
    ),
    ("import_holds", [], "INSERT INTO import_holds VALUES (:id, :id, :id)"),
    (
      "former_numbers", ["phone"],
      "INSERT INTO former_numbers (contact_id, phone, since, until, consents_since, consents_until) VALUES (:id, :phone + 5, 0, 1, 0, 0)"
    ),
  ]

  /// Columns of text or with a phone that hold nothing of a person: words of ours, of staff, or of the tenant about everybody.
  private static let free: [String: Set<String>] = [
    "audiences": ["name", "rule", "created_by"], "audit_anchor": ["digest"],
    "audit_log": ["actor", "action", "subject", "address", "request_id", "salt", "detail_digest", "digest"],
    "breaker_minutes": ["scope"], "bulk_changes": ["action", "tag", "rule", "state", "failure", "actor"],
    "campaign_counts": ["state", "reason"], "campaign_figures": ["figure"], "day_errors": ["reason"],
    "day_people": ["change"],
    "campaigns": [
      "name", "body", "variants", "purpose", "state", "audience", "exclude", "numbers", "pause_reason", "paused_by",
      "waiting_reason", "created_by", "send_at_local", "misfire",
    ],
    "canned_replies": ["name", "body", "created_by"], "consents": ["action", "purpose", "method", "actor"],
    "contact_fields": ["name", "type"], "conversations": ["state", "assignee"],
    "do_not_contact": ["reason", "source"], "erased_numbers": ["hash"], "events": ["type"],
    // Of whoever is being erased, until that is done.
    "erasures": ["phone", "email", "place"],
    "idempotency_keys": ["actor", "path", "key", "body_hash"],
    "identity": ["tenant", "instance", "hash_key", "intake_instance", "fence", "time_zone"],
    "import_batches": [
      "state", "mode", "file", "options", "consent_source", "consent_wording", "failure", "cancelled_by", "actor",
      "undo_kept_contacts",
    ],
    "import_rejects": ["reason", "detail"], "inbox_log": ["kind"], "kill_switches": ["scope", "reason", "actor"],
    "link_hits": ["verdict", "reasons", "method", "listed"], "link_keys": ["key"],
    "link_rejudgings": ["state", "actor"], "message_media": ["content_type", "state", "failure"],
    "message_templates": ["name", "body", "created_by"],
    "messages": ["direction", "sid"], "opt_out_reviews": ["rule", "decided_by"],
    "refused_events": ["kind", "error"], "send_jobs": ["kind", "state", "reason", "sid"],
    "sending_numbers": ["warm_up", "messaging_service", "brand", "paused_reason", "paused_by"],
    "settings": ["name", "value"], "short_link_changes": ["actor", "before", "after"],
    "short_links": ["slug", "name", "target", "preview", "created_by"],
    "suppression_rules": ["kind", "tag", "created_by"], "tags": ["name", "folded"],
    "webhook_deliveries": ["type", "kind", "outcome"],
    "webhook_endpoints": ["url", "description", "events", "secret", "old_secret", "disabled_reason", "created_by"],
    "webhook_events": ["kind", "sid", "status", "outcome"],
  ]

  @Test func everyColumnHoldsSomethingOfAPersonAndIsErasedOrIsSaidToHoldNothing() throws {
    let columns = try folder.tenantFile().readNow { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT t.name AS "table", c.name AS "column" FROM pragma_table_list t JOIN pragma_table_info(t.name) c
          WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE 'contact_search%'
          AND (c.type <> 'INTEGER' AND c.type <> 'REAL' OR c.name LIKE '%phone%')
          """
      ).map { "\($0["table"] as String).\($0["column"] as String)" }
    }
    var said: Set<String> = []
    for (table, names) in Self.free { said.formUnion(names.map { "\(table).\($0)" }) }
    for place in Self.places { said.formUnion(place.columns.map { "\(place.table).\($0)" }) }
    #expect(said.symmetricDifference(columns) == [])
  }

  @Test(arguments: [ContactErasure.Kept.number, .hash])
  func nothingOfAnErasedPersonIsLeftAndNobodyElseLosesARow(kept: ContactErasure.Kept) throws {
    let file = try folder.tenantFile()
    let ann: (phone: Int64, mark: String) = (14_157_000_001, "zaphodia")
    let bob: (phone: Int64, mark: String) = (14_157_000_002, "bobbert")
    try file.writeNow { [now] db in
      try db.execute(
        sql: "INSERT INTO settings VALUES ('erasure_keeps', ?)", arguments: [JSON.text(kept.rawValue).serialized])
      try db.execute(
        sql: """
          INSERT INTO short_links (id, code, target, created_by, created_at, updated_at) VALUES (1, 1, 't', 'a', 1, 1);
          INSERT INTO webhook_endpoints (id, url, secret, enabled, enabled_at, created_by, created_at) VALUES (1, 'u', 's', 0, 1, 'a', 1)
          """)
      for (id, person) in [(1, ann), (2, bob)] {
        for place in Self.places {
          let statement = try db.makeStatement(sql: place.sql)
          let all: [String: (any DatabaseValueConvertible)?] = ["id": id, "phone": person.phone, "mark": person.mark]
          let names = all.filter { place.sql.contains(":\($0.key)") }
          try statement.execute(arguments: StatementArguments(names))
        }
      }
      // SQLite 3.40 takes values behind keys that are not the first columns for missing ones.
      #expect(try String.fetchAll(db, sql: "PRAGMA integrity_check") == ["ok"])
      let before = try Self.rows(db)
      #expect(before.filter { $0.contains(ann.mark) }.count >= 15)
      #expect(try ContactErasure.erase(db, contact: 1, at: now) == kept)
      while try ErasureRest.slice(db, lasting: .zero) {}
      let after = try Self.rows(db)
      for word in [ann.mark, "7000001"] {
        let left = after.filter { $0.contains(word) && !(kept == .number && $0.hasPrefix("do_not_contact")) }
        #expect(left.filter { !$0.hasPrefix("bad_numbers") || kept == .hash } == [])
      }
      let his = { (rows: [String]) in rows.filter { $0.contains(bob.mark) || $0.contains("7000002") }.sorted() }
      #expect(his(after) == his(before))
      #expect(try SendJob.find(db, id: 1)?.isErased == true)
    }
  }

  /// Every row of every table as text.
  private static func rows(_ db: Database) throws -> [String] {
    let tables = try String.fetchAll(
      db,
      sql:
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'contact_search_%' AND name <> 'contact_search_mark'"
    )
    return try tables.flatMap { table in
      try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { row in
        "\(table) " + row.map { name, value in "\(name)=\(text(value))" }.joined(separator: " ")
      }
    }
  }

  private static func text(_ value: DatabaseValue) -> String {
    switch value.storage {
    case .blob(let data): String(decoding: data, as: UTF8.self)
    default: value.description
    }
  }
}
