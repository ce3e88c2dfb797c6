/// One phrase of the table, compiled. `FreeTextRules` says how a phrase is written.
struct FreeTextPattern: Sendable {
  enum Element: Sendable {
    case words(WordTable.ID, least: Int, most: Int)
    case shouted(WordTable.ID)
    case wordsOrEnd(WordTable.ID)
    case gap(Int)
    case notNext(WordTable.ID)
    case bridge, statement
    case opens, clauseOpens, bodyOpens
    case closes, stopCloses, clauseCloses, bodyCloses
  }

  let elements: [Element]
  /// The words one of which must stand where the phrase begins; rules are found by them.
  let first: WordTable.ID

  init(_ phrase: String, vocabulary: inout FreeTextVocabulary, groups: [String: WordSet]) {
    var elements: [Element] = []
    for part in phrase.split(separator: " ") {
      elements.append(Self.element(part, vocabulary: &vocabulary, groups: groups))
    }
    var first: WordTable.ID?
    for element in elements {
      switch element {
      case .words(let set, let least, _) where first == nil:
        precondition(least == 1, "A phrase must begin with a word that cannot be left out: \(phrase)")
        first = set
      case .shouted(let set) where first == nil: first = set
      default: break
      }
    }
    guard let first else { preconditionFailure("A phrase without words: \(phrase)") }
    (self.elements, self.first) = (elements, first)
  }

  private static func element(_ part: Substring, vocabulary: inout FreeTextVocabulary, groups: [String: WordSet])
    -> Element
  {
    switch part {
    case "^": return .opens
    case "<": return .clauseOpens
    case "^^": return .bodyOpens
    case "$": return .closes
    case "$.": return .stopCloses
    case ">": return .clauseCloses
    case "$$": return .bodyCloses
    case "~": return .bridge
    case "!?": return .statement
    default: break
    }
    if part.first == "*", let words = Int(part.dropFirst()) { return .gap(words) }
    if part.first == "!" { return .notNext(vocabulary.table.add(set(part.dropFirst(), &vocabulary, groups))) }
    if part.hasSuffix("|>") { return .wordsOrEnd(vocabulary.table.add(set(part.dropLast(2), &vocabulary, groups))) }
    if part.last == "?" {
      return .words(vocabulary.table.add(set(part.dropLast(), &vocabulary, groups)), least: 0, most: 1)
    }
    if let star = part.lastIndex(of: "*"), let most = Int(part[part.index(after: star)...]) {
      return .words(vocabulary.table.add(set(part[..<star], &vocabulary, groups)), least: 0, most: most)
    }
    let words = vocabulary.table.add(set(part, &vocabulary, groups))
    return part.allSatisfy({ $0.isUppercase || $0 == "|" }) ? .shouted(words) : .words(words, least: 1, most: 1)
  }

  static func set(_ words: Substring, _ vocabulary: inout FreeTextVocabulary, _ groups: [String: WordSet]) -> WordSet {
    var set = WordSet()
    for word in words.split(separator: "|") {
      guard word.first == "{" else {
        set.insert(vocabulary.add(String(word)))
        continue
      }
      guard let group = groups[String(word.dropFirst().dropLast())] else { preconditionFailure("No group \(word)") }
      set.formUnion(group)
    }
    return set
  }
}
