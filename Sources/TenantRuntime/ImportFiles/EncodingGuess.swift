/// Which encoding a file's bytes make sense in: letters that belong together, in words that begin and go on as words do.
struct EncodingGuess {
  private(set) var encoding: TextEncoding
  /// Others that make nearly as much sense, and read the file differently.
  private(set) var rivals: [TextEncoding] = []
  var isCertain: Bool { rivals.isEmpty }

  private struct Candidate {
    var encoding: TextEncoding
    var common: Set<Unicode.Scalar>
    var regions: Set<String> = []

    init(_ encoding: TextEncoding, _ common: String, _ regions: String = "") {
      self.encoding = encoding
      self.common = Set(common.unicodeScalars)
      self.regions = Set(regions.split(separator: " ").map(String.init))
    }
  }

  private static let western = "éèêëàâçùûôîïñáíóúüöäßåøæãõìòÉÈÀÇÑÁÍÓÚÜÖÄÅØÆ"
  private static let candidates: [Candidate] = [
    Candidate(.windows1252, western),
    Candidate(.windows1251, "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфОАЕИНСВКМПДГБРТЛЮЯ", "RU UA BY BG RS MK KZ"),
    Candidate(
      .windows1250, "łśżźąęćńóčřšžěůáíéýúőűäöüßťďňăâîșțşţđŁŚŻŹĆŃČŘŠŽÁÍÉÚŐ", "PL CZ SK HU RO SI HR BA"),
    Candidate(.windows1254, "şğıİçöüâîŞĞÇÖÜ", "TR"),
    Candidate(.windows1253, "αοιετσνηυρπκμλςδγθωχάέήίόύώΑΕΙΟΜΠΚΓΔΣΝΤΧΘ", "GR CY"),
    Candidate(.windows1255, "אבגדהוזחטיכלמנסעפצקרשתםןךףץ", "IL"),
    Candidate(.windows1256, "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىأإآؤئ", "EG SA AE JO MA DZ IQ LB KW QA"),
    Candidate(.windows1257, "ąčęėįšųūžāēģīķļņõäöüĄČĘĖĮŠŲŪŽ", "LT LV EE"),
    Candidate(.macRoman, western),
    Candidate(.koi8, "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфОАЕИНСВКМПДГБРТЛЮЯ"),
    Candidate(.cp850, western),
    Candidate(.cp866, "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфОАЕИНСВКМПДГБРТЛЮЯ"),
  ]

  private static let sampled = 64 << 10

  init(_ head: [UInt8], region: String) {
    let sample = Self.sample(head)
    if let asian = Self.asian(sample, region) {
      encoding = asian
      return
    }
    let isOldMac = head.contains(0x0D) && !head.contains(0x0A)
    var scored: [(encoding: TextEncoding, text: [UInt8], score: Double)] = Self.candidates.compactMap { candidate in
      guard let decoder = TextDecoder(candidate.encoding) else { return nil }
      let text = decoder.decode(sample, isLast: true)
      var score = Self.score(text, candidate.common)
      if candidate.regions.contains(region) { score += 0.6 }
      if candidate.encoding == .macRoman, isOldMac { score += 1 }
      return (candidate.encoding, text, score)
    }
    // The first of equals: the more usual one.
    scored = scored.enumerated().sorted { ($0.element.score, -$0.offset) > ($1.element.score, -$1.offset) }.map(
      \.element)
    encoding = scored.first?.encoding ?? .windows1252
    if let best = scored.first {
      rivals = scored.dropFirst().filter { $0.score > best.score - 0.5 && $0.text != best.text }.prefix(2).map(
        \.encoding)
    }
  }

