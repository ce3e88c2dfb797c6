/// Where an address in a text ends for the person who wrote it: before the punctuation of the sentence, before quotes of any script, before
/// Chinese or Japanese words that follow without a blank; a bracket that was opened inside belongs to it.
enum LinkEnd {
  private static let stops = Set("<>\"{}“”„‟«»‹›`|\\^。、，！？；：（）「」『』【】〔〕《》〈〉〖〗｡､　؟،؛।॥")
  private static let punctuation = Set(".,;:!?'’‘‚‛…·•*~")
  private static let brackets: [Character: Character] = [")": "(", "]": "["]

  /// How much of a text goes on with an address.
  static func address(_ begun: String, goingOn text: Substring) -> Substring {
    var before = begun.last ?? " "
    var end = text.startIndex
    while end < text.endIndex {
      let character = text[end]
      if stops.contains(character) || character.isWhitespace || isInvisible(character) { break }
      // Han, kana, hangul and Thai behind Latin letters are the text going on, not a path.
      if isUnspaced(character), before.isASCII, before.isLetter || before.isNumber { break }
      before = character
      end = text.index(after: end)
    }
    return text[..<end]
  }

  static func withoutPunctuation(_ address: String) -> Substring {
    var url = address[...]
    while let last = url.last {
      if punctuation.contains(last) {
        url = url.dropLast()
      } else if let opener = brackets[last], url.count(where: { $0 == last }) > url.count(where: { $0 == opener }) {
        url = url.dropLast()
      } else {
        break
      }
    }
    return url
  }

  private static func isInvisible(_ character: Character) -> Bool {
    character.unicodeScalars.contains {
      $0.properties.isDefaultIgnorableCodePoint || $0.properties.generalCategory == .control
    }
  }

  private static func isUnspaced(_ character: Character) -> Bool {
    guard let value = character.unicodeScalars.first?.value else { return false }
    return (0x3040..<0x3100).contains(value) || (0x3400..<0xA000).contains(value) || (0xAC00..<0xD7B0).contains(value)
      || (0xE00..<0xE80).contains(value) || value > 0x1F000
  }
}
