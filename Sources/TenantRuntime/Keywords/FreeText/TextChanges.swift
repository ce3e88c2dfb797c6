/// What was taken out of a text before it was read, so that a place in what is left is found in the text that a person wrote. Places are bytes
/// of UTF-8.
struct TextChanges {
  private struct Change {
    var at: Int
    var taken: Int
    var put: Int
  }

  /// In the order in which they were made, each by places of the text as it was then.
  private var changes: [Change] = []

  mutating func note(_ range: Range<String.Index>, in text: String, becomes put: Int) {
    let at = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
    let taken = text.utf8.distance(from: range.lowerBound, to: range.upperBound)
    changes.append(Change(at: at, taken: taken, put: put))
  }

  func original(_ bytes: Range<Int>) -> Range<Int> {
    let (begin, end) = (place(bytes.lowerBound, isEnd: false), place(bytes.upperBound, isEnd: true))
    return begin..<max(begin, end)
  }

  /// A place inside of what was put is the whole of what was taken.
  private func place(_ byte: Int, isEnd: Bool) -> Int {
    changes.reversed().reduce(byte) { byte, change in
      let isBefore = isEnd ? byte <= change.at : byte < change.at
      if isBefore { return byte }
      if byte >= change.at + change.put { return byte - change.put + change.taken }
      return isEnd ? change.at + change.taken : change.at
    }
  }
}

extension String {
  /// Grown to whole characters: an accent that was sent apart stays with its letter.
  func wholeCharacters(_ range: Range<String.Index>) -> Range<String.Index> {
    func begin(_ index: String.Index) -> String.Index {
      index < endIndex ? self.index(before: self.index(after: index)) : index
    }
    let upper = begin(range.upperBound)
    return begin(range.lowerBound)..<(upper == range.upperBound ? upper : index(after: upper))
  }

  /// From the first byte that is no space to the last.
  var bytesOfWords: Range<Int> {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else {
      return 0..<0
    }
    return utf8.distance(from: startIndex, to: first)..<utf8.distance(from: startIndex, to: index(after: last))
  }
}
