import GRDB
import Hummingbird

enum ConsentRoutes {
  private static let actionField = Field<Action>.choice(
    "action", missing: "is required: grant or revoke", about: "A grant needs evidence and source.")
  private static let purposeField = Field<CampaignPurpose>.choice("purpose", about: "Left out: both.")
  private static let methodField = Field<String>.text(
    "method", most: 60, about: "How it was stated.", example: "staff")
  private static let evidenceField = Field<String>.text(
    "evidence", most: 2000, about: "What was shown or said.", example: "Signed the form")
  private static let sourceField = Field<String>.text("source", most: 200, about: "Where.", example: "shop")
  private static let atField = Field<Moment>.moment("at", about: "When; left out: now.")

  static let all: [Route<Runtime>] = [
    Route(
      .get, "do-not-contact", needs: .readContacts, about: "Numbers that may not be texted",
      query: .page + [QueryField("phone", .phone)], answers: [.page(.doNotContact)], list),
    Route(
      .post, "do-not-contact", needs: .editConsent, about: "Opt out one number, or many as a list",
      query: [
        QueryField("reason", Shape.text(most: 500, example: "asked by phone").about("Of a list sent as text.")),
        QueryField("source", .text(example: "shop")),
      ],
      body: .json([
        Documented("phone", Shape.phone.orNull),
        Documented("phones", Shape.list(.text(example: "+14155550123"), most: OptOutList.most).orNull),
        Documented("reason", Shape.text(most: 500, example: "asked by phone").orNull),
        Documented("source", Shape.text(most: 100, example: "shop").orNull),
      ]).or(["text/plain", "text/csv"]), answers: [.created(.doNotContact), .ok(.optOutsAdded)], add),
    Route(
      .get, "do-not-contact.csv", needs: .readContacts, about: "Numbers that may not be texted, as a CSV file",
      answers: [.csv], export),
    Route(
      .get, "consents", needs: .readContacts, about: "What was stated about a number",
      query: .page + [QueryField("phone", .phone, required: true)], answers: [.page(.consent)], statements),
    Route(
      .post, "consents", needs: .editConsent, about: "State a consent or its end",
      body: .json([
        Documented("phone", .phone, required: true), actionField, purposeField, methodField, evidenceField, sourceField,
        atField,
      ]), answers: [.created(.consent)], state),
    Route(
      .get, "consents.csv", needs: .readContacts, about: "Every statement as a CSV file", answers: [.csv],
      exportStatements),
    Route(
      .get, "consents/standing", needs: .readContacts, about: "What was allowed on a date, and why",
      query: [
        QueryField("phone", .phone, required: true), QueryField("purpose", .choice(CampaignPurpose.self)),
        QueryField("on", Shape.text(example: "2026-11-23").about("A date, which means its end, or a time.")),
      ], answers: [.ok(.consentStanding)], standing),
  ]

  @Sendable static func doNotContact(_ row: Row) -> JSON {
    [
      "phone": row.phone("phone"), "reason": row.text("reason"), "source": row.text("source"),
      "since": row.moment("since"),
    ]
  }

  /// Statements as rows: with what an upload says for all its people, where they have said nothing themselves, and whether an import has brought
  /// somebody without a word of consent.
  static let statements = """
    (SELECT c.phone, c.no, c.at, c.action, c.purpose, c.method, coalesce(c.evidence, b.consent_wording) AS evidence,
    coalesce(c.source, b.consent_source) AS source, c.import_id, c.actor, c.address,
    NOT (c.action = 'grant' AND c.method = 'import' AND \(ConsentStanding.saysNothing)) AS states_consent
    FROM consents c LEFT JOIN import_batches b ON b.id = c.import_id)
    """

  @Sendable static func consent(_ row: Row) -> JSON {
    [
      "phone": row.phone("phone"), "no": row.int("no"), "at": row.moment("at"), "action": row.text("action"),
      "purpose": row.text("purpose"), "channel": "sms", "method": row.text("method"), "evidence": row.text("evidence"),
      "source": row.text("source"), "import_id": row.int("import_id"), "actor": row.text("actor"),
      "address": row.text("address"), "states_consent": .bool(row["states_consent"]),
    ]
  }

