extension FreeText {
  private static let mostWords = 80
  private static let longest = 12

  /// The fewest words that read as the opt-out which the whole text was taken for: what a person who decides looks at first.
  package static func deciding(in body: String, languages: Set<String> = []) -> Range<String.Index>? {
    var words: [Range<String.Index>] = []
    var start: String.Index?
    for index in body.indices {
      if body[index].isWhitespace {
        if let begun = start { words.append(begun..<index) }
        start = nil
      } else if start == nil {
        start = index
      }
    }
    if let begun = start { words.append(begun..<body.endIndex) }
    words = Array(words.prefix(mostWords))
    for length in 1...max(1, min(longest, words.count)) {
      for first in words.indices where first + length <= words.count {
        let range = words[first].lowerBound..<words[first + length - 1].upperBound
        if readsAsOptOut(String(body[range]), languages: languages) != nil { return range }
      }
    }
    return nil
  }
}
