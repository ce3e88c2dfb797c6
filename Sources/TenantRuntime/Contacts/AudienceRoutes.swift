import GRDB
import Hummingbird

enum AudienceRoutes {
  private static let name = Field<String>.line(
    "name", most: 100, missing: "is required", about: "What the team calls it.", example: "Regulars")

  static let all: [Route<Runtime>] = [
    Route(
      .get, "audiences", needs: .readContacts, about: "Saved audiences", query: .page, answers: [.page(.audience)], list
    ),
    Route(
      .post, "audiences", needs: .editContacts, about: "Save an audience",
      body: .json([name, Documented("rule", .audienceRule, required: true)]), answers: [.created(.audience)], create),
    Route(
      .post, "audiences/preview", needs: .readContacts, about: "Count a rule that is not saved",
      body: .json([Documented("rule", .audienceRule, required: true), Documented.exclude]),
      answers: [.ok(.audienceCount)],
      repeats: .free, preview),
    Route(.get, "audiences/:id", needs: .readContacts, about: "One audience", answers: [.ok(.audience)], whole: whole) {
      call in try await call.answer(try whole(call))
    },
    Route(
      .patch, "audiences/:id", needs: .editContacts, about: "Change an audience",
      body: .json([Documented("name", name.shape), Documented("rule", .audienceRule)]), answers: [.ok(.audience)],
      whole: whole, edit),
    Route(
      .delete, "audiences/:id", needs: .editContacts, about: "Delete an audience that nothing uses", answers: [.none],
      whole: whole, delete),
    Route(
      .get, "audiences/:id/count", needs: .readContacts, about: "How many contacts an audience picks now",
      answers: [.ok(.audienceCount)], count),
    Route(
      .get, "audiences/:id/explanation", needs: .readContacts, about: "Why a contact is in an audience, or not",
      query: [QueryField("contact", .id, required: true)], answers: [.ok(.audienceExplanation)], explanation),
  ]

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    return try await call.subject.file.page(page, "SELECT * FROM audiences WHERE id > ? ORDER BY id", [page.after]) {
      try Audience($0).json
    }
  }

  @Sendable private static func whole(_ call: Call<Runtime>) throws -> (@Sendable (Database) throws -> JSON) {
    let id = try call.id(of: "audience")
    return { db in try Audience.find(db, id: id).json }
  }

  static func rule(_ fields: inout Fields, required: Bool = true) throws -> AudienceRule? {
    guard let value = fields.value("rule") else {
      if required || fields.has("rule") { fields.fail("rule", "is required, for example {\"tag\": \"vip\"}") }
      return nil
    }
    do { return try AudienceRule(value, at: "rule") } catch Refusal.invalid(let errors) {
      for error in errors { fields.fail(error.field, error.message) }
      return nil
    }
  }

  /// Rules under `exclude`: who is in one of them is left out.
  static func exclusions(_ fields: inout Fields) throws -> [AudienceRule] {
    var rules: [AudienceRule] = []
    for (index, value) in (fields.list("exclude", most: AudienceRule.mostExclusions) ?? []).enumerated() {
      do { rules.append(try AudienceRule(value, at: "exclude[\(index)]")) } catch Refusal.invalid(let errors) {
        for error in errors { fields.fail(error.field, error.message) }
      }
    }
    return rules
  }

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let name = fields.take(name)
    let rule = try rule(&fields)
    try fields.finish()
    guard let name, let wanted = rule else { throw Refusal.invalid("rule", "is required") }
    return try await call.answer(.created) { change in try Audience.create(change, name: name, wanted).json }
  }

  @Sendable private static func edit(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "audience")
    var fields = try await call.fields()
    let name = fields.has("name") ? fields.take(name) : nil
    let rule = try rule(&fields, required: false)
    try fields.finish()
    return try await call.transact { change in try Audience.edit(change, id, name: name, rule).json }.response()
  }

  @Sendable private static func delete(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "audience")
    try await call.transact { change in try Audience.delete(change, id) }
    return Response(status: .noContent)
  }

  @Sendable private static func count(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "audience")
    return try await answerCount(call) { db in try Audience.find(db, id: id).rule }
  }

  /// The count of a rule that is not saved yet, without those whom a campaign would leave out.
  @Sendable private static func preview(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let rule = try rule(&fields)
    let exclude = try exclusions(&fields)
    try fields.finish()
    guard let wanted = rule?.without(exclude) else { throw Refusal.invalid("rule", "is required") }
    return try await answerCount(call) { db in
      try wanted.check(db)
      return wanted
    }
  }

  private static func answerCount(
    _ call: Call<Runtime>, _ rule: @escaping @Sendable (Database) throws -> AudienceRule
  ) async throws -> Response {
    let now = call.subject.dependencies.now()
    return try await call.subject.file.read { db in
      let taken = try AudienceCount.take(db, try rule(db), now: now)
      let kinds = try ContactField.all(db)
      return JSON.object([
        ("count", .int(taken.count)), ("exact", .bool(taken.isExact)),
        ("sample", .list(try taken.sample.map { try ContactJSON.json(try ContactJSON.find(db, $0), kinds) })),
      ])
    }.response()
  }

  @Sendable private static func explanation(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "audience")
    guard let contact = call.query("contact").flatMap({ Int64($0) }), contact > 0 else {
      throw Refusal.invalid("contact", "must be the id of a contact")
    }
    let now = call.subject.dependencies.now()
    return try await call.subject.file.read { db in
      _ = try ContactJSON.find(db, contact)
      return try AudienceExplanation.explain(db, try Audience.find(db, id: id).rule, contact: contact, now: now)
    }.response()
  }
}
