import Foundation

/// What stands where a phone number belongs, made plain: characters nobody sees, other digits than ours, the guards of spreadsheets,
/// `tel:`, labels, decimal places. What is left is digits with or without a plus, or the reason why it is no number. Nothing is ever
/// guessed: a letter that should be a digit, digits that a spreadsheet has lost, a number cut by a point are refused.
enum PhoneText {
  static let longest = 300

  // A pattern written inside a function is compiled at each call, which costs a hundred times what matching does: these are compiled once.
  // Matching only reads them.
  nonisolated(unsafe) private static let fax = #/(?i)\b(fax|pager|telefax)\b/#
  nonisolated(unsafe) private static let chat =
    #/(?i)^https?://(?:api\.)?(?:wa\.me/|whatsapp\.com/send\?phone=)\+?(\d+)/#
  nonisolated(unsafe) private static let scheme =
    #/(?i)(tel|sms|smsto|callto|phone|whatsapp|facetime|viber|signal):(?://)?\s*/#
  nonisolated(unsafe) private static let phoneContext = #/(?i);phone-context=(\+[0-9.()-]+)/#
  nonisolated(unsafe) private static let notation =
    #/\+?\s*(\d+)(?:[.,](\d+))?\s*(?:[eE]|[x×*]\s*10\s*\^?)\s*\+?\s*(\d{1,3})/#
  nonisolated(unsafe) private static let yearFirst =
    #/^(19|20)\d\d[-/.](0?[1-9]|1[0-2])[-/.]([0-2]?\d|3[01])([ T].*)?$/#
  nonisolated(unsafe) private static let yearLast =
    #/^([0-2]?\d|3[01])[-/.]([0-2]?\d|3[01])[-/.](19|20)\d\d([ T].*)?$/#
  nonisolated(unsafe) private static let phoneExtension =
    #/(?i)[\s,;.(]*(?:\bext\.?|\bextn\.?|\bextension|\banexo|\bposte|x|#)[\s.:]*\d{1,6}\)?$/#
  nonisolated(unsafe) private static let wordsInBrackets = #/^\s*\([\p{L}\s.]+\)/#
  nonisolated(unsafe) private static let decimal = #/\s*(\+?\d{7,})[.,](\d+)\s*/#
  nonisolated(unsafe) private static let grouped =
    #/\s*(\+?\d{1,3}(?:,\d{3}){2,})\.0{1,2}\s*|\s*(\+?\d{1,3}(?:\.\d{3}){2,}),0{1,2}\s*/#

  // MARK: Several in one cell

  /// The numbers of a cell, each as it is written there.
  static func numbers(in text: String) -> [String] {
    let clean = visible(text.unicodeScalars.prefix(longest + 1))
    guard clean.utf8.count <= longest else { return [clean] }
    for separators in [
      [":::"], ["\n", ";", "|"], [",", "&", " or ", " and ", " und ", " y ", " et ", " o "], ["/", "  "],
    ] {
      let pieces = split(clean, separators)
      if pieces.count > 1 { return pieces }
    }
    let pluses = clean.split(separator: "+").map { "+" + $0 }
    return clean.first == "+" && pluses.count > 1 && pluses.allSatisfy { digits($0) >= 10 } ? pluses : [clean]
  }

  /// Only where at least two of the pieces could be numbers of their own.
  private static func split(_ text: String, _ separators: [String]) -> [String] {
    guard digits(text) > 13 else { return [text] }
    var pieces = [text]
    for separator in separators {
      pieces = pieces.flatMap { $0.components(separatedBy: separator) }
    }
    pieces = pieces.map(\.trimmed).filter { digits($0) > 0 }
    let whole = pieces.filter { digits($0) >= 7 && !$0.lowercased().contains("phone-context") }
    return whole.count > 1 ? whole : [text]
  }

  private static func digits(_ text: String) -> Int { text.utf8.count { (0x30...0x39).contains($0) } }

  // MARK: Characters

