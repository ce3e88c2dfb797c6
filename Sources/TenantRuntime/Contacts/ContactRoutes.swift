import Foundation
import GRDB
import Hummingbird
import HummingbirdCore

enum ContactRoutes {
  private static let otherID = Field<Int64>.int(
    "other_id", 1...Int64.max, missing: "is required: the contact that goes", about: "The contact that goes.",
    example: 18)
  private static let fieldName = Field<String>.text(
    "name", most: 60, missing: "is required", about: "Small letters, digits and _.", example: "city")
  private static let fieldKind = Field<ContactField.Kind>.choice(
    "type", missing: "is required: text, number, date or boolean", about: "How its text is meant.")

  static let all: [Route<Runtime>] = [
    Route(
      .get, "contacts", needs: .readContacts, about: "Contacts; all filters that are given must hold",
      query: .page + .contactFilter, answers: [.ok(.contactPage)], list),
    Route(
      .post, "contacts", needs: .editContacts, about: "Make a contact",
      body: .json([Documented("phone", .phone, required: true)] + .ofContact), answers: [.created(.contact)], create),
    Route(
      .get, "contacts.csv", needs: .readContacts, about: "Contacts as a CSV file", query: .contactFilter,
      answers: [.csv], isDangerous: true, export),
    Route(.get, "contacts/:id", needs: .readContacts, about: "One contact", answers: [.ok(.contact)], whole: whole) {
      call in try await call.answer(try whole(call))
    },
    Route(
      .patch, "contacts/:id", needs: .editContacts, about: "Change a contact",
      body: .json([Documented("phone", .phone)] + .ofContact), answers: [.ok(.contact)], whole: whole, edit),
    Route(
      .delete, "contacts/:id", needs: .editContacts, about: "Delete a contact; an opt-out stays", answers: [.none],
      whole: whole, delete),
    Route(
      .get, "contacts/:id/timeline", needs: .readContacts, about: "What happened between the tenant and a person",
      query: .page, answers: [.page(.timelineEntry)], timeline),
    Route(
      .get, "contacts/:id/record", needs: .readContacts, also: .readMessages,
      about: "Everything that is held about a person",
      answers: [.ok(.contactRecord)], record),
    Route(
      .post, "contacts/:id/merge", needs: .editContacts, about: "Merge another contact into this one",
      body: .json([otherID]), answers: [.ok(.contact)], merge),
    Route(
      .post, "contacts/:id/erasure", needs: .editContacts, about: "Erase a person", body: .json(.ofReason),
      answers: [.ok(.object(["erased": .bool, "kept": .choice(ContactErasure.Kept.self)]))], erase),
    Route(
      .delete, "contacts/:id/invalid-number", needs: .editContacts, about: "Take back that the number cannot be texted",
      answers: [.none], BadNumber.clear),
    Route(
      .get, "contact-fields", needs: .readContacts, about: "Custom fields", answers: [.page(.contactField)], fields),
    Route(
      .post, "contact-fields", needs: .editContacts, about: "Define a custom field",
      body: .json([fieldName, fieldKind]), answers: [.created(.contactField)], defineField),
  ]

  // MARK: Read

  /// A list that searches longer would keep a storage lane from other tenants.
  private static let mostMilliseconds = 1_000

