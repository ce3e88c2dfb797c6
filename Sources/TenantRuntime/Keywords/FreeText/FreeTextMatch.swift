/// Lays a phrase over a text, from the word at `start` on. Words of a phrase follow each other inside one clause; only `~` crosses
/// a comma, and nothing crosses the end of a sentence.
struct FreeTextMatch {
  let tokens: [FreeTextWords.Token]
  let isMixedCase: Bool
  /// Words that say nothing beside a request ("please", "hi", "thanks"): `^` and `$` look through them.
  let fillers: WordTable.ID
  let table: WordTable

  /// Where the words of the phrase end, if it fits.
  /// - Parameter ending: when given, the phrase must end right there.
  func end(of pattern: FreeTextPattern, from start: Int, ending: Int? = nil) -> Int? {
    end(pattern.elements, 0, at: start, from: start, ending: ending, bridged: false)
  }

  private func end(
    _ elements: [FreeTextPattern.Element], _ index: Int, at position: Int, from start: Int, ending: Int?, bridged: Bool
  ) -> Int? {
    guard index < elements.count else { return ending == nil || ending == position ? position : nil }
    func goOn(_ position: Int, bridged: Bool = false) -> Int? {
      end(elements, index + 1, at: position, from: start, ending: ending, bridged: bridged)
    }
    func goOn(if holds: Bool) -> Int? { holds ? goOn(position) : nil }
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
        if let end = goOn(next) { return end }
      }
      return least == 0 ? goOn(position, bridged: bridged) : nil
    case .shouted(let set):
      guard isMixedCase, isReachable(position, from: start, bridged: bridged), tokens[position].isShouted,
        table.contains(tokens[position].word, in: set)
      else { return nil }
      return goOn(position + 1)
    case .wordsOrEnd(let set):
      if isReachable(position, from: start, bridged: bridged), table.contains(tokens[position].word, in: set),
        let end = goOn(position + 1)
      {
        return end
      }
      return goOn(if: closes(position) { $0 != .none })
    case .gap(let most):
      if let end = goOn(position, bridged: bridged) { return end }
      for skipped in 0..<most {
        guard isReachable(position + skipped, from: start, bridged: false) else { return nil }
        if let end = goOn(position + skipped + 1) { return end }
      }
      return nil
    case .notNext(let set):
      return goOn(
        if: !(isReachable(position, from: start, bridged: false) && table.contains(tokens[position].word, in: set)))
    case .bridge: return goOn(position, bridged: true)
    case .statement: return goOn(if: mark(endingSentenceOf: position - 1) != .question)
    case .opens: return goOn(if: opens(position, .stop))
    case .clauseOpens: return goOn(if: opens(position, .clause))
    case .bodyOpens: return goOn(if: opensBody(position))
    case .closes: return goOn(if: closes(position) { $0.rawValue >= FreeTextWords.Mark.stop.rawValue })
    case .stopCloses: return goOn(if: closes(position) { $0 == .stop })
    case .clauseCloses: return goOn(if: closes(position) { $0 != .none })
    case .bodyCloses: return goOn(if: closes(position) { _ in false })
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
