import Foundation

/// Where a link leads: an http(s) address, which may hold merge fields behind its host: `https://shop.test/?u={{first_name|friend}}`.
///
/// What a person of the tenant writes may lead anywhere; what a contact's data says may not. A value is percent-encoded to letters, digits
/// and `-_~.`, so it cannot end the part of the address it stands in, and one of dots alone, which a browser would read as "the folder
/// above", counts as none. No field may stand before the first `/`, `?` or `#` behind the host.
package struct LinkTarget: Sendable, Equatable {
  /// As it was written, merge fields included.
  package let written: String
  /// In ASCII, in small letters.
  package let host: String
  private let parts: [Part]

  private enum Part: Sendable, Equatable {
    case text(String)
    case field(MergeField)
  }

  package static let longest = 2_000
  /// Bytes of a finished address, which travels in one line of a header: what was written, with defaults, has half of them,
  /// the values of a contact share the rest.
  package static let mostBytes = 4_096
  static let mostFields = 10
  /// Characters of one value that go into an address.
  private static let longestValue = 200

  package init(_ written: String) throws(MergeField.Problem) {
    guard written.unicodeScalars.count <= Self.longest else {
      throw .init(message: "has a link of more than \(Self.longest) characters")
    }
    let pieces = try MergeField.pieces(of: written)
    for case .text(let text) in pieces where text.unicodeScalars.contains(where: Self.breaksAddresses) {
      throw .init(message: "has a link with spaces or control characters")
    }
    guard case .text(let first)? = pieces.first, let slashes = first.firstRange(of: "://") else { throw Self.notPlain }
    // Byte by byte, as browsers read: a slash with an accent over it is one `Character`, and still ends a host.
    let authority = Substring(first[slashes.upperBound...].utf8.prefix { !"/?#".utf8.contains($0) })
    if authority.endIndex == first.endIndex, pieces.count > 1 {
      throw .init(message: "has a link with a merge field in its host: fields may stand behind the first / ? or #")
    }
    // A value that ends an escape would be more than a value.
    for case .text(let text) in pieces.dropLast() where text.utf8.suffix(2).contains(UInt8(ascii: "%")) {
      throw Self.notPlain
    }
    let (base, host) = try Self.base(first[..<slashes.lowerBound].lowercased(), authority)
    self.written = written
    self.host = host
    var parts: [Part] = [.text(base + Self.encoded(first[authority.endIndex...], keeping: Self.legal))]
    for piece in pieces.dropFirst() {
      switch piece {
      case .text(let text): parts.append(.text(Self.encoded(text, keeping: Self.legal)))
      case .field(let field, _):
        guard field.name != MergeField.unsubscribeLink else {
          throw .init(message: "has {{\(field.name)}} inside a link; it stands by itself")
        }
        parts.append(.field(field))
      }
    }
    self.parts = parts
    guard fields.count <= Self.mostFields else {
      throw .init(message: "has a link with more than \(Self.mostFields) merge fields")
    }
    guard filled({ _ in nil }).utf8.count <= Self.mostBytes / 2 else {
      throw .init(message: "has a link of more than \(Self.mostBytes / 2) bytes, its defaults and escapes included")
    }
  }

  private static func breaksAddresses(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x21 || (0x7F...0xA0).contains(scalar.value)
  }

  private static let notPlain = MergeField.Problem(message: "has a link that is not a plain http(s) address")

  /// Scheme and host as browsers read them; no name and password, no port that is none.
  private static func base(_ scheme: String, _ authority: Substring) throws(MergeField.Problem) -> (String, String) {
    guard scheme == "http" || scheme == "https", !authority.utf8.contains(where: { "@\\%".utf8.contains($0) }),
      let url = URL(string: "\(scheme)://\(authority)"),
      let host = url.host?.lowercased(), !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      url.user == nil, (1...65_535).contains(url.port ?? 80), url.path.isEmpty, url.query == nil
    else { throw notPlain }
    let port = url.port.map { ":\($0)" } ?? ""
    return ("\(scheme)://\(host.contains(":") ? "[\(host)]" : host)\(port)", host)
  }

  /// RFC 3986 2.2 and 2.3, and the percent sign of what is encoded already.
  private static let legal = Set("%:/?#[]@!$&'()*+,;=-._~".utf8)
  private static let unreserved = Set("-._~".utf8)

  private static func encoded(_ text: some StringProtocol, keeping kept: Set<UInt8>) -> String {
    var out = ""
    for byte in text.utf8 {
      let isPlain = (byte | 0x20) &- 97 < 26 || byte &- 48 < 10
      if isPlain || kept.contains(byte) {
        out.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        out += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return out
  }

  // MARK: Use

  package var fields: [MergeField] { parts.compactMap { if case .field(let field) = $0 { field } else { nil } } }
  package var hasFields: Bool { parts.contains { if case .field = $0 { true } else { false } } }

  /// The address for one contact; a field without a value has its default, or nothing.
  package func filled(_ value: (String) -> String?) -> String {
    var out = ""
    for part in parts {
      switch part {
      case .text(let text): out += text
      case .field(let field):
        out += Self.usable(value(field.name), Self.mostValueBytes) ?? Self.usable(field.fallback) ?? ""
      }
    }
    return out
  }

  private static let mostValueBytes = mostBytes / 2 / mostFields

  /// Percent-encoded and cut between characters; defaults are bounded with the address.
  private static func usable(_ value: String?, _ most: Int = .max) -> String? {
    guard let value, !value.allSatisfy({ $0 == "." }) else { return nil }
    let all = encoded(String(value.prefix(longestValue)), keeping: unreserved)
    if all.utf8.count <= most { return all }
    var out = ""
    for character in value {
      let next = encoded(String(character), keeping: unreserved)
      guard out.utf8.count + next.utf8.count <= most else { break }
      out += next
    }
    return out
  }
}
