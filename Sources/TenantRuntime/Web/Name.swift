/// Names and labels that people give: one line, without control characters, counted in Unicode scalars as SQLite's `length` counts them.
package enum Name {
  /// The name without spaces around it and what nobody sees in it, as imports keep it; nil when nothing is left, it is too long, or it has
  /// control characters.
  package static func read(_ text: String?, most: Int, without marks: String = "") -> String? {
    guard let text = text?.trimmed, text.unicodeScalars.count <= most,
      !text.unicodeScalars.contains(where: { isControl($0) || marks.unicodeScalars.contains($0) })
    else { return nil }
    let name = TextCleaner.clean(text)
    return name.unicodeScalars.contains(where: isSeen) ? name : nil
  }

  /// Marks on letters are seen with the letter alone; U+2800 is a pattern of Braille without a dot.
  private static func isSeen(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    guard !properties.isDefaultIgnorableCodePoint, !properties.isWhitespace, scalar != "\u{2800}" else { return false }
    switch properties.generalCategory {
    case .control, .format, .unassigned, .nonspacingMark, .enclosingMark, .lineSeparator, .paragraphSeparator:
      return false
    default: return true
    }
  }

  package static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

extension Fields {
  /// A name, trimmed; nil when it is absent, empty or wrong.
  package mutating func name(_ field: String, most: Int) -> String? {
    guard let text = text(field, most: most), !text.trimmed.isEmpty else { return nil }
    if let name = Name.read(text, most: most) { return name }
    fail(field, "must be one line without control characters")
    return nil
  }

  package mutating func requiredName(_ field: String, most: Int) -> String {
    if let name = name(field, most: most) { return name }
    if hasNoErrors(about: field) { fail(field, "is required") }
    return ""
  }

  /// A list of names, each once.
  package mutating func names(_ field: String, most: Int, longest: Int, without marks: String = "") -> [String]? {
    guard let list = list(field, most: most) else { return nil }
    var names: [String] = []
    for value in list {
      guard let name = Name.read(value.text, most: longest, without: marks) else {
        let but = marks.isEmpty ? "" : " or " + marks.map(String.init).joined(separator: " ")
        fail(field, "must be names of 1 to \(longest) characters, without control characters\(but)")
        return names
      }
      if !names.contains(name) { names.append(name) }
    }
    return names
  }
}
