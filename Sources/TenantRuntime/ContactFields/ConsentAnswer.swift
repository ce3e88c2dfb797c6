/// A value of a consent or opt-out column.
enum ConsentAnswer: Sendable, Equatable {
  case yes, no
  /// Says when, and with that, that.
  case date
  /// Nobody knows.
  case unknown

  init?(_ text: String) {
    let value = TextCleaner.clean(text).lowercased()
    if let known = Self.words[value] {
      self = known
    } else if let known = Self.words[String(value.filter { $0.isLetter || $0.isNumber })] {
      self = known
    } else if WrittenDate.order(of: value) != nil || WrittenDate.isISO(value) {
      self = .date
    } else {
      return nil
    }
  }

  private static let words: [String: ConsentAnswer] = {
    var words: [String: ConsentAnswer] = [:]
    func add(_ list: String, _ answer: ConsentAnswer) {
      for word in list.split(separator: "|") { words[String(word)] = answer }
    }
    add(
      """
      yes|y|true|t|1|1.0|x|on|ok|optedin|optin|subscribed|subscribe|active|granted|accepted|accept|accepts|agreed|agree|confirmed|\
      singleoptin|doubleoptin|consented|allowed|allow|permitted|checked|enabled|explicit|express|expressed|si|sí|oui|ja|sim|tak|да|\
      はい|是|有|예|네|نعم|כן|✓|✔|☑|✅|✔️|in|member|opted in|opt in|implicit|implied
      """, .yes)
    add(
      """
      no|n|false|f|0|0.0|off|optedout|optout|unsubscribed|unsubscribe|notsubscribed|neversubscribed|inactive|denied|declined|decline|\
      refused|revoked|withdrawn|rejected|blocked|disabled|donotcontact|donottext|nein|non|não|nao|nie|нет|いいえ|否|无|無|아니요|아니오|لا|\
      לא|✗|✘|☐|❌|nonsubscribed|nonsubscriber|redacted|pending|unconfirmed|awaitingconfirmation|notoptedin|notconfirmed|stop|stopped|out|\
      suppressed|blacklisted|cleaned|bounced|none|notgiven|optedoutofsms|never|opted out|opt out|archived|deleted|invalid
      """, .no)
    add(
      "|-|n/a|na|null|unknown|notset|notspecified|notasked|nan|?|--|00000000|000000000000|undefined|unset|blank|neverasked",
      .unknown)
    words[""] = .unknown
    return words
  }()
}
