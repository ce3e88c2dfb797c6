/// Lays a phrase over a text, from the word at `start` on. Words of a phrase follow each other inside one clause; only `~` crosses
/// a comma, and nothing crosses the end of a sentence.
struct FreeTextMatch {
  let tokens: [FreeTextWords.Token]
  let isMixedCase: Bool
  /// Words that say nothing beside a request ("please", "hi", "thanks"): `^` and `$` look through them.
  let fillers: WordTable.ID
  let table: WordTable

  /// - Parameter ending: when given, the phrase must end right there.
  func fits(_ pattern: FreeTextPattern, from start: Int, ending: Int? = nil) -> Bool {
    fits(pattern.elements, 0, at: start, from: start, ending: ending, bridged: false)
  }

  private func fits(
    _ elements: [FreeTextPattern.Element], _ index: Int, at position: Int, from start: Int, ending: Int?, bridged: Bool
  ) -> Bool {
    guard index < elements.count else { return ending == nil || ending == position }
    func goOn(_ position: Int, bridged: Bool = false) -> Bool {
      fits(elements, index + 1, at: position, from: start, ending: ending, bridged: bridged)
    }
    switch elements[index] {
    case .words(let set, let least, let most):
      var next = position
      var crosses = bridged
      for _ in 0..<most {
        guard isReachable(next, from: start, bridged: crosses), table.contains(tokens[next].word, in: set) else {
          break
        }
        next += 1
        crosses = false
        if goOn(next) { return true }
      }
      return least == 0 && goOn(position, bridged: bridged)
    case .shouted(let set):
      return isMixedCase && isReachable(position, from: start, bridged: bridged) && tokens[position].isShouted
        && table.contains(tokens[position].word, in: set) && goOn(position + 1)
    case .wordsOrEnd(let set):
      if isReachable(position, from: start, bridged: bridged), table.contains(tokens[position].word, in: set),
        goOn(position + 1)
      {
        return true
      }
      return closes(position) { $0 != .none } && goOn(position)
    case .gap(let most):
      if goOn(position, bridged: bridged) { return true }
      for skipped in 0..<most {
        guard isReachable(position + skipped, from: start, bridged: false) else { return false }
        if goOn(position + skipped + 1) { return true }
      }
      return false
    case .notNext(let set):
      return !(isReachable(position, from: start, bridged: false) && table.contains(tokens[position].word, in: set))
        && goOn(position)
    case .bridge: return goOn(position, bridged: true)
    case .statement: return mark(endingSentenceOf: position - 1) != .question && goOn(position)
    case .opens: return opens(position, .stop) && goOn(position)
    case .clauseOpens: return opens(position, .clause) && goOn(position)
    case .bodyOpens: return opensBody(position) && goOn(position)
    case .closes: return closes(position) { $0.rawValue >= FreeTextWords.Mark.stop.rawValue } && goOn(position)
    case .stopCloses: return closes(position) { $0 == .stop } && goOn(position)
    case .clauseCloses: return closes(position) { $0 != .none } && goOn(position)
    case .bodyCloses: return closes(position) { _ in false } && goOn(position)
    }
  }

  private func isReachable(_ position: Int, from start: Int, bridged: Bool) -> Bool {
    guard position < tokens.count else { return false }
    guard position > start else { return true }
    let mark = tokens[position - 1].mark
    return mark == .none || bridged && mark == .clause
  }

  private func opens(_ position: Int, _ least: FreeTextWords.Mark) -> Bool {
    var before = position - 1
    while before >= 0, tokens[before].mark.rawValue < least.rawValue {
      guard table.contains(tokens[before].word, in: fillers) else { return false }
      before -= 1
    }
    return true
  }

  private func opensBody(_ position: Int) -> Bool {
    tokens[..<position].allSatisfy { table.contains($0.word, in: fillers) }
  }

  private func closes(_ position: Int, _ isEnd: (FreeTextWords.Mark) -> Bool) -> Bool {
    var next = position
    while next < tokens.count, !isEnd(tokens[next - 1].mark) {
      guard table.contains(tokens[next].word, in: fillers) else { return false }
      next += 1
    }
    return true
  }

  private func mark(endingSentenceOf position: Int) -> FreeTextWords.Mark {
    tokens[max(position, 0)...].first { $0.mark.rawValue >= FreeTextWords.Mark.stop.rawValue }?.mark ?? .none
  }
}
