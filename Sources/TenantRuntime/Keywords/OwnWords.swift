import Foundation

/// What a person wrote themselves: phones send a reaction as a text that quotes ours ("Liked “… Reply STOP to opt out”"), and automatic
/// answers of other firms carry an instruction of their own ("Text STOP to unsubscribe"). Both are taken off before a text is read.
enum OwnWords {
  static func of(_ body: String, _ changes: inout TextChanges) -> String {
    // Longer than any phone sends: only the front is read, as `FreeTextWords` does.
    let text = String(body.unicodeScalars.prefix(FreeTextWords.mostScalars))
    if Reaction.isReaction(text) { return "" }
    return withoutInstructions(text, &changes)
  }

  private static let word =
    #"["'“”‘’«»*(\[]*(?:stop ?all|stop|quit|end|cancel|unsubscribe|unsub|opt ?out|alto|parar|baja|arr[eê]t|stopp)["'“”‘’«»*)\].,]*"#
  private static let says =
    #"(?:reply|replying|text|txt|send|respond|type|texting|responda|responde|envíe|envie|envía|répondez|envoyez|antworten sie|antworte|rispondi|odpisz)"#

  /// `Reply STOP to opt out`, `to opt out reply STOP`.
  private static let instructions: [NSRegularExpression] = [
    "(?:\\bto )?(?:opt[ -]?out|unsubscribe|unsub|stop|cancel|end|be removed)\\b[^.!?\\n]{0,40}?[ ,:;-]+\(says)(?: with| the word)?\\s+\(word)[^.!?\\n]*",
    "\\b\(says)(?: with| the word| back| us| me| con| mit| avec)*\\s+\(word)\\s*(?:(?:to|2|for|if|at|and|anytime|para|pour|um|per|aby)\\b[^.!?\\n]*)?",
    "\\b\(word)\\s*(?:=|2|to|4)\\s*(?:end|quit|cancel|stop|opt[ -]?out|unsubscribe|unsub|optout)\\b[^.!?\\n]{0,30}",
    "\\b(?:txt|msg) ?(?:&|and) ?data rates[^.!?\\n]*",
  ].compactMap { try? NSRegularExpression(pattern: $0, options: [.caseInsensitive]) }

  private static let longestOfOwn = 4

  /// Without them, if a text of its own is left: one that is nothing but an instruction was meant.
  private static func withoutInstructions(_ text: String, _ changes: inout TextChanges) -> String {
    guard text.utf8.count >= 24, text.contains(where: { $0 == "s" || $0 == "S" || $0 == "t" || $0 == "T" }) else {
      return text
    }
    var rest = text
    var taken = changes
    for expression in instructions {
      var from = rest.startIndex
      while let match = expression.firstMatch(in: rest, range: NSRange(from..<rest.endIndex, in: rest)),
        let range = Range(match.range, in: rest), !range.isEmpty
      {
        if isOfThePerson(rest[..<range.lowerBound]) {
          from = range.upperBound
          continue
        }
        taken.note(range, in: rest, becomes: 2)
        rest.replaceSubrange(range, with: ". ")
        from = rest.startIndex
      }
    }
    let left = rest.split { !$0.isLetter && $0 != "'" }.count
    guard left >= longestOfOwn else { return text }
    changes = taken
    return rest
  }

  /// `I will text STOP until …`, `how do I reply stop`: their own words.
  private static func isOfThePerson(_ before: Substring) -> Bool {
    let sentence = before.lowercased().split(omittingEmptySubsequences: false) { ".!?\n".contains($0) }.last ?? ""
    let words = sentence.split { !$0.isLetter && $0 != "'" }.suffix(6)
    return words.contains { ["i", "i'll", "i've", "ill", "ive", "we", "keep", "already", "how", "yo"].contains($0) }
  }
}

/// What an iPhone, an Android phone or Google Messages makes of a reaction for people who get it as a text.
enum Reaction {
  private static let openers = Set("“„«‹「『\"‘”‟〝《")
  private static let closers = Set("”“»›」』\"’‘〞》")

  static func isReaction(_ text: String) -> Bool {
    guard let open = text.firstIndex(where: { openers.contains($0) }) else { return isWithoutQuote(text) }
    let before = text[..<open]
    let close = text[text.index(after: open)...].lastIndex { closers.contains($0) }
    let after = close.map { text[text.index(after: $0)...] } ?? ""
    guard before.count <= 60, after.count <= 60 else { return false }
    return isFrame(String(before) + " " + String(after))
  }

