/// A column's header, folded: `E-mail 1 - Value` has the words `email`, `1`, `value`; `MobilePhone` the words `mobile`, `phone`.
struct HeaderName: Sendable {
  let words: Set<String>
  /// All its letters and digits.
  let compact: String

  init(_ header: String) {
    var words: [String] = []
    var word = String.UnicodeScalarView()
    var before: Unicode.Scalar?
    func end() {
      if !word.isEmpty { words.append(String(word)) }
      word = String.UnicodeScalarView()
    }
    for scalar in PhoneText.visible(header.unicodeScalars.prefix(200)).unicodeScalars {
      guard let letter = Folding.letter(scalar).flatMap(Unicode.Scalar.init) else {
        end()
        before = nil
        continue
      }
      if let before,
        before.properties.isLowercase && scalar.properties.isUppercase
          || before.properties.isAlphabetic != scalar.properties.isAlphabetic
      {
        end()
      }
      word.append(letter)
      before = scalar
    }
    end()
    if let e = words.firstIndex(of: "e"), e + 1 < words.count, words[e + 1] == "mail" {
      words.replaceSubrange(e...(e + 1), with: ["email"])
    }
    self.words = Set(words)
    compact = words.joined()
  }

  func has(_ any: Set<String>) -> Bool { !words.isDisjoint(with: any) }
  func contains(_ parts: [String]) -> Bool { parts.contains { compact.contains($0) } }

  /// A list of the table, folded as headers are.
  static func folded(_ list: String) -> [String] {
    list.split(whereSeparator: \.isWhitespace).map { HeaderName(String($0)).compact }
  }
}

/// What headers are called, in the product's languages and in the exports of the tools that people come from.
enum HeaderWords {
  private static func list(_ text: String) -> [String] { HeaderName.folded(text) }
  private static func set(_ text: String) -> Set<String> { Set(list(text)) }

  static let mobileParts = list(
    """
    mobile mobil cellphone cellular celular cellulare cellnumber handynummer handy movil telemovel portable matkapuhelin komórk \
    мобильн мобілн сотов κινητό 手机 手機 行動電話 携帯 휴대 핸드폰 جوال موبايل محمول נייד मोबाइल มือถือ diđộng didong smsnumber \
    smsphone textnumber whatsapp ceptelefonu mobiel telefonino
    """)
  static let mobileWords = set("cell cel mob handy gsm sms text texting cep natel mobitel portatil")
  static let phoneParts = list(
    """
    phone telefon telephone telefono telefone telefoon msisdn telepon rufnummer puhelin телефон τηλέφωνο 电话 電話 전화 هاتف تلفون \
    טלפון फोन फ़ोन โทร điệnthoại dienthoai contactnumber contactno callnumber telnr telno numtel
    """)
  static let phoneWords = set("tel ph fon fone phn tlf tfno telf sdt")
  static let weakWords = set("number numero nummer num contact recipient to from destination номер número numéro")
  /// Beside a word for phone: the column is about a phone, and holds none.
  static let aboutPhones = set(
    """
    label type consent opt optin optout opted status verified carrier ext extension country prefix code date time count valid \
    validated marketing subscribed subscription permission source id ip pin note notes os url link email mail provider model \
    timezone zone lookup allowed accepts stop unsubscribed contactable preference preferred
    """)
  static let fax = set("fax pager telefax telex")
  static let shared = set(
    "work business office company main organization firm geschäftlich arbeit trabajo travail lavoro bureau dienst")
  static let others = set("assistant emergency spouse partner parent guardian referrer manager owner agent")
  static let home = set("home landline fixed festnetz fijo fixe privat maison casa thuis hogar")
  static let second = set("other alternate alt secondary second 2 3 4 5 car radio callback isdn tty")

  static let firstNames = set(
    """
    firstname first givenname given forename fname prénom prenom vorname nombredepila primernombre nombres imię etunimi fornavn \
    förnamn voornaam keresztnév имя jméno 名 名字 이름 tên ten prenume isim prezime contactfirstname customerfirstname \
    billingfirstname buyerfirstname attendeefirstname guestfirstname leadfirstname recipientfirstname nomedebatismo vornamen
    """)
  static let lastNames = set(
    """
    lastname last surname familyname family lname nachname familienname zuname apellido apellidos cognome sobrenome apelido \
    achternaam nazwisko efternamn etternavn sukunimi фамилия příjmení 姓 성 họ soyad soyisim nomdefamille contactlastname \
    customerlastname billinglastname buyerlastname attendeelastname guestlastname leadlastname recipientlastname
    """)
  static let fullNames = set(
    """
    name fullname contactname customername clientname displayname personname membername guestname attendeename buyername \
    recipientname patientname leadname profilename yourname nombrecompleto nombreyapellido nombreyapellidos nomcomplet nomcompleto \
    nomecompleto vollständigername kunde kundenname kundename klant imięinazwisko фио имяифамилия 姓名 氏名 名前 お名前 성명 hovaten \
    họvàtên client customer guest attendee nombre nome nom naam namn navn nimi الاسم שם नाम
    """)
  /// Each a first name beside a column of last names (`nom`: a last name beside one of first names), else a whole one.
  static let firstOrFull = set("nombre nome ten tên ime ad imię imie имя jméno 名前")
  static let lastOrFull = set("nom name naam namn navn nimi")
  static let firstNamesNative = set("prénom prenom vorname vornamen voornaam förnamn fornavn etunimi")

