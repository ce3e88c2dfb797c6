import Foundation
import TenantRuntime

/// A name that short links may live at: lower case, labels as RFC 1123 has them, at least two, the last one no number. So never an
/// address, never with a port; names of other scripts in their ASCII form (RFC 5890).
package struct HostName: Sendable, Hashable, CustomStringConvertible {
  package let description: String
  private static let longest = 253

  /// Throws what is wrong, for the field `host`.
  package init(_ text: String) throws {
    func bad(_ message: String) -> Refusal { .invalid("host", message) }
    // Before lower case, which makes a plain k of a Kelvin sign.
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
      throw bad("must be in ASCII: write a name of other letters in its xn-- form (punycode)")
    }
    var name = text.lowercased()
    if name.hasSuffix(".") { name.removeLast() }
    guard !name.contains("/"), !name.contains("@") else {
      throw bad("must be the name alone, like go.example.com, without https:// and without a path")
    }
    guard IPAddress(name) == nil, !name.hasPrefix("[") else { throw bad("must be a name, not an address") }
    guard !name.contains(":") else { throw bad("must be a name without a port") }
    guard name.utf8.count <= Self.longest,
      name.wholeMatch(of: /([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?/) != nil
    else { throw bad("must be a host name like go.example.com") }
    description = name
  }
}