  // Compiled once, as in `PhoneText`.
  nonisolated(unsafe) private static let onPicture =
    #/(?i)\s*(liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|reacted \S+ to|removed an? [a-z ]+ from) (an? |the |your )?(image|photo|picture|video|message|link|attachment|movie|audio message|sticker)\.?\s*/#

  private static func isWithoutQuote(_ text: String) -> Bool {
    return text.utf8.count < 120 && text.wholeMatch(of: onPicture) != nil
  }

  /// Words about liking, and nothing but such words, or an emoji with a `to`.
  private static func isFrame(_ text: String) -> Bool {
    if asian.contains(where: text.contains) { return true }
    let hasEmoji = text.unicodeScalars.contains {
      $0.properties.isEmojiPresentation || $0.value == 0x2764 || $0.value == 0x203C || $0.value == 0x2049
    }
    let words = text.split { !$0.isLetter }.map { fold($0) }
    guard words.count <= 9, words.allSatisfy({ verbs.contains($0) || helpers.contains($0) }) else { return false }
    return hasEmoji ? !words.isEmpty || text.trimmed.count <= 3 : words.contains { verbs.contains($0) }
  }

  private static func fold(_ word: some StringProtocol) -> String {
    String(String.UnicodeScalarView(word.unicodeScalars.compactMap { Folding.letter($0).flatMap(Unicode.Scalar.init) }))
  }

  private static func set(_ words: String) -> Set<String> {
    Set(words.split(whereSeparator: \.isWhitespace).map { fold($0) })
  }

  private static let asian = [
    "赞了", "讚了", "喜欢了", "喜歡了", "爱了", "愛了", "大笑", "表示赞", "表示喜", "表示爱", "表示讚", "觉得", "强调了", "強調了", "质疑了", "回应了", "回應了",
    "いいね", "リアクション",
    "大好き", "ハート", "強調し", "笑い", "좋아함", "좋아요", "좋아합니다", "사랑함", "웃음", "강조함", "반응", "하트", "의문",
  ]

  private static let verbs = set(
    """
    liked loved disliked laughed emphasized emphasised questioned reacted hearted like love reacts reaction gustó gusta encantó encanta \
    reaccionó reaccionaste rio rió rieron enfatizó destacó cuestionó amó aimé adoré ri réagi insisté interrogé souligné j'aime aime \
    gefällt gefiel liebt mag lacht reagiert reagierte betont hinterfragt geliked gelikt hervorgehoben geherzt curtiu gostou amou riu \
    reagiu enfatizou questionou adorou piace piaciuto apprezzato amato riso reagito enfatizzato adorato leuk gereageerd gelachen \
    benadrukt geweldig polubiono lubi polubił polubiła zareagowano zareagował pokochano kocha rozbawiło podkreślono thích yêu thả cười \
    nagustuhan minahal nireact понравилось нравится понравился отреагировал отреагировала реакция лайк полюбил посмеялся gillade \
    älskade reagerade syntes likte elsket reagerte tykkäsi rakasti reagoi beğendi sevdi أعجب أعجبني أحب
    """)
  private static let helpers = set(
    """
    a an the to at from with heart hearts exclamation mark marks question point thumbs up down haha ha removed le les la lo has have hat \
    haben auf zu zum mit für und que à de da do del di su un una uno une o os me mi il per you was new sticker s est et y al con por pour \
    en el l au aux dem den der das ein eine einen dir mir markiert als ihr euch se te ao em na no nel alla mu op het vond vonden je van \
    aan naar ci to się na do wiadomość đã với cho tin nhắn ang sa на к от сообщение du på till det deg til og ile bu بـ على إلى ب smiley \
    message mensaje nachricht messaggio mensagem bericht dit hat's avec comme by via reaction emoji
    """)
}

/// One stop word with something round it that says nothing: courtesy, a signature, what a dictation writes out, the words of an instruction
/// that was copied: "Stop - Jane", "Reply STOP", "stop period", "STOP to 55555", "st0p". It holds the person until somebody decides.
enum FramedKeyword {
  private static let longest = 120

