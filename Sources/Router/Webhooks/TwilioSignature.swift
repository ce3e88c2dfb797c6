import ControlPlane
import Foundation
import TenantRuntime

/// X-Twilio-Signature: HMAC-SHA1 with the account's token over the configured address and, for forms, every distinct name and value.
enum TwilioSignature {
  /// - Parameter form: nil for GET and JSON, where the address alone is signed.
  static func isValid(_ signature: String, url: String, form: FormBody?, tokens: [TwilioToken]) -> Bool {
    guard let given = Data(base64Encoded: signature).map(Array.init) else { return false }
    func holds(_ address: String) -> Bool {
      let text = form?.signed(after: address) ?? Array(address.utf8)
      return tokens.contains { constantTimeEqual(given, $0.code(of: text)) }
    }
    return holds(url) || holds(otherSpelling(url))
  }

  /// Without its port, or with the usual one: the official helpers accept both.
  private static func otherSpelling(_ url: String) -> String {
    guard let slashes = url.range(of: "://") else { return url }
    let rest = url[slashes.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let path = rest.dropFirst(authority.count)
    let scheme = url[..<slashes.upperBound]
    if let colon = authority.lastIndex(of: ":") { return "\(scheme)\(authority[..<colon])\(path)" }
    return "\(scheme)\(authority)\(scheme == "https://" ? ":443" : ":80")\(path)"
  }
}