  /// `phone=`, `q=` (words), `tag=`, `email=`, `field.NAME=`, `audience=ID`; all that are given must hold.
  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    let filter = try ContactFilter(call)
    let now = call.subject.dependencies.now()
    if filter.searches { try await ContactSearch.indexSome(call.subject) }
    return try await call.subject.file.read { db in
      let kinds = try ContactField.all(db)
      let (sql, arguments) = try filter.statement(db, after: page.after, limit: page.limit + 1, now: now)
      let blocked = try ErasedNumbers.blocker(db)
      let found = try Deadline.run(db, milliseconds: mostMilliseconds) {
        try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
          (id: row["id"] as Int64, json: try ContactJSON.json(row, kinds, blocked))
        }
      }
      guard let rows = found else {
        throw Refusal.invalid("", "this takes too long to find one by one; save it as an audience and read its count")
      }
      return page.answer(rows, also: filter.searches ? [("not_searched_yet", .int(try ContactSearch.missing(db)))] : [])
    }
  }

  @Sendable private static func whole(_ call: Call<Runtime>) throws -> (@Sendable (Database) throws -> JSON) {
    let id = try call.id(of: "contact")
    return { db in
      try ContactJSON.json(
        try ContactJSON.find(db, id), try ContactField.all(db), try ErasedNumbers.blocker(db))
    }
  }

  @Sendable private static func export(_ call: Call<Runtime>) async throws -> Response {
    let filter = try ContactFilter(call)
    let now = call.subject.dependencies.now()
    if filter.searches { try await ContactSearch.indexSome(call.subject) }
    let names = try await call.subject.file.read { db in try ContactField.all(db).keys.sorted() }
    let header = [
      "roundhouse_id", "phone", "first_name", "last_name", "email", "tags", "time_zone", "language", "notes",
      "do_not_contact",
      "roundhouse_created_at",
    ]
    return try await Response.csv(name: "contacts.csv", header: header + names) { after in
      try await call.pageInSlices(after: after, of: "contacts") { db, after, through in
        let (sql, arguments) = try filter.statement(db, after: after, through: through, limit: 500, now: now)
        return try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
          let custom = ContactField.values(row["fields"])
          let tags = row.document("tags").list?.compactMap(\.text).joined(separator: ";") ?? ""
          let own: [String] = [
            String(row["id"] as Int64), "+\(row["phone"] as Int64)", row["first_name"] ?? "", row["last_name"] ?? "",
            row["email"] ?? "", tags, row["time_zone"] ?? "", row["language"] ?? "", row["notes"] ?? "",
            (row["do_not_contact"] as Bool) ? "true" : "false", (row["created_at"] as Moment).iso8601,
          ]
          return (id: row["id"], fields: own + names.map { custom[$0] ?? "" })
        }
      }
    }
  }

  // MARK: Write

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let phone = fields.phone("phone")
    if phone == nil, !fields.has("phone") { fields.fail("phone", "is required") }
    let kinds = try await call.subject.file.read { db in try ContactField.all(db) }
    let (edit, new) = try ContactJSON.edit(&fields, kinds: kinds)
    try fields.finish()
    guard let phone else { throw Refusal.invalid("phone", "is required") }
    return try await call.answer(.created) { change in
      try Contact.create(change, phone: phone, edit, defining: new).json(change.db)
    }
  }

  @Sendable private static func edit(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "contact")
    var fields = try await call.fields()
    let kinds = try await call.subject.file.read { db in try ContactField.all(db) }
    var (edit, new) = try ContactJSON.edit(&fields, kinds: kinds)
    edit.phone = fields.phone("phone")
    if fields.has("phone"), edit.phone == nil, fields.hasNoErrors(about: "phone") {
      fields.fail("phone", "cannot be taken away; delete the contact instead")
    }
    try fields.finish()
    return try await call.transact { [edit, new] change in
      try Contact.edit(change, id, edit, defining: new).json(change.db)
    }.response()
  }

  @Sendable private static func delete(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "contact")
    try await call.transact { change in try Contact.delete(change, id) }
    return Response(status: .noContent)
  }

  @Sendable private static func merge(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "contact")
    var fields = try await call.fields()
    let other = fields.take(otherID)
    try fields.finish()
    guard let other else { throw Refusal.invalid("other_id", "is required") }
    return try await call.answer(.ok) { change in try Contact.merge(change, other, into: id).json(change.db) }
  }

  @Sendable private static func erase(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "contact")
    var fields = try await call.fields()
    let reason = fields.text("reason", most: 500) ?? "asked to be erased"
    try fields.finish()
    let kept = try await ContactErasure.erase(call.subject, call.caller, id, reason: reason)
    return JSON.object([("erased", true), ("kept", .text(kept.rawValue))]).response()
  }

  // MARK: History and record

  /// What happened between the tenant and this person, newest last; also why a text was not sent.
  @Sendable private static func timeline(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "contact")
    let page = try PageRequest(call)
    let entries = try await call.subject.file.read { db in
      let contact = try ContactJSON.find(db, id)
      let imported: Int64? = contact["import_id"]
      let born: JSON = [
        "at": contact.moment("created_at"), "type": imported == nil ? "created" : "imported",
        "import_id": .optional(imported),
      ]
      let events = try ContactRecord.events(db, contact: contact, after: page.after, atMost: page.limit + 1)
      let first: [(id: Int64, json: JSON)] = page.isFirst ? [(id: Int64(0), json: born)] : []
      return first + events
    }
    return page.answer(entries)
  }

  @Sendable private static func record(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "contact")
    // Before the head goes out, so that a refusal is still an answer of its own.
    let head = try await call.page { db in try ContactRecord.head(db, contact: id) }
    return .json(
      name: "contact-\(id).json", head.members,
      ContactRecord.lists.map { list in
        LongList(name: list.name, from: ContactRecord.Place()) { place in
          try await call.page { db in try ContactRecord.page(db, list, contact: id, of: head.numbers, at: place) }
        }
      })
  }

  // MARK: Custom fields

  @Sendable private static func fields(_ call: Call<Runtime>) async throws -> Response {
    let kinds = try await call.subject.file.read { db in try ContactField.all(db) }
    return JSON.object([
      (
        "data",
        .list(
          kinds.sorted { $0.key < $1.key }.map { ["name": .text($0.key), "type": .text($0.value.rawValue)] })
      ), ("next_cursor", nil),
    ]).response()
  }

  @Sendable private static func defineField(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let name = ContactField.composed(fields.take(fieldName) ?? "")
    if !ContactField.mayBeNamed(name) { fields.fail("name", ContactField.nameRule) }
    let kind = fields.take(fieldKind)
    try fields.finish()
    let field = ContactField(name: name, kind: kind ?? .text)
    try await call.transact { change in try Contact.defineField(change, field) }
    return JSON.object([("name", .text(name)), ("type", .text(field.kind.rawValue))]).response(status: .created)
  }
}
