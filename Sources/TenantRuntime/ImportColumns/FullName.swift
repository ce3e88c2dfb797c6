/// A whole name in one cell, split for the greeting: `Ida Jones`, `Jones, Ida`, `Dr. Ida van der Berg Jr.`, `Kai`. A name of a script
/// without blanks stays whole, as a first name.
struct FullName: Equatable {
  private(set) var first = ""
  private(set) var last = ""

  private static let titles: Set<String> = [
    "dr", "mr", "mrs", "ms", "miss", "mx", "prof", "professor", "rev", "sir", "madam", "herr", "frau", "hr", "fr", "m",
    "mme",
    "mlle", "monsieur", "madame", "señor", "señora", "srta", "sra", "sr", "don", "doña", "dra", "dott", "sig",
    "signora", "pan",
    "pani", "ing", "lic", "capt", "lt", "sgt", "col", "hon", "dhr", "mevr",
  ]
  private static let suffixes: Set<String> = [
    "jr", "sr", "ii", "iii", "iv", "phd", "md", "esq", "dds", "cpa", "rn", "mba",
  ]

  init(_ text: String) {
    let name = TextCleaner.clean(text)
    let sides = name.split(separator: ",", maxSplits: 1).map { String($0).trimmed }
    if sides.count == 2, !sides[1].isEmpty,
      !sides[1].split(separator: " ").allSatisfy({ Self.suffixes.contains(Self.bare($0)) })
    {
      first = Self.withoutTitles(sides[1].split(separator: " ")).joined(separator: " ")
      last = Self.withoutTitles(sides[0].split(separator: " ")).joined(separator: " ")
      return
    }
    let words = Self.withoutTitles(name.replacing(",", with: " ").split(separator: " "))
    guard let given = words.first else {
      first = name
      return
    }
    var end = 1
    // `Ida & Tom Jones` are greeted together.
    while end + 1 < words.count, ["&", "and", "und", "y", "et", "e", "+"].contains(words[end].lowercased()) { end += 2 }
    first = end == 1 ? String(given) : words[..<end].joined(separator: " ")
    var rest = words[end...]
    // A middle initial is neither.
    if rest.count > 1, let initial = rest.first, Self.bare(initial).count == 1, initial.first?.isLetter ?? false {
      rest = rest.dropFirst()
    }
    last = rest.joined(separator: " ")
  }

  private static func bare(_ word: Substring) -> String { word.lowercased().filter { $0.isLetter } }

  private static func withoutTitles(_ words: [Substring]) -> [Substring] {
    var words = words[...]
    while words.count > 1, let title = words.first, titles.contains(bare(title)), title.count > 1 || title == "M" {
      words = words.dropFirst()
    }
    return Array(words)
  }
}

/// Several tags in one cell, as tools write them: `VIP ::: Spring`, `"VIP","Spring 2026"`, `["VIP"]`, `vip; spring`. What a tool keeps for
/// itself (`* myContacts`) is none.
enum TagList {
  /// A cell may hold thousands; a contact takes fifty.
  private static let most = 500

  static func names(_ text: String) -> [String] {
    var names: [String] = []
    var known: Set<String> = []
    var name = ""
    var isQuoted = false
    func end() {
      let clean = TextCleaner.clean(name)
      if !clean.isEmpty, !clean.hasPrefix("* "), known.insert(clean).inserted { names.append(clean) }
      name = ""
    }
    var list = text.replacing(":::", with: ";").trimmed
    if list.hasPrefix("["), list.hasSuffix("]") { list = String(list.dropFirst().dropLast()) }
    for character in list {
      if names.count == most { return names }
      if character == "\"" || character == "\u{201C}" || character == "\u{201D}" {
        isQuoted.toggle()
      } else if (Tag.marks + "\n\r\r\n").contains(character) {
        // Inside quotes it is of the name, but no tag has these marks.
        if isQuoted { name.append(" ") } else { end() }
      } else {
        name.append(character)
      }
    }
    end()
    return names
  }
}
