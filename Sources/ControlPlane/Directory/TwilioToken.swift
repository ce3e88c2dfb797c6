import Crypto

/// A token that signs webhooks, prepared once: HMAC begins with two blocks that depend on the key alone.
package struct TwilioToken: Sendable, ExpressibleByStringLiteral {
  private let start: HMAC<Insecure.SHA1>

  package init(_ token: String) { start = HMAC(key: SymmetricKey(data: Array(token.utf8))) }
  package init(stringLiteral token: String) { self.init(token) }

  package func code(of text: [UInt8]) -> [UInt8] {
    var code = start
    code.update(data: text)
    return Array(code.finalize())
  }
}
