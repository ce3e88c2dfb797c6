package import Foundation

/// A form of a page as the JSON that the same operation of the API takes: one parse, one set of errors.
///
/// - `a.b` is a member of a member. A name that stands several times is a list where the shape has one, else its last value counts.
/// - An empty field is null, where the shape allows that.
/// - Entries of a list of objects are numbered: `variants.0.name`. One without a word in it is none.
/// - `send_at:if=_when=at` counts only where the field `_when` says `at`.
/// - `_was:NAME` is what the page showed in a field, or in the entries of a list: left as it was, it is not sent, so that what a colleague has set there since stays.
/// - A hint behind a colon says how people write it: `budget_micros:money` in dollars (`MoneyText`), `list:lines` one entry a line, `rule:json` as JSON,
///   `share:percent` in hundredths, `rule:parts` as a rule builder (`RuleForm`). `hosts:lines?`: a list without entries is null. `events:list` is a list also where the shape has other
///   ways to say it. Several hints and conditions may follow each other: `events:list:if=_events=some`.
package struct FormJSON {
  let shape: Shape?
  /// Times without a zone are the tenant's.
  let zone: TimeZone

  private let money: MoneyText

  /// - Parameter language: of who has filled it in.
  package init(_ body: BodyDeclaration?, zone: TimeZone, language: Words.Language) {
    shape = body?.contents.first { $0.type == "application/json" }?.shape
    self.zone = zone
    money = MoneyText(language)
  }

  private static func changed(_ form: [(name: String, value: String)]) -> [(name: String, value: String)] {
    var (shown, sent): ([Substring: [String]], [Substring: [String]]) = ([:], [:])
    for field in form {
      if field.name.hasPrefix("_was:") {
        shown[field.name.dropFirst(5), default: []].append(field.value)
      } else {
        sent[field.name[...], default: []].append(field.value)
      }
    }
    return form.filter { field in
      let name = field.name[...]
      guard !name.hasPrefix("_") else { return false }
      guard let before = shown[name], before == sent[name] else { return true }
      // What counts by a choice has changed where the choice has.
      return name.split(separator: ":").contains { part in
        guard part.hasPrefix("if="), let choice = part.dropFirst(3).split(separator: "=").first else { return false }
        return shown[choice] != nil && shown[choice] != sent[choice]
      }
    }
  }

  /// Everything is as the page showed it: there is nothing to be sent.
  package static func isUntouched(_ form: [(name: String, value: String)]) -> Bool {
    form.contains { $0.name.hasPrefix("_was:") } && changed(form).isEmpty
  }

  package func json(_ form: [(name: String, value: String)]) -> JSON {
    var root = Node()
    for (name, value) in Self.changed(form) {
      let sides = name.split(separator: ":", omittingEmptySubsequences: false)
      let conditions = sides.dropFirst().filter { $0.hasPrefix("if=") }
      if conditions.contains(where: { !holds($0.dropFirst(3), form) }) { continue }
      let hint = sides.dropFirst().first { !$0.hasPrefix("if=") }.map(String.init)
      let path = sides[0].split(separator: ".").prefix(4).map(String.init)
      guard !path.isEmpty else { continue }
      root.add(value, hint: hint, at: path[...])
    }
    return value(of: root, schema: shape?.schema ?? [:])
  }

  private func holds(_ condition: Substring, _ form: [(name: String, value: String)]) -> Bool {
    let sides = condition.split(separator: "=", maxSplits: 1)
    return sides.count == 2 && form.last { $0.name == sides[0] }.map { $0.value == sides[1] } ?? false
  }

  private struct Node {
    var values: [String] = []
    var hint: String?
    var members: [(String, Node)] = []

    /// Nobody has written anything into it.
    var isBlank: Bool { values.allSatisfy { $0.trimmed.isEmpty } && members.allSatisfy { $0.1.isBlank } }

    mutating func add(_ value: String, hint: String?, at path: ArraySlice<String>) {
      guard let name = path.first else {
        values.append(value)
        self.hint = hint ?? self.hint
        return
      }
      let index = members.firstIndex { $0.0 == name } ?? members.endIndex
      if index == members.endIndex { members.append((name, Node())) }
      members[index].1.add(value, hint: hint, at: path.dropFirst())
    }
  }

  // MARK: By schema

  private func resolved(_ schema: JSON) -> JSON {
    if let name = schema["$ref"]?.text?.split(separator: "/").last {
      return shape?.components[String(name)].map(resolved) ?? [:]
    }
    if let choices = schema["anyOf"]?.list {
      return choices.first { $0["type"]?.text != "null" }.map(resolved) ?? [:]
    }
    return schema
  }

  private func types(_ schema: JSON) -> [String] {
    let schema = resolved(schema)
    return schema["type"]?.list?.compactMap(\.text) ?? schema["type"]?.text.map { [$0] } ?? []
  }

  private func isNullable(_ schema: JSON) -> Bool {
    types(schema).contains("null") || schema["anyOf"]?.list?.contains { $0["type"]?.text == "null" } == true
  }

  private func value(of node: Node, schema: JSON) -> JSON {
    if node.hint == "parts" { return RuleForm(fields: node.values)?.json() ?? .null }
    let known = resolved(schema)
    if types(schema).contains("array"), !node.members.isEmpty {
      let entries = node.members.compactMap { name, entry in Int(name).map { ($0, entry) } }.sorted { $0.0 < $1.0 }
      return .list(entries.filter { !$0.1.isBlank }.map { value(of: $0.1, schema: known["items"] ?? [:]) })
    }
    if !node.members.isEmpty || node.values.isEmpty {
      let properties = known["properties"]
      return .object(
        node.members.map { name, member in
          (name, value(of: member, schema: properties?[name] ?? known["additionalProperties"] ?? [:]))
        })
    }
    let types = types(schema)
    if node.hint?.hasSuffix("?") == true, node.isBlank { return .null }
    if types.contains("array") || node.hint == "list" { return list(node, items: known["items"] ?? [:]) }
    let last = node.values.last ?? ""
    return scalar(last, hint: node.hint, types: types, schema: known, isNullable: isNullable(schema))
  }

  private func list(_ node: Node, items: JSON) -> JSON {
    if node.hint == "json" {
      let values = node.values.filter { !$0.trimmed.isEmpty }.map { (try? JSON(parsing: $0)) ?? .text($0) }
      if values.count == 1, case .list = values[0] { return values[0] }
      return .list(values)
    }
    let texts: [String] =
      switch node.hint.map({ $0.replacing("?", with: "") }) {
      case "lines": node.values.flatMap { $0.split(whereSeparator: \.isNewline).map(String.init) }
      case "words": node.values.flatMap { $0.split { $0 == "," || $0.isNewline }.map { String($0) } }
      default: node.values
      }
    let types = types(items)
    return .list(
      texts.map(\.trimmed).filter { !$0.isEmpty }.map {
        scalar($0, hint: nil, types: types, schema: resolved(items), isNullable: false)
      })
  }

  private func scalar(_ text: String, hint: String?, types: [String], schema: JSON, isNullable: Bool) -> JSON {
    let text = text.replacing("\r\n", with: "\n")
    if text.trimmed.isEmpty, isNullable || !types.contains("string") { return .null }
    switch hint {
    case "json": return (try? JSON(parsing: text)) ?? .text(text)
    case "money": return money.micros(text).map(JSON.int) ?? .text(text)
    case "percent": return Double(text.trimmed).map { .double($0 / 100) } ?? .text(text)
    default: break
    }
    // What may be either is what its reader makes of the text.
    if types.contains("string"), types.count > 1, !types.allSatisfy({ $0 == "string" || $0 == "null" }) {
      return .text(text)
    }
    if types.contains("boolean") {
      switch text {
      case "on", "true", "1", "yes": return .bool(true)
      case "off", "false", "0", "no": return .bool(false)
      default: return .text(text)
      }
    }
    if types.contains("integer") || schema["const"]?.int != nil {
      return Int64(text.trimmed).map(JSON.int) ?? .text(text)
    }
    if types.contains("number") {
      return Int64(text.trimmed).map(JSON.int) ?? Double(text.trimmed).map(JSON.double) ?? .text(text)
    }
    if schema["format"]?.text == "date-time", let moment = local(text.trimmed) { return .moment(moment) }
    return .text(text)
  }

  nonisolated(unsafe) private static let dayAndTime =
    #/([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2})(?::[0-9]{2})?/#

  /// `2026-11-29T10:00`, as a native field of a browser says it, on the tenant's clock.
  private func local(_ text: String) -> Moment? {
    guard let match = text.wholeMatch(of: Self.dayAndTime) else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let parts = DateComponents(
      year: Int(match.1), month: Int(match.2), day: Int(match.3), hour: Int(match.4), minute: Int(match.5))
    guard let date = calendar.date(from: parts) else { return nil }
    // 31 February and an hour that the clocks leave out would become another time than was written.
    let read = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: date)
    guard
      (read.year, read.month, read.day, read.hour, read.minute)
        == (parts.year, parts.month, parts.day, parts.hour, parts.minute)
    else { return nil }
    return Moment(date)
  }
}
