import GRDB
import Hummingbird

enum TemplateRoutes {
  private static let name = Field<String>.line(
    "name", most: SavedTemplate.longestName, missing: "is required", about: "What the team calls it.",
    example: "Appointment")
  private static let body = Shape.text(most: BodyRules.longest, example: "Hi {{first_name|there}}, see you on Monday.")

  static let all: [Route<Runtime>] = [
    Route(
      .get, "templates", needs: .readCampaigns, about: "Saved texts", query: .page, answers: [.page(.template)], list),
    Route(
      .post, "templates", needs: .editCampaigns, about: "Save a text",
      body: .json([name, Documented("body", body, required: true)]), answers: [.created(.template)], create),
    Route(
      .get, "templates/:id", needs: .readCampaigns, about: "One saved text", answers: [.ok(.template)], whole: whole
    ) { call in try await call.answer(try whole(call)) },
    Route(
      .patch, "templates/:id", needs: .editCampaigns, about: "Change a saved text",
      body: .json([Documented("name", name.shape), Documented("body", body)]), answers: [.ok(.template)],
      whole: whole, edit),
    Route(
      .delete, "templates/:id", needs: .editCampaigns, about: "Delete a saved text; campaigns keep theirs",
      answers: [.none], whole: whole, delete),
  ]

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    return try await call.subject.file.page(
      page, "SELECT * FROM message_templates WHERE id > ? ORDER BY id", [page.after]
    ) { SavedTemplate($0).json }
  }

  @Sendable private static func whole(_ call: Call<Runtime>) throws -> (@Sendable (Database) throws -> JSON) {
    let id = try call.id(of: "template")
    return { db in try SavedTemplate.find(db, id: id).json }
  }

  /// What is given of name and body, checked.
  private static func read(_ call: Call<Runtime>, needsAll: Bool) async throws -> (name: String?, body: String?) {
    var fields = try await call.fields()
    let lease = call.subject.lease
    let rules = try await call.subject.file.read { db in try BodyRules.read(db, lease) }
    let name = needsAll || fields.has("name") ? fields.take(name) : nil
    var body: String?
    if needsAll || fields.has("body") {
      let text = fields.requiredBody("body")
      if !text.isEmpty, let problem = rules.problem(text) { fields.fail("body", problem) }
      body = text
    }
    try fields.finish()
    return (name, body)
  }

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    let (name, body) = try await read(call, needsAll: true)
    guard let name, let body else { throw Refusal.invalid("name", "is required") }
    return try await call.answer(.created) { change in
      try SavedTemplate.create(change, name: name, body: body).json
    }
  }

  @Sendable private static func edit(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "template")
    let (name, body) = try await read(call, needsAll: false)
    return try await call.transact { change in
      try SavedTemplate.edit(change, id, name: name, body: body).json
    }.response()
  }

  @Sendable private static func delete(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "template")
    try await call.transact { change in try SavedTemplate.delete(change, id) }
    return Response(status: .noContent)
  }
}

extension Shape {
  static let template = named(
    "Template",
    object([
      "id": id, "name": text(example: "Appointment"),
      "body": text(example: "Hi {{first_name|there}}, see you on Monday."),
      "fields": list(text(example: "first_name")), "created_at": moment, "updated_at": moment,
    ]))
}
