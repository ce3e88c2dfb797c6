/// What a row's columns of consent and opt-out say about its person.
struct ConsentReader {
  private let optOuts: [Int]
  private let consents: [Int]
  private let date: Int?
  private let headers: [String]

  init(_ mapping: ColumnMapping, headers: [String]) {
    optOuts = mapping.indexes(of: .optOut)
    consents = mapping.indexes(of: .consent)
    date = mapping.index(of: .consentDate)
    self.headers = headers
  }

  /// Of an `opt_out` column yes, or a date, is an opt-out; of a `consent` column no is one. A value that says neither holds the person
  /// until somebody has decided. Nil when nothing is said against texts.
  func optOut(_ reader: CSVReader, _ fieldCount: Int) -> String? {
    if optOuts.isEmpty, consents.isEmpty { return nil }
    var held: String?
    for (indexes, isNegative) in [(optOuts, true), (consents, false)] {
      for index in indexes where index < fieldCount {
        let value = reader.field(index)
        if value.isEmpty { continue }
        let text = String(decoding: value, as: UTF8.self)
        switch Self.isAgainst(text, isNegative: isNegative) {
        case true?: return evidence("o", index, text)
        case false?: break
        case nil: held = held ?? evidence("r", index, text)
        }
      }
    }
    return held
  }

  static func isAgainst(_ text: String, isNegative: Bool) -> Bool? {
    guard let answer = ConsentAnswer(text) else {
      let words = text.lowercased()
      // `Replied STOP`, `Unsubscribed via link`.
      return ["stop", "unsub", "opted out", "opt out", "do not"].contains(where: words.contains) ? true : nil
    }
    if answer == .unknown { return false }
    guard isNegative else { return answer == .no }
    if answer != .no { return answer == .yes ? !saysIn(text) : true }
    return saysOut(text)
  }

  /// In a column of opt-outs, `Unsubscribed` says that they are, `Subscribed` that they are not.
  private static func saysOut(_ text: String) -> Bool {
    let word = text.lowercased().filter(\.isLetter)
    return [
      "unsub", "optedout", "optout", "stop", "donot", "blocked", "blacklisted", "suppressed", "revoked", "withdrawn",
      "out",
    ]
    .contains { word.hasPrefix($0) }
  }

  private static func saysIn(_ text: String) -> Bool {
    let word = text.lowercased().filter(\.isLetter)
    return [
      "subscribed", "optedin", "optin", "active", "allowed", "granted", "consented", "singleoptin", "doubleoptin",
    ].contains(word)
  }

  private func evidence(_ kind: String, _ index: Int, _ text: String) -> String {
    // By scalars: any number of accents is one character, and a slot of a row is bounded.
    func cut(_ text: String, _ most: Int) -> String { String(text.unicodeScalars.prefix(most)) }
    let column = headers.indices.contains(index) ? cut(headers[index], 80) : "column"
    return "\(kind)\(column): \(TextCleaner.clean(cut(text, 100)))"
  }

  /// `y`, the date there is, and the words; nil when no column says yes.
  func consent(_ reader: CSVReader, _ fieldCount: Int) -> String? {
    for index in consents where index < fieldCount {
      let value = reader.field(index)
      if value.isEmpty { continue }
      let text = String(decoding: value, as: UTF8.self)
      guard let answer = ConsentAnswer(text), answer == .yes || answer == .date else { continue }
      let written = answer == .date ? text : date.flatMap { $0 < fieldCount ? reader.text($0) : nil } ?? ""
      let day = WrittenDate.iso(TextCleaner.clean(written), dayFirst: false) ?? "----------"
      return evidence("y\(day)", index, text)
    }
    return nil
  }
}

/// What a row says about its person not wanting texts, and in which words.
struct ImportSaid: Sendable, Equatable {
  /// Cannot be read: held until somebody has decided.
  var isReview: Bool
  var evidence: String

  init(_ encoded: String) {
    isReview = encoded.first == "r"
    evidence = String(encoded.dropFirst())
  }
}

/// Of whom a row of the slice, or one that was rejected, says that they have opted out. The second may be a million: asked where they are.
struct ImportOptOuts: Sendable {
  var ofSlice: [Int64: ImportSaid] = [:]
  var ofRejected: [Int64: ImportSaid] = [:]

  var isEmpty: Bool { ofSlice.isEmpty && ofRejected.isEmpty }

  /// What is clear counts before what has to be looked at.
  subscript(phone: Int64) -> ImportSaid? {
    guard let said = ofSlice[phone], !said.isReview else { return ofRejected[phone] ?? ofSlice[phone] }
    return said
  }
}
