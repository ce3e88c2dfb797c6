package import Hummingbird

extension RouteDeclaration {
  /// Refuses parameters that are not declared, or not as they are declared, all at once. An empty one counts as absent. Whether a required one
  /// is there is its handler's to say: those of an upload may be members of its form.
  package func checkQuery(_ request: Request) throws {
    var errors: [FieldError] = []
    var seen: Set<String> = []
    for (name, value) in request.queryForm {
      guard let field = query.first(where: { $0.takes(name) }) else {
        let shown = String(name.unicodeScalars.prefix(60).map(Character.init))
        errors.append(FieldError(field: shown, message: "is not a known parameter of this address"))
        continue
      }
      if !seen.insert(name).inserted, !field.isList {
        errors.append(FieldError(field: name, message: "is given more than once"))
      }
      if !value.isEmpty, let problem = field.problem(value) { errors.append(FieldError(field: name, message: problem)) }
    }
    if !errors.isEmpty { throw Refusal.invalid(errors) }
  }
}

extension QueryField {
  /// `field.NAME` stands for any name.
  fileprivate func takes(_ given: String) -> Bool {
    name.hasSuffix("NAME") ? given.hasPrefix(name.dropLast(4)) && given.count > name.count - 4 : given == name
  }

  /// It may be given several times.
  fileprivate var isList: Bool { shape.schema["type"]?.text == "array" }

  fileprivate func problem(_ value: String) -> String? {
    let schema = isList ? shape.schema["items"] ?? [:] : shape.schema
    if let words = schema["enum"]?.list?.compactMap(\.text), !words.contains(value) {
      return "must be one of " + words.joined(separator: ", ")
    }
    if schema["type"]?.text == "integer" {
      let (least, most) = (schema["minimum"]?.int ?? .min, schema["maximum"]?.int ?? .max)
      guard let number = Int64(value), least <= number, number <= most else {
        return most == .max
          ? "must be a whole number of at least \(least)" : "must be a whole number from \(least) to \(most)"
      }
    }
    if let most = schema["maxLength"]?.int, value.unicodeScalars.count > most {
      return "must have at most \(most) characters"
    }
    return nil
  }
}
