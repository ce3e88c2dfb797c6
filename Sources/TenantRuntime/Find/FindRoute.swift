import GRDB
import Hummingbird

/// One box for everything: what the caller may read and has the words that were typed.
enum FindRoute {
  static let all: [Route<Runtime>] = [
    Route(
      .get, "find", needs: .readCampaigns,
      about: "Contacts, campaigns, audiences, links, numbers and templates by words or digits",
      query: [
        QueryField(
          "q", Shape.text(most: Finder.longest, example: "spring").about("Words, or digits of a number."),
          required: true)
      ], answers: [.ok(.found)], find)
  ]

  @Sendable private static func find(_ call: Call<Runtime>) async throws -> Response {
    guard let typed = call.query("q"), typed.unicodeScalars.count <= Finder.longest, let finder = Finder(typed) else {
      throw Refusal.invalid("q", "must hold a word, and at most \(Finder.longest) characters")
    }
    // Of what a role or a key leaves out nothing is said.
    let kinds = Finder.Kind.allCases.filter { call.caller.permissions.contains($0.needs) }
    if kinds.contains(.contact) { try await QuickSearch.catchUp(call.subject) }
    return try await call.answer { db in
      ["data": .list(try kinds.flatMap { try finder.find(db, $0) })]
    }
  }
}

extension Shape {
  static let found = named(
    "Found",
    object([
      "data": list(
        object([
          "kind": choice(Finder.Kind.self),
          "id": oneOf([id, phone]).about("A sending number goes by its digits."),
          "title": text(example: "Spring sale"), "detail": text(example: "completed").orNull,
        ]))
    ]))
}
