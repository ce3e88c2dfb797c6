import Crypto
import Foundation

/// A strong entity tag of one representation, and the lists that requests send of them (RFC 9110 8.8.3, 13.1).
struct EntityTag: Equatable, Sendable {
  let text: String

  init(of representation: some Sequence<UInt8>) {
    let digest = Data(SHA256.hash(data: Data(representation)).prefix(15))
    text = "\"" + digest.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_") + "\""
  }

  /// `If-Match`: strong comparison, so a weak tag never holds.
  func holds(_ list: String) -> Bool { Self.isAny(list) || Self.tags(list).contains(text) }

  /// `If-None-Match`: weak comparison.
  func isAmong(_ list: String) -> Bool {
    Self.isAny(list) || Self.tags(list).contains { $0 == text || $0 == "W/" + text }
  }

  private static func isAny(_ list: String) -> Bool { list.trimmingCharacters(in: .whitespaces) == "*" }

  /// More are a stranger's game.
  private static let most = 100

  /// A comma within a tag's quotes belongs to it. What cannot be read is no tag of ours.
  private static func tags(_ list: String) -> [String] {
    var tags: [String] = []
    var tag = ""
    var isQuoted = false
    for character in list.unicodeScalars.prefix(8_192) {
      if character == "\"" { isQuoted.toggle() }
      if character == ",", !isQuoted {
        tags.append(tag.trimmingCharacters(in: .whitespaces))
        tag = ""
      } else {
        tag.unicodeScalars.append(character)
      }
      if tags.count >= most { break }
    }
    return tags + [tag.trimmingCharacters(in: .whitespaces)]
  }
}
