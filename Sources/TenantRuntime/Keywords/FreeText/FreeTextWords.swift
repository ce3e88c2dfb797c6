/// A text as the rules see it: known words as numbers, and where its clauses and sentences end.
struct FreeTextWords: Sendable {
  /// What stands after a word. A clause ends at a comma, dash, bracket, emoji or "…"; a sentence at the others.
  enum Mark: UInt8, Sendable { case none, clause, stop, exclamation, question }

  struct Token: Sendable {
    var word: Int32
    var mark: Mark
    var isShouted: Bool
    /// Where it stands in the text, in bytes of UTF-8.
    var bytes: Range<Int>
  }

  /// Twilio delivers at most 1,600 characters; what lies beyond this bound is not read.
  static let mostScalars = 4_000

  private(set) var tokens: [Token] = []
  /// Some word is not in capitals, so that a word in capitals says something.
  private(set) var isMixedCase = false

  init(_ body: String, vocabulary: FreeTextVocabulary) {
    tokens.reserveCapacity(48)
    var letters: [UInt32] = []
    letters.reserveCapacity(24)
    var spelled: [UInt32] = []  // "s t o p", "S.T.O.P"
    var spellingStart = 0  // its first token
    var lower = 0
    var dots = 0
    var at = 0  // bytes before the scalar that is looked at
    var begins = 0  // of the word
    var ends = 0

    func endWord() {
      guard !letters.isEmpty else { return }
      if letters.count > 1 { endSpelling() }
      if spelled.isEmpty { spellingStart = tokens.count }
      let shouted = lower == 0 && letters.count > 1
      if lower > 0 { isMixedCase = true }
      append(Token(word: vocabulary.number(letters), mark: .none, isShouted: shouted, bytes: begins..<ends))
      // A letter that ends the word before it ("don t") begins no spelling.
      if letters.count == 1, tokens.count > spellingStart { spelled.append(letters[0]) }
      letters.removeAll(keepingCapacity: true)
      lower = 0
    }
    func append(_ token: Token) {
      if token.word != 0, let last = tokens.last, last.mark == .none,
        let whole = vocabulary.joined(last.word, token.word)
      {
        tokens[tokens.count - 1].word = whole
        tokens[tokens.count - 1].bytes = last.bytes.lowerBound..<token.bytes.upperBound
      } else {
        tokens.append(token)
      }
    }
    /// Its letters may be fewer tokens than letters: some were joined.
    func endSpelling() {
      if spelled.count >= 4, let last = tokens.last {
        let bytes = tokens[spellingStart].bytes.lowerBound..<last.bytes.upperBound
        tokens.removeSubrange(spellingStart...)
        tokens.append(Token(word: vocabulary.number(spelled), mark: last.mark, isShouted: false, bytes: bytes))
      }
      spelled.removeAll(keepingCapacity: true)
    }
    func mark(_ mark: Mark) {
      guard !tokens.isEmpty, mark.rawValue > tokens[tokens.count - 1].mark.rawValue else { return }
      tokens[tokens.count - 1].mark = mark
    }

    func add(_ letter: UInt32, _ end: Int) {
      if letters.isEmpty { begins = at }
      ends = end
      letters.append(letter)
    }

    for scalar in body.unicodeScalars.prefix(Self.mostScalars) {
      let value = scalar.value
      let end = at + UTF8.width(scalar)
      defer { at = end }
      if let letter = Folding.letter(scalar) {
        dots = 0
        // Chinese is written without spaces: every character is a word of its own.
        if letter >= 0x3400, letter < 0xA000 {
          endWord()
          endSpelling()
          add(letter, end)
          endWord()
          spelled.removeAll(keepingCapacity: true)
          continue
        }
        if letter == value, letter >= 0x61 { lower += 1 }
        add(letter, end)
        continue
      }
      switch value {
      case 0x20, 0x09, 0xA0: endWord()
      case 0x27, 0x2019, 0x2018, 0xB4, 0x60, 0x2BC, 0x2032: continue  // don't, don’t, don´t
      case 0x22, 0x201C, 0x201D, 0x2A, 0x5F, 0xBF, 0xA1: endWord()  // quotes, *stop*, ¿
      case 0x2D where !letters.isEmpty, 0x2F, 0x26, 0x2B, 0x40, 0x24, 0x25: endWord()  // opt-out, texts/calls
      case 0x23:  // "wrong #"
        endWord()
        for letter in vocabulary.hash { add(letter, end) }
        endWord()
      case 0x2E, 0x3002:
        endWord()
        dots += 1
        if dots == 1 { mark(.stop) } else if let last = tokens.indices.last { tokens[last].mark = .clause }
        continue
      case 0x0A, 0x0D, 0x3B: endWord(); mark(.stop)
      case 0x21, 0xFF01: endWord(); mark(.exclamation)
      case 0x3F, 0xFF1F: endWord(); mark(.question)
      case _ where Folding.isMark(value):
        if !letters.isEmpty { ends = end }
        continue
      default: endWord(); mark(.clause)
      }
      dots = 0
    }
    endWord()
    endSpelling()
  }
}
