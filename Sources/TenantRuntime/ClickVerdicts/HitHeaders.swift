/// The headers that are kept of a request of a short link: those that distinguish a person's browser from a machine.
package enum HitHeader: UInt8, CaseIterable, Sendable {
  // Stored by index (`HitBatch`): new ones are added at the end.
  case purpose, secPurpose, xPurpose, xMoz, secFetchMode, secFetchDest, secFetchSite, secCHUA, secCHUAMobile, accept,
    acceptLanguage, referer, via, xRequestedWith

  /// In lower case.
  package var name: String { Self.names[Int(rawValue)] }

  /// By its name, in any case of letters.
  package init?(_ name: String) {
    var name = name
    guard let found = name.withUTF8({ HitHeader(UnsafeRawBufferPointer($0)) }) else { return nil }
    self = found
  }

  init?(_ name: UnsafeRawBufferPointer) {
    guard name.count < Self.ofLength.count,
      let found = Self.ofLength[name.count].first(where: { Self.isSame(name, $0.bytes) })
    else { return nil }
    self = found.header
  }

  /// Whether a name is one of small letters, in any case of its own.
  static func isSame(_ name: UnsafeRawBufferPointer, _ small: [UInt8]) -> Bool {
    guard name.count == small.count else { return false }
    for (index, byte) in name.enumerated() where (byte &- 65 < 26 ? byte | 0x20 : byte) != small[index] {
      return false
    }
    return true
  }

  private static let names = [
    "purpose", "sec-purpose", "x-purpose", "x-moz", "sec-fetch-mode", "sec-fetch-dest", "sec-fetch-site", "sec-ch-ua",
    "sec-ch-ua-mobile", "accept", "accept-language", "referer", "via", "x-requested-with",
  ]
  private static let ofLength: [[(header: HitHeader, bytes: [UInt8])]] = (0...16).map { length in
    allCases.filter { $0.name.utf8.count == length }.map { ($0, Array($0.name.utf8)) }
  }
  fileprivate static let byName = allCases.sorted { $0.name < $1.name }
}

/// What a request sent of them: each once, the first counts.
package struct HitHeaders: Sendable, Equatable {
  private var values: [String?] = Array(repeating: nil, count: HitHeader.allCases.count)

  package init() {}

  package subscript(_ header: HitHeader) -> String? {
    get { values[Int(header.rawValue)] }
    set { values[Int(header.rawValue)] = newValue }
  }

  package var count: Int { values.count { $0 != nil } }

  /// In the order in which lines store them.
  package func forEach(_ body: (HitHeader, String) -> Void) {
    for header in HitHeader.allCases { if let value = self[header] { body(header, value) } }
  }

  package func forEachByName(_ body: (HitHeader, String) -> Void) {
    for header in HitHeader.byName { if let value = self[header] { body(header, value) } }
  }

  package var sorted: [(name: String, value: String)] {
    HitHeader.byName.compactMap { header in self[header].map { (header.name, $0) } }
  }
}

extension HitHeaders: ExpressibleByDictionaryLiteral {
  /// Other names than those of `HitHeader` are passed over.
  package init(_ named: some Sequence<(String, String)>) {
    for (name, value) in named { HitHeader(name).map { self[$0] = value } }
  }

  package init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
}

extension HitHeaders: Codable {
  package init(from decoder: any Decoder) throws {
    self.init(try [String: String](from: decoder).map { ($0, $1) })
  }

  package func encode(to encoder: any Encoder) throws {
    try Dictionary(uniqueKeysWithValues: sorted.map { ($0.name, $0.value) }).encode(to: encoder)
  }
}
