import ControlPlane
import Crypto
import Foundation

/// X-Twilio-Signature: HMAC-SHA1 with the account's token over the configured address and, for forms, every distinct name and value.
enum TwilioSignature {
  static func isValid(_ signature: String, url: String, form: [(String, String)], tokens: [String]) -> Bool {
    guard let given = Data(base64Encoded: signature) else { return false }
    return tokens.contains { token in
      addresses(url).contains { constantTimeEqual(Array(given), compute(url: $0, form: form, token: token)) }
    }
  }

  static func compute(url: String, form: [(String, String)], token: String) -> [UInt8] {
    var text = url
    for (name, values) in Dictionary(grouping: form, by: \.0).sorted(by: {
      Array($0.key.utf16).lexicographicallyPrecedes(Array($1.key.utf16))
    }) {
      for value in Set(values.map(\.1)).sorted(by: { Array($0.utf16).lexicographicallyPrecedes(Array($1.utf16)) }) {
        text += name + value
      }
    }
    let key = SymmetricKey(data: Array(token.utf8))
    return Array(HMAC<Insecure.SHA1>.authenticationCode(for: Array(text.utf8), using: key))
  }

  /// With and without the port, as the official helpers accept.
  private static func addresses(_ url: String) -> [String] {
    guard let slashes = url.range(of: "://") else { return [url] }
    let rest = url[slashes.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let path = rest.dropFirst(authority.count)
    let scheme = url[..<slashes.upperBound]
    if let colon = authority.lastIndex(of: ":") { return [url, "\(scheme)\(authority[..<colon])\(path)"] }
    return [url, "\(scheme)\(authority)\(scheme == "https://" ? ":443" : ":80")\(path)"]
  }
}

/// `a=1&b=2`, decoded; bounded by the caller's body limit.
func decodeForm(_ text: String) -> [(String, String)] {
  text.split(separator: "&").prefix(200).map { pair in
    let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    func decode(_ part: Substring) -> String { part.replacing("+", with: " ").removingPercentEncoding ?? String(part) }
    return (decode(sides[0]), sides.count > 1 ? decode(sides[1]) : "")
  }
}
