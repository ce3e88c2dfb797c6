import GRDB

/// The tenant's own systems that hear of events.
struct WebhookListPage: Page {
  static let template = "webhooks"

  struct Line: Sendable {
    let path: String
    let url: String
    let about: String?
    let events: String
    let state: SetupSignal
    let last: String
  }

  let title: String
  let endpoints: [Line]
  let hasEndpoints: Bool
  let mayEdit: Bool

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (words, tenant) = (visit.words, visit.subject.lease.tenant)
    let lines = try await visit.subject.file.read { db in
      try Row.fetchAll(db.cachedStatement(sql: "SELECT * FROM webhook_endpoints WHERE deleted = 0 ORDER BY id")).map {
        row in
        let chosen = row.document("events").list?.count
        return Line(
          path: "/t/\(tenant)/settings/webhooks/\(row["id"] as Int64)", url: row["url"], about: row["description"],
          events: chosen.map { words(Int64($0), one: "{0} type", many: "{0} types") } ?? words("all"),
          state: WebhookLook.signal(row, words), last: (row["last_success_at"] as Moment?).map(words.time) ?? "–")
      }
    }
    return WebhookListPage(
      title: words("Webhooks"), endpoints: lines, hasEndpoints: !lines.isEmpty, mayEdit: visit.may(.editWebhooks))
  }
}

enum WebhookLook {
  static func signal(_ row: Row, _ words: Words) -> SetupSignal {
    if !(row["enabled"] as Bool) { return SetupSignal("stop", words("Switched off")) }
    let failures: Int64 = row["failures"]
    if failures > 0 {
      return SetupSignal("wait", words(failures, one: "{0} failure", many: "{0} failures in a row"))
    }
    return SetupSignal("go", words((row["last_success_at"] as Moment?) == nil ? "Waiting for the first" : "Healthy"))
  }

  /// Every type of event, with those ticked that were typed, else those that are kept.
  static func choices(_ visit: Visit<Runtime>, kept: [String]?) -> [Choice] {
    let typed = visit.typed.filter { $0.name == "events:list:if=_events=some" && !$0.value.isEmpty }.map(\.value)
    let chosen = Set(visit.typed.isEmpty ? kept ?? [] : typed)
    return Event.Kind.allCases.map {
      Choice($0.rawValue, $0.rawValue, chosen: chosen.contains($0.rawValue) ? $0.rawValue : nil)
    }
  }

  /// Those that stood ticked when the page was opened, in the order of the list.
  static func shown(_ visit: Visit<Runtime>, kept: [String]?) -> [String] {
    let before = visit.typed.filter { $0.name == "_was:events:list:if=_events=some" && !$0.value.isEmpty }.map(\.value)
    let chosen = Set(visit.typed.isEmpty ? kept ?? [] : before)
    return Event.Kind.allCases.map(\.rawValue).filter(chosen.contains)
  }

  static func scopes(_ visit: Visit<Runtime>, kept: [String]?) -> [Choice] {
    let chosen = visit.field("_events", kept == nil ? "all" : "some")
    return [("all", visit.words("every type, those to come too")), ("some", visit.words("the ones ticked here"))].map {
      Choice($0.0, $0.1, chosen: chosen)
    }
  }
}

struct WebhookNewPage: Page {
  static let template = "webhook-new"
  let title: String
  let url: String
  let description: String
  let scopes: [Choice]
  let types: [Choice]

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    WebhookNewPage(
      title: visit.words("A new webhook"), url: visit.field("url", nil), description: visit.field("description", nil),
      scopes: WebhookLook.scopes(visit, kept: nil), types: WebhookLook.choices(visit, kept: nil))
  }
}

/// One of them: what it hears, how it answers, and what was brought to it.
struct WebhookPage: Page {
  static let template = "webhook"

  struct Line: Sendable {
    let no: String
    let path: String
    let type: String
    let kind: String?
    let answer: SetupSignal
    let attempt: String
    let took: String
    let when: String
    let mayRepeat: Bool
  }

