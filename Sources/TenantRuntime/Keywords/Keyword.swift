/// What a person's text asks for, judged in the webhook handler, so that it holds from the moment the webhook is answered; judged once more when it
/// is applied, with the words in the file, should the handler not have known them.
package struct InboundReading: Sendable, Equatable, Codable {
  package enum Intent: String, Sendable, Codable { case stop, start, help }
  /// What a keyword asks for.
  package var intent: Intent?
  /// The rule by which free text reads as an opt-out: a person decides.
  package var reviewRule: String?
  /// The provider has answered the keyword itself (Advanced Opt-Out): a second confirmation would be one too many.
  package var isAnswered: Bool

  package init(body: String, optOutType: String?, words: KeywordWords, languages: Set<String>) {
    let keyword = Keyword(body: body, words: words)
    isAnswered = optOutType != nil
    // Anyone who says stop has stopped, whatever the provider makes of it.
    switch (keyword, optOutType) {
    case (.stop, _), (_, "STOP"): intent = .stop
    case (.start, _), (_, "START"): intent = .start
    case (.help, _), (_, "HELP"): intent = .help
    default: intent = nil
    }
    reviewRule = intent == nil ? FreeText.readsAsOptOut(body, languages: languages) : nil
  }
}

/// What the whole body of an inbound text asks for: one word or short phrase, nothing beside it but punctuation and emoji
/// (Twilio's default words plus those of 47 CFR 64.1200(a)(10)). "STOP PLEASE" is no keyword; `FreeText` reads that.
package enum Keyword: Sendable, Equatable, CaseIterable {
  case stop, start, help

  package init?(body: String, words: KeywordWords = .standard) {
    guard let key = Self.key(body), let keyword = words.meaning(of: key) else { return nil }
    self = keyword
  }

  /// Letters and digits alone, folded: "S.T.O.P", "“Stop!!” 🛑" and "opt-out" give `stop`, `stop`, `optout`.
  /// Nil when nothing is left, or more than any keyword may have, so that a long body costs no more than a short one.
  static func key(_ body: String) -> String? {
    var key = String.UnicodeScalarView()
    var count = 0
    for scalar in body.unicodeScalars {
      guard let value = Folding.letter(scalar), let letter = Unicode.Scalar(value) else { continue }
      count += 1
      if count > KeywordWords.longest { return nil }
      key.append(letter)
    }
    return count == 0 ? nil : String(key)
  }
}

