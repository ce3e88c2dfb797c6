/// One way to ask to be left alone: any of its phrases, unless one of the exclusions ends right before it.
struct FreeTextRule: Sendable {
  var reason: String
  var phrases: [String]
  var unlessAfter: [String]

  init(_ reason: String, _ phrases: String, unlessAfter: [String] = []) {
    self.reason = reason
    self.phrases = phrases.split(separator: "\n").map(String.init)
    self.unlessAfter = unlessAfter
  }
}

/// The table that `FreeText` reads by. A phrase is a line of words, read inside one clause:
///
///     stop|quit        one of these words          {texts}          one of a group
///     STOP             the word in capitals, in a text that is not all capitals
///     the?             may be missing              {det}*3          up to three of a group, or none
///     *2               up to two words, any        !by|in           must not come next
///     ^  <  ^^         a sentence, a clause, the body opens here    ~  the next word may stand after a comma
///     me|>             one of these words, or the clause closes
///     $  >  $$         … closes here               $.               closes, and not with "!" or "?"
///     !?               the sentence is no question
///
/// Opening and closing look through `filler`. Accents and apostrophes are left out of words ("dont"); `pairs` are read as one word.
enum FreeTextRules {
  /// In order: a group may use those above it.
  static let groups: [(String, String)] = [
    (
      "filler",
      """
      please just hi hey hello ok okay now already thanks thank you thx ty sir maam sorry immediately right asap and so really kindly \
      freaking fucking damn dang goddamn god again guys dear today y'all team friend ma'am \
      por favor gracias hola ahora señor señora señorita amigo ya pues oye
      """
    ),
    ("stop", "stop stopall quit cease discontinue halt"),
    (
      "texting",
      """
      texting messaging sending spamming contacting calling bothering harassing emailing bugging pestering soliciting annoying \
      mailing blasting pinging reaching hitting blowing writing
      """
    ),
    (
      "texts",
      """
      text texts message messages sms msgs notification notifications alerts alert spam ads ad promos promo promotions marketing \
      messaging texting updates reminders communication communications solicitations solicitation contact contacting mms
      """
    ),
    (
      "det",
      """
      the these this those that all all your any anymore more with w my our me us of future further please such stupid damn fucking \
      freaking annoying automated marketing political campaign text spam sms unwanted unsolicited constant promo promotional daily \
      weekly random dumb endless other from to every single you guys whatever ridiculous
      """
    ),
    ("verb", "is was came comes showed answered called picked has had did does will they saved listed"),
    ("negated", "dont didnt wont cant never not shouldnt doesnt wouldnt couldnt wasnt without cannot"),
    (
      "soft",
      "please ever just even really want wanna need to you like have had ask asked tell told accidentally mean yet"
    ),
    ("dont", "dont never not"),
    ("contact", "text message contact bother spam email write harass txt solicit reach disturb"),
    ("hour", "before after until til till at while during on tomorrow late early between when if unless because about"),
    ("want", "want need wish like care"),
    ("receive", "to be get getting receive receiving have keep continue your"),
    (
      "list",
      """
      list lists database system mailing distribution contacts records directory campaign this here everything thread phonebook \
      rolls file texts messages text sms
      """
    ),
    ("person", "number person phone gal fella human guy lady dude man woman girl cell individual party recipient"),
  ]

  /// Commonly mistyped or shortened words. "Shop", "step", "top" are words of their own and stay them.
  static let spellings: [(String, String)] = [
    (
      "stop",
      "stpo sotp tsop stp stopp sstop stoop stopt syop dtop stiop stoip tstop stap stahp sttop stope stopo stoppp steop stop2quit stop2end"
    ),
    ("please", "pls plz plese pleas pleaz plss plzz pleae pleasee plase plaese pl pease"),
    ("text", "txt tex texr texxt"), ("texts", "txts txs textes texst"),
    ("texting", "txtng textng texitng txting texing textn txtn textin txtin"),
    ("message", "msg mesg mssg"), ("messages", "msgs mesgs mssgs"), ("messaging", "msging"),
    ("you", "u yu"), ("your", "ur youre yor"), ("dont", "dnt dont donot don doent dint dontt dotn"),
    ("anymore", "anymor"), ("number", "num numer nummber nbr"),
    ("unsubscribe", "unsub unsubscibe unsuscribe unsubcribe unsubscirbe unsubsribe unscribe"),
    ("thanks", "tks thnx thanx tnx"), ("them", "em"), ("myself", "mself"),
    ("wanna", "wana"), ("noone", "noone"), ("remove", "rmove remov"), ("wrong", "worng wrng rong wron"),
    ("sending", "sendin"), ("mensajes", "mensages mensaje msjs msj mjs mensajito mensajitos"),
    ("que", "q"), ("equivocado", "ekivocado equibocado ekibocado"), ("por", "x xfa porfa porfavor pf pfv"),
  ]

  static let pairs: [(String, String, String)] = [
    ("do", "not", "dont"), ("did", "not", "didnt"), ("does", "not", "doesnt"), ("will", "not", "wont"),
    ("can", "not", "cant"),
    ("should", "not", "shouldnt"), ("would", "not", "wouldnt"), ("could", "not", "couldnt"), ("is", "not", "isnt"),
    ("any", "more", "anymore"), ("opt", "out", "optout"), ("opted", "out", "optout"), ("opting", "out", "optout"),
    ("opts", "out", "optout"),
    ("no", "one", "noone"), ("un", "subscribe", "unsubscribe"), ("stop", "all", "stopall"), ("don", "t", "dont"),
    ("didn", "t", "didnt"), ("i", "ll", "ill"),
    ("opt", "in", "optin"), ("opted", "in", "optin"),
  ]

  /// Words that stay readable with a slip of the thumb in them (`FreeTextVocabulary.addSlips`).
  static let longWords = [
    "unsubscribe", "unsubscribed", "texting", "messages", "message", "messaging", "remove", "contact", "contacting",
    "number", "sending",
    "please", "subscribe", "receive", "receiving", "harassing", "bothering", "spamming", "calling", "mensajes",
    "equivocado",
  ]
}
