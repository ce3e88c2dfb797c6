extension HeaderName {
  /// Whether a cell says what people call a column of a list of contacts.
  static func isKnown(_ cell: String) -> Bool {
    let score = ColumnScore(header: cell, values: ColumnValues(), rows: 0)
    let name = score.name.compact
    if cell.contains("@") { return false }
    return score.phoneName >= 50 && !cell.contains { $0.isNumber } || score.email > 0
      || [HeaderWords.firstNames, HeaderWords.lastNames, HeaderWords.fullNames].contains { $0.contains(name) }
  }
}

/// How well a column fits a value of a contact, by what it is called and by what its first rows hold.
struct ColumnScore {
  let name: HeaderName
  let values: ColumnValues
  let rows: Int

  init(header: String, values: ColumnValues, rows: Int) {
    name = HeaderName(header)
    self.values = values
    self.rows = rows
  }

  private var coverage: Double { rows == 0 ? 0 : Double(values.count) / Double(rows) }

  // MARK: Phone

  /// 0: the name says nothing of a phone.
  var phoneName: Int {
    guard !name.has(HeaderWords.aboutPhones), !name.compact.contains("phonetic"), !name.compact.contains("automobil")
    else {
      return 0
    }
    let isMobile = name.contains(HeaderWords.mobileParts) || name.has(HeaderWords.mobileWords)
    let isPhone = name.contains(HeaderWords.phoneParts) || name.has(HeaderWords.phoneWords)
    var score = isMobile ? 100 : isPhone ? 60 : name.has(HeaderWords.weakWords) && name.words.count <= 3 ? 20 : 0
    if score == 0 { return 0 }
    if name.has(HeaderWords.fax) || name.compact.contains("fax") { return 0 }
    if isOfFirm { score -= 25 }
    if name.has(HeaderWords.home) || name.compact.hasPrefix("home") { score -= 15 }
    if name.has(HeaderWords.second) { score -= 10 }
    if isOfOthers { score -= 50 }
    if name.has(["default", "billing", "shipping", "address"]) { score -= 8 }
    if name.has(["sms", "text", "primary", "personal"]) { score += 5 }
    return max(score, 1)
  }

  var isOfFirm: Bool {
    name.has(HeaderWords.shared) || name.compact.hasPrefix("business") || name.compact.hasPrefix("work")
  }
  var isOfOthers: Bool { name.has(HeaderWords.others) }

  var phone: Double {
    let named = Double(phoneName)
    if values.count == 0 { return named }
    let good = values.share(values.phones)
    // Numbers without their area code, which stands beside them.
    let nearly = max(values.share(values.landlines), values.share(values.short)) * 0.3
    if named == 0 {
      let isAbout =
        name.has(HeaderWords.aboutPhones) || name.has(HeaderWords.fax) || name.contains(["fax", "zip", "postal"])
      return good >= 0.8 && !isAbout ? 40 * good + 20 * coverage : 0
    }
    let score = named + 60 * min(1, good + nearly) + 30 * coverage - (values.isShared ? 40 : 0)
    return good + nearly == 0 ? score - 70 : score
  }

  /// Whether its numbers may stand in for a better column's blanks: of this person, and of nobody else.
  var mayFillIn: Bool {
    phoneName >= 40 && !isOfFirm && !isOfOthers && !values.isShared
      && (values.count == 0 || values.share(values.phones) >= 0.5)
  }

  // MARK: Consent

  enum About: Sendable { case consent, optOut, consentDate }

  var isOfOtherChannel: Bool {
    (name.has(HeaderWords.otherChannels) || name.contains(["email", "optedoutoffax"]))
      && !name.has(HeaderWords.textChannel)
      && !name.contains(["sms", "donotcall", "nocall"])
  }

  /// What its name says, before its values are asked.
  var consentName: About? {
    let isOptOut =
      name.contains(HeaderWords.optOutParts) || name.has(HeaderWords.optOutWords)
      || name.words.contains("opt") && name.words.contains("out")
      || name.contains(HeaderWords.noParts) || name.has(HeaderWords.noes) && name.has(HeaderWords.reaches)
      || HeaderWords.reaches.contains { name.compact.hasPrefix("no" + $0) }
    if isOptOut { return name.has(HeaderWords.aboutConsent.subtracting(["ip", "address"])) ? nil : .optOut }
    let isConsent =
      name.contains(HeaderWords.consentParts) || name.has(HeaderWords.consentWords)
      || name.words.contains("opt") && name.words.contains("in")
      || name.has(HeaderWords.yeses.union(["marketing"]))
        && (name.has(HeaderWords.textChannel) || name.has(HeaderWords.otherChannels))
      || name.has(HeaderWords.yeses) && name.has(HeaderWords.reaches)
    guard isConsent, !name.has(HeaderWords.aboutConsent) else { return nil }
    return name.has(HeaderWords.dates) ? .consentDate : .consent
  }

  /// A column of states whose values are about subscribing, or of yes and no under a name that is about writing to people.
  var looksLikeConsent: Bool {
    guard values.count > 0, values.share(values.answers) >= 0.8 else { return false }
    if name.has(HeaderWords.consentHints) { return true }
    guard
      name.has(["status", "state", "subscription", "preference"])
    else {
      return false
    }
    return values.samples.contains {
      ["unsub", "opted", "optout", "opt-out", "subscribed"].contains(where: $0.lowercased().contains)
    }
  }

  // MARK: Others

  var email: Double {
    let isEmail =
      (name.contains(HeaderWords.emails) || name.has(HeaderWords.emailWords)) && !name.has(HeaderWords.notEmail)
      && !name.contains(["optedout", "optout", "optin", "optedin", "unsub", "consent", "accepts", "bounce", "verified"])
    let good = values.share(values.emails)
    if isEmail { return 50 + 50 * good + 10 * coverage - (name.has(HeaderWords.second) ? 10 : 0) - (isOfFirm ? 3 : 0) }
    return good >= 0.9 && values.count > 0 && !name.has(HeaderWords.notEmail) ? 40 * good : 0
  }

  /// Its values must be countries, or the column says nothing about phones.
  var country: Double {
    let isNamed = HeaderWords.countryNames.contains(name.compact) || name.contains(HeaderWords.countryParts)
    guard isNamed, !name.words.contains("name") || name.compact == "countryname", !name.compact.contains("island")
    else { return 0 }
    let good = values.share(values.countries)
    guard values.count > 0, good >= 0.5 else { return 0 }
    let isOfPhone =
      name.contains(HeaderWords.phoneParts) || name.has(["dial", "dialing", "dialling", "calling", "prefix", "mobile"])
    return 50 * good + (isOfPhone ? 40 : 0) + (name.words.count <= 2 ? 10 : 0) + 10 * coverage
  }

  var looksLikeCountry: Bool { country == 0 && HeaderWords.countryNames.contains(name.compact) && values.count > 0 }
  var isAreaCode: Bool { HeaderWords.areaCodes.contains(name.compact) }

  /// `Phone 1 - Label` beside `Phone 1 - Value`.
  var isPhoneLabel: Bool {
    name.has(["label", "type"]) && (name.contains(HeaderWords.phoneParts) || name.has(HeaderWords.phoneWords))
  }
}
