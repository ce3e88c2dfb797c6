/// A JSON Schema (2020-12) with an example that keeps to it, and the named schemas that it refers to.
package struct Shape: Sendable {
  package let schema: JSON
  package let example: JSON
  /// By the name under `#/components/schemas`.
  package let components: [String: JSON]

  package init(_ schema: JSON, example: JSON, components: [String: JSON] = [:]) {
    self.schema = schema
    self.example = example
    self.components = components
  }

  // MARK: Values

  package static let any = Shape([:], example: [:])
  package static let null = Shape(["type": "null"], example: nil)
  package static let bool = Shape(["type": "boolean"], example: true)
  package static let number = Shape(["type": "number"], example: .double(1.5))
  package static let id = int(1...Int64.max, example: 17)
  package static let count = int(0...Int64.max, example: 12)
  package static let int = Shape(["type": "integer"], example: 12)
  package static let text = text(example: "Spring sale")
  package static let bytes = Shape(["type": "string", "format": "binary"], example: "bytes")
  package static let moment = Shape(
    ["type": "string", "format": "date-time"], example: "2026-11-23T16:25:00.000Z")
  /// Micros: millionths of the account's currency.
  static let money = int(0...Int64.max, example: 8_300)
  static let date = Shape(["type": "string", "format": "date"], example: "2026-12-01")
  /// A custom field's.
  static let fieldValue = Shape(["type": ["string", "number", "boolean"]], example: "Rome")
  package static let phone = Shape(
    ["type": "string", "pattern": #"^\+[0-9]{1,18}$"#], example: "+14155550123")

  package static func text(least: Int? = nil, most: Int? = nil, example: String) -> Shape {
    let bounds =
      (least.map { [("minLength", JSON.int($0))] } ?? []) + (most.map { [("maxLength", JSON.int($0))] } ?? [])
    return Shape(.object([("type", "string")] + bounds), example: .text(example))
  }

  package static func int(_ range: ClosedRange<Int64>, example: Int64) -> Shape {
    Shape(
      .object(
        [("type", "integer"), ("minimum", .int(range.lowerBound))]
          + (range.upperBound == .max ? [] : [("maximum", .int(range.upperBound))])), example: .int(example))
  }

  package static func choice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) -> Shape
  where Choice.RawValue == String { choice(Choice.allCases.map(\.rawValue)) }

  package static func choice(_ words: [String]) -> Shape {
    Shape(
      ["type": "string", "enum": .list(words.map(JSON.text))], example: words.first.map(JSON.text) ?? .null)
  }

  // MARK: Composition

  package static func list(_ entry: Shape, most: Int? = nil) -> Shape {
    Shape(
      .object([("type", "array"), ("items", entry.schema)] + (most.map { [("maxItems", .int($0))] } ?? [])),
      example: .list([entry.example]), components: entry.components)
  }

  /// Any names, each with such a value.
  package static func map(_ value: Shape, example name: String) -> Shape {
    Shape(
      ["type": "object", "additionalProperties": value.schema], example: .object([(name, value.example)]),
      components: value.components)
  }

  /// These members and no others. Those of `optional` may be left out, and are no part of the example.
  package static func object(
    _ members: KeyValuePairs<String, Shape>, optional: KeyValuePairs<String, Shape> = [:]
  ) -> Shape {
    object(members.map { ($0.key, $0.value) }, optional: optional.map { ($0.key, $0.value) })
  }

  package static func object(_ members: [(String, Shape)], optional: [(String, Shape)]) -> Shape {
    let all = members + optional
    var schema: [(String, JSON)] = [
      ("type", "object"), ("additionalProperties", false), ("properties", .object(all.map { ($0.0, $0.1.schema) })),
    ]
    if !members.isEmpty { schema.append(("required", .list(members.map { .text($0.0) }))) }
    return Shape(
      .object(schema), example: .object(members.map { ($0.0, $0.1.example) }),
      components: merged(all.map(\.1)))
  }

  package static func oneOf(_ shapes: [Shape]) -> Shape {
    Shape(
      ["anyOf": .list(shapes.map(\.schema))], example: shapes.first?.example ?? .null, components: merged(shapes))
  }

  /// Under a name of its own; what uses it refers to it.
  package static func named(_ name: String, _ shape: Shape) -> Shape {
    var components = shape.components
    components[name] = shape.schema
    return Shape(
      ["$ref": .text("#/components/schemas/\(name)")], example: shape.example, components: components)
  }

  private static func merged(_ shapes: [Shape]) -> [String: JSON] {
    shapes.reduce(into: [:]) { $0.merge($1.components) { first, _ in first } }
  }

  package var orNull: Shape {
    guard let type = schema["type"]?.text, let members = schema.members else {
      return Shape(
        ["anyOf": [schema, ["type": "null"]]], example: example, components: components)
    }
    let nullable = members.map { name, value -> (String, JSON) in
      switch name {
      case "type": (name, [.text(type), "null"])
      case "enum": (name, .list((value.list ?? []) + [.null]))
      default: (name, value)
      }
    }
    return Shape(.object(nullable), example: example, components: components)
  }

  /// Of a parameter that may be left out: an empty one counts as absent, as a form sends a field that nobody has filled in.
  var orEmpty: Shape {
    guard let members = schema.members else { return self }
    let loose = members.compactMap { name, value -> (String, JSON)? in
      switch name {
      case "pattern": ("pattern", .text("^$|" + (value.text ?? "")))
      // No format has an empty text.
      case "format": nil
      default: (name, value)
      }
    }
    return Shape(.object(loose), example: example, components: components)
  }

  /// With a description; beside a reference it stands as it is (2020-12 allows that).
  package func about(_ text: String) -> Shape {
    Shape(
      .object((schema.members ?? []) + [("description", .text(text))]), example: example, components: components)
  }

  package func example(_ value: JSON) -> Shape { Shape(schema, example: value, components: components) }

  /// A page of a list: `data`, and the cursor of the next page or null.
  package static func page(_ entry: Shape) -> Shape {
    object(["data": list(entry), "next_cursor": text(example: "AV3qT8uvqwAAAAAAAAAR").orNull])
  }
}
