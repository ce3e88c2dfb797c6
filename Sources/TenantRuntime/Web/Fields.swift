/// The members of a request body, taken one by one into typed values. Every error names its field; `finish` refuses what was
/// not understood, unknown members included, all at once.
package struct Fields: Sendable {
  private var members: [String: JSON]
  private var taken: Set<String> = []
  private var errors: [FieldError] = []
  private let prefix: String

  package init(_ json: JSON, prefix: String = "") throws {
    guard let members = json.members else {
      throw Refusal.invalid(prefix, "must be a JSON object")
    }
    self.members = Dictionary(members, uniquingKeysWith: { _, last in last })
    self.prefix = prefix
  }

  package var names: [String] { members.keys.sorted() }

  package func has(_ name: String) -> Bool { members[name] != nil }

  package func hasNoErrors(about name: String) -> Bool {
    !errors.contains { $0.field == (prefix.isEmpty ? name : "\(prefix).\(name)") }
  }

  /// What is given and wrong is not missing, too.
  package mutating func fail(_ name: String, _ message: String) {
    if message == "is required", !hasNoErrors(about: name) { return }
    errors.append(FieldError(field: prefix.isEmpty ? name : "\(prefix).\(name)", message: message))
  }

  /// Null counts as absent.
  package mutating func value(_ name: String) -> JSON? {
    taken.insert(name)
    if case .null? = members[name] { return nil }
    return members[name]
  }

  package mutating func text(_ name: String, most: Int) -> String? {
    guard let value = value(name) else { return nil }
    guard let text = value.text else {
      fail(name, "must be a string")
      return nil
    }
    guard text.unicodeScalars.count <= most else {
      fail(name, "must have at most \(most) characters")
      return nil
    }
    guard !text.unicodeScalars.contains("\u{0}") else {
      fail(name, "must not contain NUL")
      return nil
    }
    return text
  }

  package mutating func requiredText(_ name: String, most: Int) -> String {
    let before = errors.count
    let text = text(name, most: most)
    if let text, !text.trimmed.isEmpty { return text }
    if errors.count == before { fail(name, "is required") }
    return ""
  }

  package mutating func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, _: Choice.Type) -> Choice?
  where Choice.RawValue == String {
    guard let text = text(name, most: 100) else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    fail(name, "must be one of " + Choice.allCases.map { $0.rawValue }.joined(separator: ", "))
    return nil
  }

  package mutating func bool(_ name: String) -> Bool? {
    guard let value = value(name) else { return nil }
    if let bool = value.bool { return bool }
    fail(name, "must be true or false")
    return nil
  }

  package mutating func int(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
    guard let value = value(name) else { return nil }
    if let int = value.int, range.contains(int) { return int }
    fail(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    return nil
  }

  package mutating func double(_ name: String, in range: ClosedRange<Double>) -> Double? {
    guard let value = value(name) else { return nil }
    let number: Double? = if case .double(let double) = value { double } else { value.int.map(Double.init) }
    if let number, range.contains(number) { return number }
    fail(name, "must be a number from \(range.lowerBound) to \(range.upperBound)")
    return nil
  }

  package mutating func moment(_ name: String) -> Moment? {
    guard let text = text(name, most: 40) else { return nil }
    if let moment = Moment(iso8601: text) { return moment }
    // A page's field was read on the tenant's clock before, and found no such moment there.
    if text.contains(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$/) {
      fail(name, "is no time that there is: it lacks a zone, or the clocks leave that hour out")
      return nil
    }
    fail(name, "must be a time in ISO 8601 with a zone, like 2026-11-23T16:25:00Z")
    return nil
  }

  /// - Parameter anyDialled: also what cannot be texted: consent is kept of every number.
  package mutating func phone(_ name: String, anyDialled: Bool = false) -> PhoneNumber? {
    guard let text = text(name, most: 60) else { return nil }
    let reader = PhoneReader.shared
    switch anyDialled ? reader.dialled(text, region: "US") : reader.read(text, region: "US") {
    case .success(let phone): return phone
    case .failure(let reason): fail(name, reason.sentence)
    }
    return nil
  }

  package mutating func list(_ name: String, most: Int) -> [JSON]? {
    guard let value = value(name) else { return nil }
    guard let list = value.list else {
      fail(name, "must be a list")
      return nil
    }
    guard list.count <= most else {
      fail(name, "must have at most \(most) entries")
      return nil
    }
    return list
  }

  package mutating func ints(_ name: String, most: Int, in range: ClosedRange<Int64>) -> [Int64]? {
    guard let list = list(name, most: most) else { return nil }
    let ints = list.compactMap(\.int).filter(range.contains)
    if ints.count == list.count { return ints }
    fail(name, "must be whole numbers from \(range.lowerBound) to \(range.upperBound)")
    return nil
  }

  package mutating func object(_ name: String) -> Fields? {
    guard let value = value(name) else { return nil }
    if let fields = try? Fields(value, prefix: prefix.isEmpty ? name : "\(prefix).\(name)") { return fields }
    fail(name, "must be an object")
    return nil
  }

  /// Takes over what a nested object found wrong.
  package mutating func absorb(_ nested: Fields) {
    errors += nested.errors
    for unknown in Set(nested.members.keys).subtracting(nested.taken).sorted() {
      errors.append(FieldError(field: "\(nested.prefix).\(unknown)", message: "is not a known field"))
    }
  }

  package mutating func finish() throws {
    for unknown in Set(members.keys).subtracting(taken).sorted() { fail(unknown, "is not a known field") }
    if !errors.isEmpty { throw Refusal.invalid(errors) }
  }
}