  /// Without what nobody sees; digits, signs and spaces of all scripts as ours.
  static func visible(_ text: some Sequence<Unicode.Scalar>) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text {
      switch scalar.value {
      case 0x0A, 0x0D, 0x2028, 0x2029: out.append("\n")
      case 0x20...0x7E: out.append(scalar)
      case 0xFF01...0xFF5E: out.append(Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar)
      case 0x60, 0xB4, 0x2018...0x201B, 0x2BC, 0x2032: out.append("'")
      case 0x201C...0x201F, 0xAB, 0xBB, 0x2033: out.append("\"")
      case 0x2212, 0x30FC, 0x2043, 0x2500, 0xFF70: out.append("-")
      case 0xB7, 0x2022, 0x2219, 0x30FB, 0x2024, 0x3002, 0xFF61: out.append(".")
      case 0x2044, 0x2215: out.append("/")
      case 0x3001, 0x60C, 0xFF64: out.append(",")
      case 0x61B: out.append(";")
      default: append(scalar, &out)
      }
    }
    return String(out).trimmed
  }

  private static func append(_ scalar: Unicode.Scalar, _ out: inout String.UnicodeScalarView) {
    let properties = scalar.properties
    if properties.numericType == .decimal, let value = properties.numericValue,
      let digit = Unicode.Scalar(UInt32(0x30 + Int(value)))
    {
      return out.append(digit)
    }
    switch properties.generalCategory {
    case .format, .nonspacingMark, .enclosingMark: return
    case .control, .spaceSeparator, .lineSeparator, .paragraphSeparator: out.append(" ")
    case .dashPunctuation: out.append("-")
    case .openPunctuation: out.append("(")
    case .closePunctuation: out.append(")")
    default: out.append(scalar)
    }
  }

  // MARK: One number

  static func plain(_ text: String) -> Result<String, PhoneRejection> {
    var rest = withoutGuards(text)
    rest = withoutScheme(rest)
    if rest.isEmpty || placeholders.contains(rest.lowercased()) { return .failure(.missing) }
    if rest.utf8.count > 120 { return .failure(.tooLong) }
    // Digits and signs alone hold no words.
    let hasWords = rest.utf8.contains { !plainBytes.contains($0) }
    if hasWords, let number = scientific(rest) { return number }
    if hasWords && rest.contains(fax) || isDate(rest) { return .failure(.notANumber) }
    if hasWords { rest = withoutLabels(withoutExtension(rest)) }
    guard let whole = withoutDecimals(rest) else { return .failure(.notANumber) }
    return digitsAlone(whole)
  }

  private static let plainBytes = Set(" +-()./0123456789".utf8)

  private static let placeholders: Set<String> = [
    "n/a", "na", "none", "null", "nil", "nan", "-", "--", "---", "?", ".", "unknown", "#n/a", "0", "tbd", "no phone",
    "no", "undefined", "(null)", "not provided", "not available", "blank", "x", "+", "=\"\"",
  ]

  /// `="+1…"`, `'+1…`, `"…"`, `<…>`: what keeps a spreadsheet from making a number or a formula of it.
  private static func withoutGuards(_ text: String) -> String {
    var rest = text.trimmed[...]
    while true {
      let before = rest
      while let first = rest.first, "='\"<`".contains(first) { rest = rest.dropFirst() }
      while let last = rest.last, "'\">`,;:.".contains(last) { rest = rest.dropLast() }
      rest = String(rest).trimmed[...]
      if rest == before { return String(rest) }
    }
  }

  /// `tel:+1…`, `whatsapp:+1…`, `https://wa.me/1…`.
  private static func withoutScheme(_ text: String) -> String {
    guard text.utf8.contains(0x3A) else { return text }
    if let match = text.firstMatch(of: chat) {
      return "+" + match.1
    }
    guard
      let match = text.prefixMatch(of: scheme)
    else { return text }
    let rest = String(text[match.range.upperBound...])
    let number = rest.prefix { $0 != ";" && $0 != "?" }
    var plain = number.removingPercentEncoding ?? String(number)
    if let context = rest.firstMatch(of: phoneContext), !plain.hasPrefix("+") {
      plain = context.1 + plain
    }
    return plain.trimmed
  }

  /// `4.15867E+09` has lost its digits. Only where all of them are there is it a number: `4.158675309E+09`.
  private static func scientific(_ text: String) -> Result<String, PhoneRejection>? {
    guard let match = text.wholeMatch(of: notation) else { return nil }
    let fraction = match.2.map(String.init) ?? ""
    guard let exponent = Int(match.3), exponent > 0, fraction.utf8.count >= exponent,
      fraction.dropFirst(exponent).allSatisfy({ $0 == "0" })
    else { return .failure(.scientificNotation) }
    return .success(String(match.1) + String(fraction.prefix(exponent)))
  }

  private static func isDate(_ text: String) -> Bool {
    // A day without its time has eight digits at most.
    (digits(text) <= 8 || text.utf8.contains(0x3A)) && (text.contains(yearFirst) || text.contains(yearLast))
  }

  private static func withoutExtension(_ text: String) -> String {
    guard let match = text.firstMatch(of: phoneExtension), digits(String(text[..<match.range.lowerBound])) >= 7 else {
      return text
    }
    return String(text[..<match.range.lowerBound])
  }

  private static let labels: Set<String> = [
    "mobile", "mob", "mobil", "cell", "cel", "cellular", "cellphone", "phone", "ph", "tel", "telephone", "telefon",
    "telefono", "telefone", "handy", "gsm", "home", "work", "office", "business", "main", "other", "direct", "m", "c",
    "h", "w", "p", "t", "number", "no", "num", "nr", "sms", "text", "txt", "call", "whatsapp", "wa", "personal",
    "private", "primary", "preferred", "default", "contact", "celular", "movil", "portable", "mobiltelefon", "iphone",
    "us", "usa", "uk", "intl", "international", "my", "is", "numero", "nº", "company", "natel", "telephonenumber",
    "new",
  ]

  /// `Mobile: …`, `… (cell)`, `… - wife`. Words between the digits stay, and make it no number.
  private static func withoutLabels(_ text: String) -> String {
    guard let first = text.firstIndex(where: { "+0123456789(".contains($0) && !isWordBracket($0, in: text) }) else {
      return text
    }
    var rest = text[first...]
    guard text[..<first].allSatisfy({ $0.isLetter || $0.isWhitespace || "():.-#/*>'".contains($0) }) else {
      return text
    }
    if !text[..<first].allSatisfy({ !$0.isLetter }), !words(text[..<first]).allSatisfy(labels.contains) { return text }
    if let last = rest.lastIndex(where: { $0.isNumber }) {
      let tail = rest[rest.index(after: last)...]
      let said = words(tail)
      let isApart = tail.first.map { " (-,/[".contains($0) || $0 == ")" } ?? true
      let isRemark = isApart && said.contains { $0.count >= 3 } && digits(String(rest)) >= 10
      if !said.isEmpty, isRemark || isApart && said.allSatisfy(labels.contains) { rest = rest[...last] }
    }
    return String(rest).trimmed
  }

  /// A bracket round words: `(mobile) 415 …`.
  private static func isWordBracket(_ character: Character, in text: String) -> Bool {
    character == "(" && text.contains(wordsInBrackets)
  }

  private static func words(_ text: Substring) -> [String] {
    text.split { !$0.isLetter }.map { word in
      String(
        String.UnicodeScalarView(word.unicodeScalars.compactMap { Folding.letter($0).flatMap(Unicode.Scalar.init) }))
    }
  }

  /// `4158675309.0` and `4,158,675,309.00` are whole; `4158675309.5` and `415867530.90` are no numbers of a phone. Nil then.
  private static func withoutDecimals(_ text: String) -> String? {
    guard text.utf8.contains(where: { $0 == 0x2E || $0 == 0x2C }) else { return text }
    if let match = text.wholeMatch(of: decimal) {
      return match.2.allSatisfy { $0 == "0" } && match.2.count < 4 ? String(match.1) : nil
    }
    if let match = text.wholeMatch(of: grouped) { return String(match.1 ?? match.2 ?? "") }
    return text
  }

  private static let between = Set(" ()-./,_[]~'\n")

  private static func digitsAlone(_ text: String) -> Result<String, PhoneRejection> {
    var out = ""
    for character in text {
      if character.isASCII, character.isNumber {
        out.append(character)
      } else if character == "+" {
        // `+` may come again before any digit (`++44`), never behind one.
        guard out.isEmpty || out == "+" else { return .failure(.notANumber) }
        out = "+"
      } else if !between.contains(character) {
        return .failure(.notANumber)
      }
    }
    return out.isEmpty || out == "+" ? .failure(.notANumber) : .success(out)
  }
}
