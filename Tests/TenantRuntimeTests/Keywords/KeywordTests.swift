import TenantRuntime
import Testing

@Suite struct KeywordTests {
  @Test(
    arguments: [
      ("STOP", .stop), ("STOPALL", .stop), ("Stop all", .stop), ("UNSUBSCRIBE", .stop), ("CANCEL", .stop),
      ("END", .stop),
      ("QUIT", .stop), ("REVOKE", .stop), ("OPTOUT", .stop), ("Opt out", .stop),
      ("START", .start), ("YES", .start), ("Unstop", .start), ("HELP", .help), ("INFO", .help),
    ] as [(String, Keyword)])
  func aWholeBodyIsAKeyword(_ body: String, _ keyword: Keyword) { #expect(Keyword(body: body) == keyword) }

  @Test(arguments: [
    "stop.", " Stop! ", "Stop!!", "S.T.O.P", "s t o p", "“stop”", "'STOP'", "«stop»", "STOP 🛑", "🛑🛑stop", "stop\n",
    "\tstop\r\n", "STOP.",
    "*stop*", "_stop_", "(stop)", "ＳＴＯＰ", "ｓｔｏｐ", "𝗦𝗧𝗢𝗣", "Ⓢⓣⓞⓟ", "🅂🅃🄾🄿", "stóp", "sto\u{301}p", "st\u{200B}op",
    "STOP\u{FE0F}",
    "opt-out", "OPT OUT", "optout", "Opt—Out", "opt.out", "un-subscribe",
  ])
  func dressFoldsAway(_ body: String) { #expect(Keyword(body: body) == .stop) }

  @Test(arguments: [
    "don't stop", "the end of it", "", "🛑", "yes please", "STOP PLEASE", "stop it", "stop 2", "stops", "stopp",
    "nonstop", "the end",
    "cancel my 3pm", "no", "ok", "start over", "helpful", "information", "stop" + String(repeating: "p", count: 2_000),
  ])
  func otherTextIsNoKeyword(_ body: String) { #expect(Keyword(body: body) == nil) }

  @Test(
    arguments: [
      ("es", "ALTO", .stop), ("es", "baja", .stop), ("es", "¡Cancelar!", .stop), ("es", "no mas", .stop),
      ("es", "Inicio", .start),
      ("es", "AYUDA", .help), ("fr", "Arrêt", .stop), ("fr", "ARRET", .stop), ("fr", "désabonner", .stop),
      ("fr", "stop sms", .stop),
      ("fr", "s'abonner", .start), ("fr", "aide", .help), ("de", "STOPP", .stop), ("de", "Abmelden", .stop),
      ("de", "kündigen", .stop),
      ("de", "kuendigen", .stop), ("de", "anmelden", .start), ("de", "Hilfe", .help), ("pt", "SAIR", .stop),
      ("pt", "parar", .stop),
      ("pt", "começar", .start), ("pt", "ajuda", .help), ("it", "Basta", .stop), ("it", "cancellami", .stop),
      ("it", "aiuto", .help),
      ("nl", "afmelden", .stop), ("nl", "hulp", .help), ("pl", "REZYGNUJE", .stop), ("pl", "rezygnuję", .stop),
      ("pl", "usun", .stop),
      ("pl", "pomoc", .help), ("vi", "dừng", .stop), ("vi", "DUNG", .stop), ("vi", "Hủy", .stop),
      ("vi", "đăng ký", .start),
      ("zh", "TD", .stop), ("zh", "ＴＤ", .stop), ("zh", "帮助", .help),
      ("tl", "tigil", .stop), ("tl", "Itigil!", .stop), ("tl", "tulong", .help),
    ] as [(String, String, Keyword)])
  func aTenantsLanguageAddsItsWords(_ language: String, _ body: String, _ keyword: Keyword) throws {
    let words = try KeywordWords(languages: [language], own: [:])
    #expect(Keyword(body: body, words: words) == keyword)
    #expect(Keyword(body: body) == nil)
    #expect(Keyword(body: "STOP", words: words) == .stop)
  }

  @Test func theVietnameseForRightIsNotTheOneForStop() throws {
    #expect(try Keyword(body: "Đúng", words: KeywordWords(languages: ["vi"], own: [:])) == nil)
  }

  @Test func aTenantsOwnWordsAreFoldedLikeTheRest() throws {
    let words = try KeywordWords(
      languages: [], own: [.stop: ["No más!", "adiós"], .start: ["Join-Us"], .help: ["Agent"]])
    #expect(Keyword(body: "NO MAS", words: words) == .stop)
    #expect(Keyword(body: "adios.", words: words) == .stop)
    #expect(Keyword(body: "join us", words: words) == .start)
    #expect(Keyword(body: "AGENT", words: words) == .help)
    #expect(Keyword(body: "join us please", words: words) == nil)
  }

  @Test func aWordListedTwiceIsAStopAndNeverGrantsByDoubt() throws {
    let words = try KeywordWords(
      languages: ["es"], own: [.start: ["stop", "ALTO", "hello", "help"], .stop: ["hello", "yes"], .help: ["end"]])
    for body in ["stop", "alto", "hello", "yes", "end"] { #expect(Keyword(body: body, words: words) == .stop) }
    #expect(Keyword(body: "help", words: words) == .help)
  }

  @Test func ownWordsAreBounded() {
    let fifty = (1...50).map { "word\($0)" }
    #expect(throws: Never.self) { try KeywordWords(languages: [], own: [.stop: fifty]) }
    #expect(throws: KeywordWords.Invalid.tooMany(.stop)) {
      try KeywordWords(languages: [], own: [.stop: fifty + ["one"]])
    }
    let forty = String(repeating: "a", count: 40)
    #expect(throws: Never.self) { try KeywordWords(languages: [], own: [.help: [forty]]) }
    #expect(throws: KeywordWords.Invalid.tooLong(forty + "a")) {
      try KeywordWords(languages: [], own: [.help: [forty + "a"]])
    }
    #expect(throws: KeywordWords.Invalid.empty("🛑")) { try KeywordWords(languages: [], own: [.start: ["🛑"]]) }
    #expect(throws: KeywordWords.Invalid.unknownLanguage("xx")) { try KeywordWords(languages: ["xx"], own: [:]) }
  }

  @Test func theLanguagesThatATenantMaySwitchOn() {
    #expect(KeywordWords.languages == ["es", "fr", "de", "pt", "it", "nl", "pl", "vi", "zh", "tl"])
  }
}
