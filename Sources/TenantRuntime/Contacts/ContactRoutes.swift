import GRDB
import Hummingbird

enum ContactRoutes {
  static let all: [Route<Runtime>] = [
    Route(.get, "contacts", needs: .readContacts, list),
    Route(.post, "contacts", needs: .editContacts, create),
    Route(.get, "contacts/:id", needs: .readContacts, show),
    Route(.delete, "contacts/:id", needs: .editContacts, delete),
    Route(.get, "contacts/:id/timeline", needs: .readContacts, timeline),
  ]

  private static let select = """
    SELECT c.*, d.phone IS NOT NULL AS do_not_contact,
    (SELECT json_group_array(t.name) FROM contact_tags ct JOIN tags t ON t.id = ct.tag_id WHERE ct.contact_id = c.id) AS tags
    FROM contacts c LEFT JOIN do_not_contact d ON d.phone = c.phone
    """

  @Sendable private static func json(_ row: Row) -> JSON {
    [
      "id": row.int("id"), "phone": row.phone("phone"), "first_name": row.text("first_name"),
      "last_name": row.text("last_name"), "email": row.text("email"),
      "tags": row.document("tags"), "fields": row.document("fields"),
      "time_zone": row.text("time_zone"), "language": row.text("language"),
      "do_not_contact": .bool(row["do_not_contact"] as Bool), "created_at": row.moment("created_at"),
    ]
  }

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    let phone = try call.query("phone").map { text in
      // A plus that was not escaped in the query arrives as a space.
      guard let phone = PhoneNumber(e164: "+" + text.drop { $0 == " " || $0 == "+" }) else {
        throw Refusal.invalid("phone", "must be an E.164 number like +14155550123")
      }
      return phone
    }
    if let phone { return try await call.subject.file.page(page, "\(select) WHERE c.phone = ?", [phone], json) }
    return try await call.subject.file.page(page, "\(select) WHERE c.id > ? ORDER BY c.id", [page.after], json)
  }

  @Sendable private static func show(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "contact")
    return try await call.subject.file.read { db in json(try find(db, id)) }.response()
  }

  private static func find(_ db: Database, _ id: Int64) throws -> Row {
    guard let row = try Row.fetchOne(db, sql: "\(select) WHERE c.id = ?", arguments: [id]) else {
      throw Refusal.notFound("There is no such contact.")
    }
    return row
  }

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let phone = fields.phone("phone")
    if phone == nil, !fields.has("phone") { fields.fail("phone", "is required") }
    var values = Contact.Values()
    values.firstName = fields.text("first_name", most: 200)
    values.lastName = fields.text("last_name", most: 200)
    values.email = fields.text("email", most: 320)
    values.timeZone = fields.text("time_zone", most: 64)
    values.language = fields.text("language", most: 35)
    for tag in fields.list("tags", most: 50) ?? [] {
      if let name = tag.text, (1...100).contains(name.count) {
        values.tags.append(name)
      } else {
        fields.fail("tags", "must be short names")
      }
    }
    if case .object(let members)? = fields.value("fields") {
      for (name, value) in members.prefix(200) {
        if let text = value.text {
          values.fields[name] = text
        } else {
          fields.fail("fields.\(name)", "must be a string")
        }
      }
    }
    try fields.finish()
    guard let phone else { throw Refusal.invalid("phone", "is required") }
    let now = call.subject.outside.now()
    let made = values
    let row = try await call.subject.file.write { db in
      if try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM contacts WHERE phone = ?)", arguments: [phone])
        == true
      {
        throw Refusal.conflict("A contact with \(phone) exists already.")
      }
      return json(try find(db, try Contact.upsert(db, phone: phone, made, importID: nil, at: now).id))
    }
    return row.response(status: .created)
  }

  @Sendable private static func delete(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "contact")
    let now = call.subject.outside.now()
    let actor = call.actor.name
    try await call.subject.file.write { db in
      _ = try find(db, id)
      try db.execute(sql: "DELETE FROM contacts WHERE id = ?", arguments: [id])
      try Audit.append(db, call: actor, "contact.delete", "contact:\(id)", at: now)
    }
    return Response(status: .noContent)
  }

  /// What happened between the tenant and this person, newest last; also why a text was not sent.
  @Sendable private static func timeline(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "contact")
    let page = try PageRequest(call)
    let entries = try await call.subject.file.read { db in
      let contact = try find(db, id)
      let imported: Int64? = contact["import_id"]
      let born: JSON = [
        "at": contact.moment("created_at"), "type": imported == nil ? "created" : "imported",
        "import_id": .optional(imported),
      ]
      let events = try Row.fetchAll(
        db, sql: "SELECT * FROM events WHERE phone = ? AND id > ? ORDER BY id LIMIT ?",
        arguments: [contact["phone"] as Int64, page.after, page.limit + 1]
      ).map { (id: $0["id"] as Int64, json: entry($0)) }
      let first: [(id: Int64, json: JSON)] = page.after == 0 ? [(id: Int64(0), json: born)] : []
      return first + events
    }
    return page.answer(entries)
  }

  private static func entry(_ row: Row) -> JSON {
    var members: [(String, JSON)] = [("at", row.moment("at")), ("type", row.text("type"))]
    if let campaign = row["campaign_id"] as Int64? { members.append(("campaign_id", .int(campaign))) }
    members += row.document("data").members ?? []
    return .object(members)
  }
}