  static func isStop(_ text: String) -> Bool {
    guard text.utf8.count <= longest * 2 else { return false }
    let lines = text.split(whereSeparator: \.isNewline).map(String.init)
    if lines.count > 1, lines.count <= 4, isStopWords(lines[0]), lines.dropFirst().allSatisfy(isSignature) {
      return true
    }
    let flat = lines.joined(separator: " ")
    if isStopWords(flat) { return true }
    // `Stop - Jane Doe`, `Stop ~ J.`
    let parts = flat.split(maxSplits: 1) { "-–—~/|".contains($0) }.map(String.init)
    return parts.count == 2 && isStopWords(parts[0]) && isSignature(parts[1])
  }

  private static func isStopWords(_ text: String) -> Bool {
    let all = text.split {
      !($0.isLetter || $0.isNumber || "$@!|'’".contains($0))
        || $0.unicodeScalars.allSatisfy(\.properties.isEmojiPresentation)
    }
    .map { read($0) }.filter { !$0.isEmpty }
    // What a dictation writes out.
    var words = all.filter {
      !["period", "full", "point", "dot", "comma", "exclamation", "question", "mark"].contains($0)
    }
    guard !words.isEmpty, all.count <= 8 else { return false }
    while let last = words.last, after.contains(last) || isShortCode(last) { words.removeLast() }
    while let first = words.first, before.contains(first) { words.removeFirst() }
    if words.isEmpty { return false }
    return words.allSatisfy { stops.contains($0) } || stops.contains(words.joined())
  }

  private static func isShortCode(_ word: String) -> Bool { word.count >= 4 && word.allSatisfy(\.isNumber) }

  nonisolated(unsafe) private static let stop = #/(?i)(^|\s)[s5$][t7][o0]p\b/#

  /// `st0p texting me`, as the rules read it.
  static func withoutSigns(_ text: String, _ changes: inout TextChanges) -> String {
    guard text.contains(where: { "0$57".contains($0) }) else { return text }
    var rest = text
    // From behind, so that what stands before stays where it is.
    for match in text.matches(of: stop).reversed() {
      changes.note(match.range, in: text, becomes: 5)
      rest.replaceSubrange(match.range, with: " stop")
    }
    return rest
  }

  /// `st0p`, `$top`, `5top`, `stooop`: letters where signs stand for them.
  private static func read(_ word: Substring) -> String {
    let plain = word.lowercased().filter { !"'’".contains($0) }
    if plain.allSatisfy(\.isNumber) { return plain }
    let signs: [Character: Character] = [
      "0": "o", "5": "s", "$": "s", "@": "a", "1": "l", "!": "i", "|": "l", "3": "e", "7": "t",
    ]
    let hasSign = plain.contains { signs[$0] != nil }
    var letters = hasSign ? String(plain.map { signs[$0] ?? $0 }) : plain
    if hasSign, !stops.contains(letters) { letters = String(plain.filter { $0.isLetter }) }
    return Keyword.key(letters) ?? ""
  }

  /// One to three words that begin with capitals, or what phones and letters end with.
  private static func isSignature(_ text: String) -> Bool {
    let words = text.split { $0.isWhitespace || ",.".contains($0) }
    if words.isEmpty { return true }
    let lower = text.lowercased()
    if [
      "sent from", "get outlook", "sincerely", "regards", "best", "thanks", "thank you", "gracias", "merci", "danke",
      "cheers", "love",
    ]
    .contains(where: lower.trimmed.hasPrefix) {
      return words.count <= 6
    }
    return words.count <= 3
      && words.allSatisfy { $0.first?.isUppercase ?? false && !question.contains($0.lowercased()) }
  }

  private static let question: Set<String> = ["by", "in", "at", "the", "i", "what", "where", "when", "why"]

  private static func set(_ words: String) -> Set<String> {
    Set(words.split(whereSeparator: \.isWhitespace).compactMap { Keyword.key(String($0)) })
  }

  private static let stops = set(
    "stop stopall unsubscribe unsub optout stp stpo sotp stopp stoped unsubscibe unsuscribe unsubcribe unsubscribed stahp steop"
  )
  /// What may stand before it, and behind it.
  private static let before = set(
    """
    reply respond text txt send type message answer word the with please pls plz hi hello hey ok okay yes sir maam quote say i said por favor \
    dear re sms just and so um uh no hola bonjour hallo
    """)
  private static let after = set(
    """
    please pls plz thanks thank you thx ty tks now period point dot comma exclamation mark full fullstop asap immediately sir maam to \
    unquote ok okay message messages text texts reply por favor gracias merci bitte danke already
    """)
}
