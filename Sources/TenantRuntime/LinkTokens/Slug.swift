/// A chosen path of a link: `https://LINK-HOST/summer-sale`. Small letters, digits, `-` and `_`; capitals are the same.
///
/// A slug of eight characters may look like a token. The router asks the tenant's slugs first, which is safe: it leads to what the tenant
/// itself has chosen, never to another tenant's link. No token that is out already is ever covered: a slug is refused if one of its
/// spellings names a text or link that exists (`ShortLink.create`). A text planned later has a token that is spelled like a given slug
/// about once in 10¹¹ times, and then leads to the slug's target.
package struct Slug: Sendable, Hashable {
  package let text: String

  package static let lengths = 2...64
  private static let reserved: Set<String> = [
    "admin", "api", "assets", "health", "metrics", "ready", "robots", "sign-in", "sign-out", "static", "favicon",
    "webhooks", "well-known",
  ]

  /// Of a path without its slash; nil: not one that a link can have.
  package init?(_ text: Substring) {
    let bytes = text.utf8
    guard Self.lengths.contains(bytes.count), bytes.allSatisfy(Self.isAllowed) else { return nil }
    self.text = text.lowercased()
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 97 < 26 || byte &- 48 < 10 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  package var isReserved: Bool { Self.reserved.contains(text) }

  /// How it may be spelled as a token: every mixture of small and capital letters. Only of those that are as long as one.
  var spellings: [String] {
    guard text.utf8.count == LinkToken.length else { return [] }
    return text.reduce([""]) { spellings, letter in
      let capital = letter.uppercased()
      let small = spellings.map { $0 + String(letter) }
      return capital == String(letter) ? small : small + spellings.map { $0 + capital }
    }
  }
}
