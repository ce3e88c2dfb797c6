import GRDB

/// A rule as lines of a form: groups open and end, conditions stand between, each with how many people it picks.
struct RuleBuilder: Sendable {
  struct Line: Sendable {
    let isGroup: Bool
    let isInner: Bool
    let isEnd: Bool
    let isRow: Bool
    /// Of buttons and labels: `0.2`.
    let place: String
    let number: String
    let joins: [Choice]
    let whats: [RuleChoices.Group]
    let hows: [Choice]
    let values: [Choice]
    let isChosen: Bool
    let isTag: Bool
    let isTyped: Bool
    let hasValue: Bool
    let type: String
    let value: String
    let count: String?
    var mayGroup = true
  }

  let lines: [Line]
  /// Nil while it cannot be counted.
  let total: String?
  let isExact: Bool
  /// Not everything is filled in.
  let isPartial: Bool

  private static let mostMilliseconds = 500.0

  /// - Parameter rule: the form's, as far as it is filled in.
  init(_ db: Database, _ form: RuleForm, _ rule: AudienceRule?, _ choices: RuleChoices, _ words: Words) throws {
    var maker = Maker(choices: choices, words: words)
    try maker.group(db, form.join, form.parts, place: "")
    lines = maker.lines
    let counted = try rule.map { try AudienceCount.number(db, $0, now: words.now) }
    isExact = counted?.isExact ?? true
    isPartial = maker.isPartial
    total = counted.map { words($0.count, one: "{0} person", many: "{0} people") }
  }

  private struct Maker {
    let choices: RuleChoices
    let words: Words
    var lines: [Line] = []
    var isPartial = false
    private let began = ContinuousClock.now

    init(choices: RuleChoices, words: Words) { (self.choices, self.words) = (choices, words) }

    mutating func group(_ db: Database, _ join: RuleForm.Join, _ parts: [RuleForm.Part], place: String) throws {
      let names: [(RuleForm.Join, String)] = [
        (.all, words("all")), (.any, words("any")), (.none, words("none")), (.notAll, words("not all")),
      ]
      add(
        isGroup: true, place: place,
        joins: names.map { Choice($0.0.rawValue, $0.1, chosen: join.rawValue) })
      for (index, part) in parts.enumerated() {
        let inner = place.isEmpty ? String(index) : "\(place).\(index)"
        switch part {
        case .group(let join, let parts): try group(db, join, parts, place: inner)
        case .row(let what, let how, let value): try row(db, part, what, how, value, place: inner)
        }
      }
      add(isEnd: true, place: place)
    }

    private mutating func row(
      _ db: Database, _ part: RuleForm.Part, _ what: String, _ how: String, _ value: String, place: String
    ) throws {
      let isComplete = RuleForm.isComplete(part)
      if !isComplete { isPartial = true }
      let values = choices.values(what, chosen: value)
      let hasValue = !["everyone", "do_not_contact"].contains(what) && !how.hasSuffix("blank")
      let kind = choices.kind(what)
      let type = what == "not_texted_days" || kind == .number ? "number" : kind == .date ? "date" : "text"
      lines.append(
        Line(
          isGroup: false, isInner: false, isEnd: false, isRow: true, place: place,
          number: place.split(separator: ".").map { String((Int($0) ?? 0) + 1) }.joined(separator: "."), joins: [],
          whats: choices.whats(chosen: what), hows: choices.hows(what, chosen: how), values: values ?? [],
          isChosen: hasValue && values != nil, isTag: hasValue && what == "tag",
          isTyped: hasValue && values == nil && what != "tag", hasValue: hasValue,
          type: type == "date" && !ContactField.Kind.isDate(value) && !value.isEmpty ? "text" : type, value: value,
          count: isComplete ? try count(db, part) : nil))
    }

    /// As long as nobody waits for it; a condition that is refused when it is saved has no count.
    private func count(_ db: Database, _ part: RuleForm.Part) throws -> String? {
      guard (ContinuousClock.now - began) / .milliseconds(1) < mostMilliseconds else { return nil }
      do {
        let rule = try AudienceRule(RuleForm(.all, [part]).json(), at: "rule")
        try rule.check(db)
        let (count, isExact) = try AudienceCount.number(db, rule, now: words.now)
        return (isExact ? "" : "~") + words.number(count)
      } catch is Refusal { return nil }
    }

    private mutating func add(isGroup: Bool = false, isEnd: Bool = false, place: String, joins: [Choice] = []) {
      lines.append(
        Line(
          isGroup: isGroup, isInner: !place.isEmpty, isEnd: isEnd, isRow: false, place: place,
          number: place.split(separator: ".").map { String((Int($0) ?? 0) + 1) }.joined(separator: "."), joins: joins,
          whats: [], hows: [], values: [], isChosen: false, isTag: false, isTyped: false, hasValue: false, type: "",
          value: "", count: nil, mayGroup: place.split(separator: ".").count < 3))
    }
  }
}
