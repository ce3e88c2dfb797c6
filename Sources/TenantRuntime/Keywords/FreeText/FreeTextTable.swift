/// The rules, compiled once at first use.
struct FreeTextTable: Sendable {
  private struct Rule: Sendable {
    var reason: String
    var language: String?
    var pattern: FreeTextPattern
    var unlessAfter: [FreeTextPattern]
  }

  /// No exclusion looks further back than this.
  private static let lookBack = 6

  private let vocabulary: FreeTextVocabulary
  private let fillers: WordTable.ID
  private var rules: [Rule] = []
  /// By the number of the word a rule begins with.
  private var rulesOf: [[Int]] = []

  init() {
    var vocabulary = FreeTextVocabulary()
    for (word, spellings) in FreeTextRules.spellings {
      for spelling in spellings.split(separator: " ") { vocabulary.add(String(spelling), for: word) }
    }
    var groups: [String: WordSet] = [:]
    for (name, words) in FreeTextRules.groups {
      groups[name] = FreeTextPattern.set(words.replacing(" ", with: "|")[...], &vocabulary, groups)
    }
    var written: [(FreeTextRule, String?)] = (FreeTextRules.english + FreeTextRules.spanish).map { ($0, nil) }
    for (code, rules) in FreeTextRules.further { written += rules.map { ($0, code) } }
    for (rule, language) in written {
      let unless = rule.unlessAfter.map { FreeTextPattern($0, vocabulary: &vocabulary, groups: groups) }
      for phrase in rule.phrases {
        let pattern = FreeTextPattern(phrase, vocabulary: &vocabulary, groups: groups)
        rules.append(Rule(reason: rule.reason, language: language, pattern: pattern, unlessAfter: unless))
      }
    }
    for (first, second, whole) in FreeTextRules.pairs { vocabulary.join(first, second, into: whole) }
    for word in FreeTextRules.longWords { vocabulary.addSlips(of: word, twice: word.count > 9) }
    fillers = vocabulary.table.add(groups["filler"] ?? WordSet())
    vocabulary.table.seal(words: vocabulary.count)
    self.vocabulary = vocabulary
    rulesOf = Array(repeating: [], count: Int(vocabulary.count))
    for (index, rule) in rules.enumerated() {
      for word in vocabulary.table.sets[rule.pattern.first].words { rulesOf[Int(word)].append(index) }
    }
  }

  struct Finding {
    var reason: String
    /// Where the words of the rule stand in the text, in bytes of UTF-8.
    var bytes: Range<Int>
  }

  func ruleThatFires(on body: String, languages: Set<String>) -> Finding? {
    let words = FreeTextWords(body, vocabulary: vocabulary)
    let match = FreeTextMatch(
      tokens: words.tokens, isMixedCase: words.isMixedCase, fillers: fillers, table: vocabulary.table)
    for (position, token) in words.tokens.enumerated() where token.word != 0 {
      for index in rulesOf[Int(token.word)] {
        guard let end = end(of: rules[index], at: position, match, languages) else { continue }
        let last = words.tokens[max(position, end - 1)]
        return Finding(reason: rules[index].reason, bytes: token.bytes.lowerBound..<last.bytes.upperBound)
      }
    }
    return nil
  }

  private func end(of rule: Rule, at position: Int, _ match: FreeTextMatch, _ languages: Set<String>) -> Int? {
    if let language = rule.language, !languages.contains(language) { return nil }
    guard let end = match.end(of: rule.pattern, from: position) else { return nil }
    let isExcepted = rule.unlessAfter.contains { unless in
      (max(0, position - Self.lookBack)..<position).contains {
        match.end(of: unless, from: $0, ending: position) != nil
      }
    }
    return isExcepted ? nil : end
  }
}