/// The words that count as keywords: the English ones always, further languages by code, and a tenant's own.
///
/// A word listed under two kinds is a stop first, then a help: a doubtful word never grants consent. "Sí", "oui", "ja" are left
/// out on purpose (only the "YES" that Twilio itself obeys is in): they answer the last question far more often than they ask for texts.
package struct KeywordWords: Sendable, Equatable {
  /// A tenant's own words per kind, and the characters of one word.
  package static let most = 50
  package static let longest = 40

  package static let standard = KeywordWords(languages: [])

  package enum Invalid: Error, Equatable {
    case tooMany(Keyword), tooLong(String), empty(String), unknownLanguage(String)
  }

  private var meanings: [String: Keyword] = [:]

  /// - Parameter own: the tenant's words, folded like all others, so that "No más!" is met by "NO MAS".
  package init(languages: Set<String>, own: [Keyword: [String]]) throws(Invalid) {
    for code in languages.sorted() where Self.further[code] == nil { throw .unknownLanguage(code) }
    self.init(languages: languages)
    for keyword in Self.weakestFirst {
      let words = own[keyword] ?? []
      guard words.count <= Self.most else { throw .tooMany(keyword) }
      for word in words {
        guard word.unicodeScalars.count <= Self.longest else { throw .tooLong(word) }
        guard let key = Keyword.key(word) else { throw .empty(word) }
        if meanings[key] != .stop, !(meanings[key] == .help && keyword == .start) { meanings[key] = keyword }
      }
    }
  }

  private init(languages: Set<String>) {
    let tables = [Self.english, Self.scripts] + languages.compactMap { Self.further[$0] }
    for keyword in Self.weakestFirst {
      for word in tables.flatMap({ $0[keyword] ?? [] }) {
        if let key = Keyword.key(word) { meanings[key] = keyword }
      }
    }
  }

  func meaning(of key: String) -> Keyword? { meanings[key] }

  private static let weakestFirst: [Keyword] = [.start, .help, .stop]

  package static var languages: Set<String> { Set(further.keys) }

  private static let english: [Keyword: [String]] = [
    .stop: ["stop", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "opt out"],
    .start: ["start", "yes", "unstop"],
    .help: ["help", "info"],
  ]

  /// Stop in other scripts, always: nobody writes these words by chance, and the provider does not know them.
  private static let scripts: [Keyword: [String]] = [
    .stop: scriptWords.split(whereSeparator: { $0 == "," || $0 == "\n" }).map { String($0).trimmed }.filter {
      !$0.isEmpty
    }
  ]

  private static let scriptWords = """
    стоп, стоп смс, отписаться, отписка, отпишите, отпишите меня, хватит, прекратить, прекратите, отмена, отменить, не пишите, не беспокоить
    стопвсе, зупинити, зупинка, відписатися, досить, спри, спрете, откажи, престани, прекини, одјава, доста, адпісацца, зогс, тоқта, тоқтату
    στοπ, σταμάτα, σταματήστε, διαγραφή, απεγγραφή, διακοπή, ακύρωση, τέλος
    توقف, توقفوا, إيقاف, قف, أوقف, أوقفوا, وقف, إلغاء, إلغاء الاشتراك, الغاء الاشتراك, كفى, ستوب, حذف, لغو, قطع, لغو اشتراک, بس کن, بس کنید
    روکیں, روکو, بند کریں, بند کرو, بند, رک جاؤ, ختم کریں
    הסר, הסרה, הסירו, הסירו אותי, תסירו אותי, עצור, תעצרו, הפסק, הפסיקו, תפסיקו, די, בטל, ביטול, סטופ
    停止, 停, 退订, 退訂, 取消, 取消订阅, 取消訂閱, 拒收, 停止发送, 停止發送, 停止訂閱, 停止订阅, 不要再发, 不要再發, 終止, 终止, 退出, 不再接收, 停止接收
    配信停止, 配信解除, 解除, 中止, 登録解除, 退会, ストップ, やめて, やめてください, 送らないで, 送らないでください, 送信停止, 受信拒否, 停止してください
    수신거부, 수신 거부, 거부, 중지, 정지, 해지, 그만, 그만해, 그만하세요, 멈춰, 멈추세요, 스톱, 스탑, 구독취소, 구독 취소, 차단, 중단, 탈퇴
    रोकें, रोको, रोक, रुको, रुकें, बंद, बंद करें, बंद करो, बंद कीजिए, स्टॉप, हटाएं, हटाओ, मत भेजो, मत भेजें, सदस्यता समाप्त, थांबवा, थांबा, बंद करा, रोक्नुहोस्
    বন্ধ, বন্ধ করুন, বন্ধ করো, থামুন, থামাও, স্টপ, নিবৃত্ত, નહીં મોકલો, બંધ, બંધ કરો, રોકો, સ્ટોપ, ਬੰਦ, ਬੰਦ ਕਰੋ, ਰੋਕੋ, ਸਟਾਪ
    நிறுத்து, நிறுத்தவும், நிறுத்துங்கள், ஸ்டாப், ఆపు, ఆపండి, ఆపివేయి, స్టాప్, ನಿಲ್ಲಿಸಿ, ನಿಲ್ಲಿಸು, ಸ್ಟಾಪ್, നിർത്തുക, നിർത്തൂ, സ്റ്റോപ്പ്, නවත්වන්න, නවතන්න
    หยุด, หยุดส่ง, ยกเลิก, เลิก, เลิกส่ง, เลิกรับ, สต็อป, หยุดส่งข้อความ, ຢຸດ, ຍົກເລີກ, ឈប់, បញ្ឈប់, ရပ်, ရပ်ပါ, ရပ်တန့်
    შეჩერება, სტოპ, გააუქმე, გაუქმება, դադարեցնել, ստոպ, կանգ, չեղարկել, አቁም, አቁሙ, ይቁም, ቁም
    """

  /// Spaces, hyphens and accents in the lists are for the reader: they fold away. German is also listed with its umlauts written out.
  private static let further: [String: [Keyword: [String]]] = [
    "es": [
      .stop: [
        "alto", "parar", "pare", "paren", "para", "baja", "darme de baja", "cancelar", "detener", "fin", "salir",
        "basta", "no más",
        "desuscribir", "desuscribirme", "no molestar",
      ],
      .start: ["inicio", "iniciar", "empezar", "comenzar", "alta", "suscribir", "suscribirme"],
      .help: ["ayuda", "información"],
    ],
    "fr": [
      .stop: [
        "arrêt", "arrêter", "arrêtez", "arrête", "stop sms", "désabonner", "se désabonner", "me désabonner",
        "désabonnement",
        "désinscrire", "désinscription", "annuler", "fin", "résilier",
      ],
      .start: ["début", "démarrer", "commencer", "reprendre", "réabonner", "s'abonner"],
      .help: ["aide"],
    ],
    "de": [
      .stop: [
        "stopp", "abmelden", "abmeldung", "abbestellen", "austragen", "beenden", "ende", "kündigen", "kuendigen",
        "abbrechen",
        "widerruf", "aufhören", "aufhoeren",
      ],
      .start: ["anmelden", "starten", "beginnen"],
      .help: ["hilfe"],
    ],
    "pt": [
      .stop: [
        "parar", "pare", "para", "sair", "cancelar", "remover", "descadastrar", "chega", "fim", "não quero mais",
      ],
      .start: ["iniciar", "começar", "início", "voltar", "cadastrar"],
      .help: ["ajuda"],
    ],
    "it": [
      .stop: [
        "ferma", "fermare", "basta", "annulla", "cancella", "cancellami", "disiscrivi", "disiscrivimi", "disdici",
        "disdetta", "fine",
      ],
      .start: ["inizia", "inizio", "avvia", "iscrivi", "iscrivimi"],
      .help: ["aiuto"],
    ],
    "nl": [
      .stop: ["stoppen", "afmelden", "uitschrijven", "opzeggen", "annuleren", "einde", "beëindigen"],
      .start: ["aanmelden", "starten", "begin", "inschrijven"],
      .help: ["hulp"],
    ],
    "pl": [
      .stop: [
        "koniec", "wypisz", "wypisz mnie", "rezygnuję", "rezygnacja", "zatrzymaj", "anuluj", "usuń", "przestań",
        "stop sms",
      ],
      .start: ["zapisz", "wznów", "zacznij"],
      .help: ["pomoc"],
    ],
    // Without its accents "dung" is read as "dừng", stop; "đúng", right, stays apart (see `Folding`).
    "vi": [
      .stop: ["dừng", "dừng lại", "ngừng", "hủy", "huỷ", "hủy đăng ký", "huy dang ky", "từ chối", "TC"],
      .start: ["bắt đầu", "đăng ký", "dang ky"],
      .help: ["trợ giúp", "giúp", "hỗ trợ"],
    ],
    // T and TD are what mainland marketing texts ask people to answer (回T退订).
    "zh": [
      .stop: ["停止", "停", "退订", "退訂", "取消", "取消订阅", "取消訂閱", "拒收", "TD", "T"],
      .start: ["开始", "開始", "订阅", "訂閱", "恢复", "恢復"],
      .help: ["帮助", "幫助", "信息"],
    ],
    "tl": [
      .stop: ["tigil", "itigil", "hinto", "ihinto", "tama na", "ayoko na", "kanselahin", "alisin"],
      .start: ["simula", "simulan", "magsimula"],
      .help: ["tulong"],
    ],
  ]
}