  static let emails = list("email correo courriel epost emailaddress электроннаяпочта почта 邮箱 メール 이메일 eposta")
  static let emailWords = set("mail")
  static let notEmail = set(
    """
    accepts consent opt optin optout opted status marketing subscribed subscriber subscription label type verified unsubscribed \
    out date count hard bounce clicks opens format allowed permission contactable sent
    """)
  static let tags = set(
    "tags tag labels label contacttags customertags guesttags groupmembership categories etiquetas étiquettes schlagworte"
  )
  static let timeZones = set(
    """
    timezone tz timezoneid ianatimezone timezonename usertimezone contacttimezone customertimezone zeitzone zonahoraria fusohorario \
    fuseauhoraire fusoorario tijdzone strefaczasowa часовойпояс 时区 時区 時區 múigiờ
    """)
  static let languages = set(
    "language lang locale preferredlanguage sprache idioma langue lingua taal język jazyk язык 语言 言語 ngônngữ contactlanguage customerlanguage"
  )
  static let notes = set("notes")
  static let ignored = set("rejectreason rejectdetail rejectrow roundhouseid roundhousecreatedat")
  static let areaCodes = set("areacode phoneareacode mobileareacode vorwahl ddd lada indicatif prefijo prefisso")
  static let countryParts = list("country land pays país paese 国家 國家 страна ülke kraj")
  static let countryNames = set(
    """
    country countrycode countryiso countryisocode land ländercode pays país paese kraj nazione cc dialcode dialingcode callingcode \
    diallingcode phoneprefix countryprefix prefix isocode isocountry 国家 国 국가 страна landesvorwahl ländervorwahl intlcode \
    internationalcode nation
    """)

  static let optOutParts = list(
    """
    optout optedout unsubscribe unsubscribed donotcontact donottext donotsms donotcall donotmessage dnctext blocklist blacklist \
    suppressed suppression hasoptedout abgemeldet désabonné désinscrit désinscription robinson nocontactar nomolestar nollamar \
    отписан отписка 退订 配信停止 수신거부 cancelado descadastrado disiscritto uitgeschreven wypisan
    """)
  static let optOutWords = set("dnc dnt dns dnd stop stopped unsub unsubbed blocked baja")
  /// Beside a word for texts or advertising: `Keine Werbung`, `Pas de SMS`. `No` only before one: a `Contact No.` is a number.
  static let noes = set(
    "not never kein keine keinen nicht pas sans sin senza geen niet não nao sem inga ingen ikke nie bez без не")
  static let reaches = set(
    """
    sms text texts texting texto textos message messages mensaje mensajes mensagens contact call marketing promo promotions \
    advertising ads werbung kontakt kontaktieren publicité publicite publicidad pubblicità reklame reklama reclame
    """)
  /// One word of both: `NOSMS`, `Werbesperre`.
  static let noParts = list(
    """
    nosms notext nomarketing nopromo keinesms keinewerbung werbesperre kontaktsperre smssperre werbewiderspruch widerspruch \
    donotdisturb nepascontacter passms nopublicidad optedoutof
    """)
  /// Beside a word for texts or advertising: `Text OK?`, `SMS erlaubt`, `Can text`.
  static let yeses = set(
    """
    ok okay can may allowed allow allows permitted erlaubt einverstanden gestattet autorisé autorizado permitido consentito toegestaan \
    accepts accept receive agree agrees wants
    """)
  /// A column of yes and no under such a name is about who may be written to.
  static let consentHints = set(
    """
    sms text texts texting marketing werbung promo promotions contact contactable kontakt allowed ok okay permitted erlaubt \
    erlaubnis subscribed subscription abo abonnement gdpr dsgvo rgpd lopd privacy datenschutz alerts updates messages mensajes \
    publicidad publicité publicite pubblicità reklame reclame communication communications kommunikation
    """)
  static let consentParts = list(
    """
    optin optedin consent smsmarketing acceptssms acceptsmarketing marketingstatus smsstatus smssubscri subscriptionstatus \
    subscriberstatus smspermission smsallowed textpermission permissiontotext agreedto einwilligung einverständnis zustimmung \
    consentement consentimiento autorización autorisation consenso zgoda toestemming согласие 同意 동의 subscribedtosms smsopt \
    receivetexts receivesms allowsms allowtexts marketingemailconsent
    """)
  static let consentWords = set("subscribed permission consented")
  /// A consent column's words for something else than yes or no.
  static let aboutConsent = set(
    "source method wording ip address url reason form page campaign language version id by channel")
  static let dates = set("date time at timestamp on datetime datum fecha data when since updated changed created day")
  static let textChannel = set("sms text texts texting mobile mms messages phone tel handy whatsapp mensajes")
  static let otherChannels = set(
    "email mail emails newsletter newsletters fax post postal call calls voice push print courriel correo direct directmail"
  )
}
