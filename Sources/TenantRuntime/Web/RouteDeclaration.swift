package import HTTPTypes

/// What a route says of itself: the document is made of this, and nothing else.
package struct RouteDeclaration: Sendable {
  package let method: HTTPRequest.Method
  /// Relative to the subject's base; parameters as `:id`.
  package let path: String
  /// Nil: no key is asked for.
  package let needs: Permission?
  package let also: Permission?
  package let about: String
  package let query: [QueryField]
  package let headers: [HeaderField]
  package let body: BodyDeclaration?
  package let answers: [Answer]
  package let repeats: Repeats
  /// Its answer has an `ETag`, or it changes what has one.
  package let isTagged: Bool

  /// What the same POST again, with the same `Idempotency-Key`, is answered.
  package enum Repeats: Sendable {
    /// The first answer.
    case kept
    /// That it was carried out already: the first answer held a secret, which is not kept.
    case secret
    /// It changes nothing: it is done again, and no key is asked for.
    case free
  }

  package init(
    _ method: HTTPRequest.Method, _ path: String, needs: Permission? = nil, also: Permission? = nil, about: String,
    query: [QueryField] = [],
    headers: [HeaderField] = [], body: BodyDeclaration? = nil, answers: [Answer],
    repeats: Repeats = .kept, isTagged: Bool = false
  ) {
    self.method = method
    self.path = path
    (self.needs, self.also) = (needs, also)
    self.about = about
    self.query = query
    self.body = body
    (self.repeats, self.isTagged) = (repeats, isTagged)
    var (headers, answers) = (headers, answers)
    if method == .post, repeats != .free, needs != nil { headers.append(OnceOnly.field) }
    if isTagged { headers.append(method == .get ? .ifNoneMatch : .ifMatch) }
    if isTagged, method == .get { answers.append(Answer(304, "It is as the ETag says.")) }
    (self.headers, self.answers) = (headers, answers)
  }
}

extension RouteDeclaration {
  /// It changes something and declares no body.
  package var takesNoBody: Bool { body == nil && (method == .post || method == .put || method == .patch) }

  package var takesIdempotencyKey: Bool { headers.contains { $0.name == OnceOnly.field.name } }
}

/// A header of the request that changes what is done.
package struct HeaderField: Sendable {
  package let name: String
  package let shape: Shape

  static let ifMatch = HeaderField(
    name: "If-Match",
    shape: Shape.text(example: "\"x1Yq\"").about(
      "The ETag that the change is meant for; 412 when it is another one now."))
  static let ifNoneMatch = HeaderField(
    name: "If-None-Match",
    shape: Shape.text(example: "\"x1Yq\"").about("The ETag that is known; 304 when it still holds."))
}

/// One query parameter.
package struct QueryField: Sendable {
  package let name: String
  package let shape: Shape
  package let isRequired: Bool

  package init(_ name: String, _ shape: Shape, required: Bool = false) {
    self.name = name
    self.shape = required ? shape : shape.orEmpty
    isRequired = required
  }

  static let limit = QueryField(
    "limit", Shape.int(1...Int64(PageRequest.most), example: 100).about("Entries of a page; 100 unless given."))
  static let cursor = QueryField(
    "cursor",
    Shape.text(most: 100, example: "AV3qT8uvqwAAAAAAAAAR").about(
      "The `next_cursor` of the page before, with the same filters."))
}

extension [QueryField] {
  package static var page: [QueryField] { [.limit, .cursor] }
  /// Of a list that grows at its end, and that programs follow.
  package static var followedPage: [QueryField] {
    page + [
      QueryField(
        "after", Shape.int(0...Int64.max, example: 17).about("Begins behind the entry of this id; a cursor goes first.")
      )
    ]
  }
}

package struct BodyDeclaration: Sendable {
  package let contents: [(type: String, shape: Shape)]
  package let isRequired: Bool

  package static func json(_ fields: [any DeclaredField]) -> BodyDeclaration {
    let required = fields.filter(\.isRequired).map { ($0.name, $0.shape) }
    let optional = fields.filter { !$0.isRequired }.map { ($0.name, $0.shape) }
    let shape = Shape.object(required, optional: optional)
    let example = required.isEmpty ? JSON.object(optional.prefix(1).map { ($0.0, $0.1.example) }) : shape.example
    return BodyDeclaration(contents: [("application/json", shape.example(example))], isRequired: !required.isEmpty)
  }

  package static func content(_ types: [String]) -> BodyDeclaration {
    BodyDeclaration(contents: types.map { ($0, shape(of: $0)) }, isRequired: true)
  }

  /// Of what is no JSON of ours: text, a form, or bytes.
  private static func shape(of type: String) -> Shape {
    switch type {
    case "multipart/form-data": .object(["file": .bytes])
    case "application/x-www-form-urlencoded", "application/json": .map(.text, example: "Body")
    case "text/csv", "text/plain": .text(example: "Mobile\n+14155550123\n")
    default: .bytes
    }
  }

  package func or(_ types: [String]) -> BodyDeclaration {
    BodyDeclaration(contents: contents + types.map { ($0, Self.shape(of: $0)) }, isRequired: isRequired)
  }
}

/// One answer that is no problem document.
package struct Answer: Sendable {
  package let status: Int
  package let about: String
  /// Nil: no body.
  package let type: String?
  /// Nil: text or bytes.
  package let shape: Shape?

  package init(_ status: Int, _ about: String, type: String? = nil, shape: Shape? = nil) {
    self.status = status
    self.about = about
    self.type = type
    self.shape = shape
  }

  package static func ok(_ shape: Shape) -> Answer { json(200, "Done.", shape) }
  package static func created(_ shape: Shape) -> Answer { json(201, "Made.", shape) }
  package static func accepted(_ shape: Shape) -> Answer { json(202, "Accepted; it goes on by itself.", shape) }
  package static func page(_ entry: Shape) -> Answer { json(200, "A page of the list.", .page(entry)) }
  package static let none = Answer(204, "Done.")
  package static let csv = Answer(200, "A CSV file.", type: "text/csv")
  package static let events = Answer(200, "Server-sent events.", type: "text/event-stream")

  private static func json(_ status: Int, _ about: String, _ shape: Shape) -> Answer {
    Answer(status, about, type: "application/json", shape: shape)
  }
}