  let title: String
  let id: String
  let state: SetupSignal
  let offBecause: String?
  let failing: String?
  let oldSecret: String?
  let waiting: String
  let last: String
  let url: String
  let description: String
  let urlShown: String
  let descriptionShown: String
  let scopeShown: String
  let typesShown: [String]
  let scopes: [Choice]
  let types: [Choice]
  let deliveries: [Line]
  let hasDeliveries: Bool
  let pager: Pager?
  let isOn: Bool
  let mayEdit: Bool
  let events: String

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (id, words) = (try visit.id(of: "webhook endpoint"), visit.words)
    let page = try PageRequest(visit.call, shown: 30)
    let base = "/t/\(visit.subject.lease.tenant)/settings/webhooks/\(id)"
    return try await visit.subject.file.read { db in
      let row = try WebhookEndpoint.row(db, id: id)
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT * FROM webhook_deliveries WHERE endpoint_id = ? AND no < ? AND at >= ?
          ORDER BY no DESC LIMIT \(page.limit + 1)
          """,
        arguments: [
          id, page.isFirst ? Int64.max : page.after, words.now.advanced(bySeconds: -Outbox.keptSeconds),
        ])
      let waiting =
        try Int64.fetchOne(
          db.cachedStatement(sql: "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE endpoint_id = ? LIMIT 10000)"),
          arguments: [id])
        ?? 0
      let kept = row.document("events").list?.compactMap(\.text)
      let may = visit.may(.editWebhooks)
      let lines = rows.prefix(page.limit).map { line($0, base, may, words) }
      return WebhookPage(
        title: (row["description"] as String?) ?? words("Webhook {0}", String(id)), id: String(id),
        state: WebhookLook.signal(row, words), offBecause: row["disabled_reason"],
        failing: (row["failing_since"] as Moment?).map { words("Failing since {0}.", words.time($0)) },
        oldSecret: (row["old_secret_until"] as Moment?).flatMap {
          $0 > words.now ? words("The secret before the last rotation signs too until {0}.", words.time($0)) : nil
        }, waiting: words.number(waiting), last: (row["last_success_at"] as Moment?).map(words.time) ?? words("never"),
        url: visit.field("url", row["url"]), description: visit.field("description", row["description"]),
        urlShown: visit.field("_was:url", row["url"]),
        descriptionShown: visit.field("_was:description", row["description"]),
        scopeShown: visit.field("_was:_events", kept == nil ? "all" : "some"),
        typesShown: WebhookLook.shown(visit, kept: kept),
        scopes: WebhookLook.scopes(visit, kept: kept), types: WebhookLook.choices(visit, kept: kept),
        deliveries: Array(lines), hasDeliveries: !lines.isEmpty,
        pager: Pager(visit, next: page.next(after: rows.map { $0["no"] })), isOn: row["enabled"], mayEdit: may,
        events: kept.map { words(Int64($0.count), one: "{0} type", many: "{0} types") } ?? words("all"))
    }
  }

  static func line(_ row: Row, _ base: String, _ may: Bool, _ words: Words) -> Line {
    let kind: String = row["kind"]
    let milliseconds: Int64 = row["duration_ms"]
    return Line(
      no: String(row["no"] as Int64), path: "\(base)/deliveries/\(row["no"] as Int64)", type: row["type"],
      kind: kind == "event" ? nil : words.name(kind), answer: answer(row, words),
      attempt: words.number(row["attempt"]),
      took: milliseconds < 1_000
        ? "\(words.number(milliseconds)) ms" : "\(words.number(Double(milliseconds) / 1_000, decimals: 1)) s",
      when: words.time(row["at"]), mayRepeat: may && (row["event_id"] as Int64?) != nil)
  }

  static func answer(_ row: Row, _ words: Words) -> SetupSignal {
    let outcome: String = row["outcome"]
    let word = (row["status"] as Int64?).map { String($0) } ?? (row["error"] as String?) ?? words.name(outcome)
    switch outcome {
    case "delivered": return SetupSignal("go", word)
    case "failed": return SetupSignal("wait", word)
    default: return SetupSignal("stop", words("given up: {0}", word))
    }
  }
}

/// What was sent once, and what came back.
struct WebhookDeliveryPage: Page {
  static let template = "webhook-delivery"
  let title: String
  let id: String
  let endpoint: String
  let line: WebhookPage.Line
  let error: String?
  let headers: String
  let body: String
  let answer: String?

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (id, no) = (try visit.id(of: "webhook endpoint"), try visit.id("delivery", of: "delivery"))
    let words = visit.words
    let base = "/t/\(visit.subject.lease.tenant)/settings/webhooks/\(id)"
    return try await visit.subject.file.read { db in
      let endpoint = try WebhookEndpoint.row(db, id: id)
      guard
        let row = try Row.fetchOne(
          db.cachedStatement(sql: "SELECT * FROM webhook_deliveries WHERE endpoint_id = ? AND no = ?"),
          arguments: [id, no])
      else { throw Refusal.notFound("There is no such delivery.") }
      let (body, answer): (String, String) = (row["request_body"], row["response_body"])
      return WebhookDeliveryPage(
        title: words("Delivery {0}", String(no)), id: String(id),
        endpoint: (endpoint["description"] as String?) ?? endpoint["url"],
        line: WebhookPage.line(row, base, visit.may(.editWebhooks), words), error: row["error"],
        headers: row["request_headers"], body: body.isEmpty ? words("Erased.") : body,
        answer: answer.isEmpty ? nil : answer)
    }
  }
}