  // MARK: Do not contact

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    if let phone = try phone(call, required: false) {
      return try await call.subject.file.page(
        page, "SELECT * FROM do_not_contact WHERE phone = ?", [phone], id: "phone", doNotContact)
    }
    return try await call.subject.file.page(
      page, "SELECT * FROM do_not_contact WHERE phone > ? ORDER BY phone", [page.after], id: "phone", doNotContact)
  }

  private static func phone(_ call: Call<Runtime>, required: Bool) throws -> PhoneNumber? {
    guard let text = call.request.query("phone") else {
      if required { throw Refusal.invalid("phone", "is required, like phone=%2B14155550123") }
      return nil
    }
    guard let phone = PhoneNumber(person: "+" + text.drop { $0 == " " || $0 == "+" }) else {
      throw Refusal.invalid("phone", "must be an E.164 number like +14155550123")
    }
    return phone
  }

  @Sendable private static func export(_ call: Call<Runtime>) async throws -> Response {
    try await Response.csv(name: "do-not-contact.csv", header: ["phone", "reason", "source", "since"]) { after in
      try await call.page { db in
        try Row.fetchAll(
          db.cachedStatement(sql: "SELECT * FROM do_not_contact WHERE phone > ? ORDER BY phone LIMIT 5000"),
          arguments: [after]
        ).map { row in
          (
            id: row["phone"],
            fields: ["+\(row["phone"] as Int64)", row["reason"], row["source"], (row["since"] as Moment).iso8601]
          )
        }
      }
    }
  }

  /// One number as JSON, many as `phones` or as a pasted or uploaded list (text/plain, text/csv).
  @Sendable private static func add(_ call: Call<Runtime>) async throws -> Response {
    // A list may be of any size; what is as short as any other body takes no slot of uploads.
    let length = call.request.headers[.contentLength].flatMap { Int($0) } ?? .max
    let slot = length > 1 << 20 ? try call.slot(of: \.uploads) : nil
    defer { withExtendedLifetime(slot) {} }
    let type = call.request.headers[.contentType]?.lowercased() ?? ""
    if type.hasPrefix("text/") {
      let body = try await call.request.collected(most: 32 << 20)
      let reason = String((call.query("reason") ?? "").unicodeScalars.prefix(500))
      let list = try await OptOutList.read { try OptOutList(String(buffer: body)) }
      return try await addMany(call, list, reason: reason, source: call.query("source"))
    }
    var fields = try await call.fields(most: 32 << 20)
    let phone = fields.phone("phone", anyDialled: true)
    let phones = fields.list("phones", most: OptOutList.most)
    if phone == nil, phones == nil, !fields.has("phone"), !fields.has("phones") { fields.fail("phone", "is required") }
    let reason = fields.text("reason", most: 500) ?? ""
    let source = fields.text("source", most: 100)
    try fields.finish()
    if let phones {
      let list = try await OptOutList.read { try OptOutList(phones) }
      return try await addMany(call, list, reason: reason, source: source)
    }
    guard let phone else { throw Refusal.invalid("phone", "is required") }
    try await revoke(call, [phone], reason: reason, source: source)
    let row = try await call.subject.file.read { db in
      try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM do_not_contact WHERE phone = ?"), arguments: [phone]).map(
        doNotContact)
    }
    guard let row else { throw Refusal.unavailable("The opt-out is recorded and holds; its row is not readable yet.") }
    return row.response(status: .created)
  }

  private static func addMany(
    _ call: Call<Runtime>, _ list: OptOutList, reason: String, source: String?
  ) async throws -> Response {
    guard !list.phones.isEmpty else {
      let lines = list.invalid.map { FieldError(field: "phones, line \($0.line)", message: $0.reason) }
      throw Refusal.invalid(lines.isEmpty ? [FieldError(field: "phones", message: "the list is empty")] : lines)
    }
    let count: @Sendable (Database) throws -> Int64 = { db in
      try Int64.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM do_not_contact")) ?? 0
    }
    let before = try await call.subject.file.read(count)
    try await revoke(call, list.phones, reason: reason, source: source)
    let added = try await call.subject.file.read(count) - before
    return JSON.object([
      ("numbers", .int(list.phones.count)), ("added", .int(added)), ("invalid", .int(list.invalidCount)),
      (
        "errors",
        .list(
          list.invalid.map {
            .object([
              ("field", .text("phones")), ("row", .int($0.line)), ("value", .text($0.value)),
              ("message", .text($0.reason)),
            ])
          })
      ),
    ]).response()
  }

  private static func revoke(
    _ call: Call<Runtime>, _ phones: [PhoneNumber], reason: String, source: String?
  ) async throws {
    let runtime = call.subject
    let at = runtime.dependencies.now()
    try await runtime.dependencies.revocations.appendNews(
      phones.map {
        Revocation(
          phone: $0, action: .optOut, method: "api", evidence: reason, source: source, actor: call.caller.name,
          address: call.caller.address, at: at)
      }, tenant: runtime.lease.tenant)
    try await call.transact { change in try ConsentAudit.opted(change, out: phones) }
  }

  // MARK: The ledger

  @Sendable private static func statements(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    let phone = try phone(call, required: true)
    return try await call.subject.file.page(
      page, "SELECT * FROM \(statements) WHERE phone = ? AND no > ? ORDER BY no", [phone, page.after], id: "no", consent
    )
  }

  private enum Action: String, CaseIterable { case grant, revoke }

  /// Opting somebody in again needs evidence: what was shown or said, and where.
  @Sendable private static func state(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let phone = fields.phone("phone", anyDialled: true)
    if phone == nil, !fields.has("phone") { fields.fail("phone", "is required") }
    let action = fields.take(actionField)
    let purpose = fields.take(purposeField)
    let method = fields.take(methodField) ?? "staff"
    let evidence = fields.take(evidenceField) ?? ""
    let source = fields.take(sourceField)
    let at = fields.take(atField)
    let runtime = call.subject
    let now = runtime.dependencies.now()
    if let at, at > now { fields.fail("at", "must not be in the future") }
    if action == .grant, evidence.trimmed.isEmpty || source?.trimmed.isEmpty ?? true {
      fields.fail("evidence", "and source are required for a grant: what the person agreed to, and where")
    }
    try fields.finish()
    guard let phone, let action else { throw Refusal.invalid("phone", "is required") }
    // Repeated behind a STOP, a grant must not undo it. A revocation is written down again: at worst it says a thing twice.
    let names = action == .grant ? call.caller.terms?.once?.eventIDs(at: now) ?? [] : []
    let (isKnown, said) = try await runtime.file.read { db in
      // An opt-out of everything needs no place behind the rest, and a START after it is not to be taken for an older one.
      let isOfEverything = action == .revoke && purpose == nil
      return (
        try Consent.isRecorded(db, phone, names),
        try at ?? (isOfEverything ? now : Consent.saidNow(db, phone, now: now))
      )
    }
    if !isKnown {
      try await runtime.dependencies.revocations.append(
        Revocation(
          id: names.first, phone: phone, action: action == .grant ? .optIn : .optOut, method: method,
          evidence: evidence, purpose: purpose, source: source, actor: call.caller.name,
          address: call.caller.address, at: said),
        tenant: runtime.lease.tenant)
    }
    try await call.transact { change in
      try ConsentAudit.stated(change, action == .grant ? .optIn : .optOut, phone, purpose: purpose)
    }
    return try await runtime.file.read { db in
      try Row.fetchOne(
        db.cachedStatement(sql: "SELECT * FROM \(statements) WHERE phone = ? ORDER BY no DESC"), arguments: [phone]
      ).map(
        consent)
        ?? .null
    }.response(status: .created)
  }

  /// What was allowed on a date, and why: `?phone=&on=2026-11-23&purpose=marketing`.
  @Sendable private static func standing(_ call: Call<Runtime>) async throws -> Response {
    guard let phone = try phone(call, required: true) else { throw Refusal.invalid("phone", "is required") }
    guard let purpose = CampaignPurpose(rawValue: call.query("purpose") ?? "marketing") else {
      throw Refusal.invalid("purpose", "must be marketing or informational")
    }
    let day = call.query("on")
    let on =
      try day.map { text in
        guard let moment = ConsentStanding.end(of: text) ?? Moment(iso8601: text) else {
          throw Refusal.invalid("on", "must be a date like 2026-11-23")
        }
        return moment
      } ?? call.subject.dependencies.now()
    return try await call.subject.file.read { db in
      let standing = try ConsentStanding.read(db, phone, purpose: purpose, on: on, today: day == nil)
      let settings = try TenantSettings.read(db)
      let blocked = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT * FROM do_not_contact WHERE phone = ?"), arguments: [phone])
      return JSON.object(
        [("phone", .phone(phone)), ("on", .moment(on)), ("purpose", .text(purpose.rawValue))]
          + (standing.json(requiresConsent: settings.requireConsent).members ?? [])
          + [("do_not_contact_now", blocked.map(doNotContact) ?? .null)])
    }.response()
  }

  @Sendable private static func exportStatements(_ call: Call<Runtime>) async throws -> Response {
    let header = [
      "phone", "no", "at", "action", "purpose", "method", "evidence", "source", "import_id", "actor", "address",
    ]
    return try await Response.csv(name: "consents.csv", header: header) { after in
      try await call.page { db in
        // A page is whole phones: the cursor is the last phone given out.
        let phones = try Int64.fetchAll(
          db.cachedStatement(sql: "SELECT DISTINCT phone FROM consents WHERE phone > ? ORDER BY phone LIMIT 1000"),
          arguments: [after])
        guard let last = phones.last else { return [] }
        return try Row.fetchAll(
          db.cachedStatement(sql: "SELECT * FROM \(statements) WHERE phone > ? AND phone <= ? ORDER BY phone, no"),
          arguments: [after, last]
        ).map { row in
          let importID: Int64? = row["import_id"]
          var fields = ["+\(row["phone"] as Int64)", String(row["no"] as Int64), (row["at"] as Moment).iso8601]
          for column in ["action", "purpose", "method", "evidence", "source"] {
            fields.append((row[column] as String?) ?? "")
          }
          fields += [
            importID.map(String.init) ?? "", (row["actor"] as String?) ?? "", (row["address"] as String?) ?? "",
          ]
          return (id: last, fields: fields)
        }
      }
    }
  }
}