  /// The lines that hold something else than ASCII.
  private static func sample(_ head: [UInt8]) -> [UInt8] {
    var sample: [UInt8] = []
    for line in head.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) where line.contains(where: { $0 >= 0x80 }) {
      sample += line
      sample.append(0x0A)
      if sample.count > sampled { break }
    }
    return sample
  }

  /// Per character that is not ASCII.
  private static func score(_ utf8: [UInt8], _ common: Set<Unicode.Scalar>) -> Double {
    let scalars = Array(String(decoding: utf8, as: UTF8.self).unicodeScalars)
    var score = 0.0
    var count = 0
    for (at, scalar) in scalars.enumerated() where scalar.value >= 0x80 {
      count += 1
      let before = at > 0 ? scalars[at - 1] : " "
      let after = at + 1 < scalars.count ? scalars[at + 1] : " "
      score += worth(scalar, before, after, common)
    }
    return count == 0 ? 0 : score / Double(count) - Double(foreignWords(scalars)) * 2 / Double(count)
  }

  private static func worth(
    _ scalar: Unicode.Scalar, _ before: Unicode.Scalar, _ after: Unicode.Scalar, _ common: Set<Unicode.Scalar>
  ) -> Double {
    if scalar.value == 0xFFFD || scalar.value < 0xA0 { return -8 }
    let isInWord = before.properties.isAlphabetic && after.properties.isAlphabetic
    guard scalar.properties.isAlphabetic, scalar != "ª", scalar != "º",
      scalar.properties.generalCategory != .nonspacingMark
    else {
      if isInWord { return "'’‘-–".unicodeScalars.contains(scalar) ? 0 : -4 }
      return "–—‘’“”…€£«»°®™\u{A0}·•§".unicodeScalars.contains(scalar)
        ? 0 : before.properties.isAlphabetic || after.properties.isAlphabetic ? -3 : -1
    }
    var worth = common.contains(scalar) ? 3.0 : 0.5
    if before.properties.isLowercase, scalar.properties.isUppercase { worth -= 3 }
    if before.properties.isAlphabetic, script(before) != script(scalar) { worth -= 4 }
    // Names begin with capitals.
    if !before.properties.isAlphabetic, after.properties.isAlphabetic, scalar.properties.isLowercase { worth -= 1 }
    return worth
  }

  private static func script(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case ..<0x370, 0x1E00..<0x1F00: 0
    case 0x370..<0x400: 1
    case 0x400..<0x530: 2
    case 0x590..<0x600: 3
    case 0x600..<0x780: 4
    default: 5
    }
  }

  /// Letters of Latin words that are nearly all accented, as no language writes them.
  private static func foreignWords(_ scalars: [Unicode.Scalar]) -> Int {
    var found = 0
    for word in scalars.split(whereSeparator: { !$0.properties.isAlphabetic }) where word.count >= 3 {
      let high = word.count { $0.value >= 0x80 && script($0) == 0 }
      if high * 5 >= word.count * 3 { found += high }
    }
    return found
  }

  // MARK: Two bytes a character

  private static func asian(_ sample: [UInt8], _ region: String) -> TextEncoding? {
    let home: [String: TextEncoding] = ["JP": .shiftJIS, "CN": .gb18030, "TW": .big5, "HK": .big5, "KR": .eucKR]
    if let encoding = home[region], let text = whole(sample, encoding), !text.isEmpty { return encoding }
    if let text = whole(sample, .shiftJIS) {
      let kana = text.count { (0x3040..<0x3100).contains($0.value) }
      if kana >= 4, kana * 5 >= text.count { return .shiftJIS }
    }
    if let text = whole(sample, .eucKR), text.count >= 4, text.allSatisfy({ (0xAC00..<0xD7B0).contains($0.value) }) {
      return .eucKR
    }
    // Common characters come first in GB 2312: Cyrillic and Greek, read as pairs, are nearly all rare ones.
    if let text = whole(sample, .gb18030), text.count >= 6, text.allSatisfy({ (0x4E00..<0xA000).contains($0.value) }) {
      let leads = stride(from: 0, to: sample.count, by: 1).filter { sample[$0] >= 0xB0 && sample[$0] <= 0xD7 }
      let high = sample.count { $0 >= 0x80 }
      return leads.count * 3 >= high * 2 && Set(sample.filter { $0 >= 0x80 }).contains { $0 < 0xC0 } ? .gb18030 : nil
    }
    return nil
  }

  /// What is not ASCII, where all of it can be read.
  private static func whole(_ sample: [UInt8], _ encoding: TextEncoding) -> [Unicode.Scalar]? {
    guard let decoder = TextDecoder(encoding) else { return nil }
    let text = decoder.decode(sample, isLast: true)
    guard decoder.broken == 0 else { return nil }
    let foreign = String(decoding: text, as: UTF8.self).unicodeScalars.filter { $0.value >= 0x80 }
    return foreign.contains { (0xE000..<0xF900).contains($0.value) || $0.value == 0xFFFD } ? nil : Array(foreign)
  }
}
