/// One member of a request body, declared once: a handler takes it by this, and the document shows its schema.
package struct Field<Value: Sendable>: DeclaredField {
  package let name: String
  package let shape: Shape
  /// What is said when it is not there; nil: it may be left out.
  let missing: String?
  let read: @Sendable (inout Fields, String) -> Value?

  package var isRequired: Bool { missing != nil }

  package init(
    _ name: String, _ shape: Shape, missing: String? = nil, read: @escaping @Sendable (inout Fields, String) -> Value?
  ) {
    self.name = name
    // Null counts as absent.
    self.shape = missing == nil ? shape.orNull : shape
    self.missing = missing
    self.read = read
  }
}

package protocol DeclaredField: Sendable {
  var name: String { get }
  var shape: Shape { get }
  var isRequired: Bool { get }
}

/// A member whose handler reads it by rules of its own; here it is only documented.
package struct Documented: DeclaredField {
  package let name: String
  package let shape: Shape
  package let isRequired: Bool

  package init(_ name: String, _ shape: Shape, required: Bool = false) {
    self.name = name
    self.shape = shape
    isRequired = required
  }
}

extension Fields {
  /// The member as it is declared; nil when it is absent, null or wrong. What is wrong is thrown by `finish`.
  package mutating func take<Value>(_ field: Field<Value>) -> Value? {
    let value = field.read(&self, field.name)
    if value == nil, let missing = field.missing, hasNoErrors(about: field.name) { fail(field.name, missing) }
    return value
  }
}

extension Field where Value == String {
  package static func text(
    _ name: String, most: Int, missing: String? = nil, about: String, example: String
  ) -> Field {
    Field(name, .text(most: most, example: example).about(about), missing: missing) { fields, name in
      let text = fields.text(name, most: most)
      return missing != nil && text?.trimmed.isEmpty == true ? nil : text
    }
  }

  /// One line, trimmed, without control characters.
  package static func line(
    _ name: String, most: Int, missing: String? = nil, about: String, example: String
  ) -> Field {
    Field(name, .text(most: most, example: example).about(about), missing: missing) { fields, name in
      fields.name(name, most: most)
    }
  }
}

extension Field where Value == Bool {
  package static func bool(_ name: String, missing: String? = nil, about: String) -> Field {
    Field(name, Shape.bool.about(about), missing: missing) { fields, name in fields.bool(name) }
  }
}

extension Field where Value == Int64 {
  package static func int(
    _ name: String, _ range: ClosedRange<Int64>, missing: String? = nil, about: String, example: Int64
  ) -> Field {
    Field(name, .int(range, example: example).about(about), missing: missing) { fields, name in
      fields.int(name, in: range)
    }
  }
}

extension Field where Value == Moment {
  package static func moment(_ name: String, about: String) -> Field {
    Field(name, Shape.moment.about(about)) { fields, name in fields.moment(name) }
  }
}

extension Field where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  package static func choice(_ name: String, missing: String? = nil, about: String) -> Field {
    Field(name, Shape.choice(Value.self).about(about), missing: missing) { fields, name in
      fields.choice(name, Value.self)
    }
  }
}
