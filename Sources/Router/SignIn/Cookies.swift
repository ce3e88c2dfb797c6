import HTTPTypes
import Hummingbird

/// Cookies of this server: unreadable for scripts, sent to this host alone. Over TLS their names say so (`__Host-`), which browsers hold; a public
/// URL without TLS is for one machine.
struct Cookies: Sendable {
  /// Whether the public URL is https.
  let isSecure: Bool
  /// Seconds that a session may live at most.
  var sessionLife: Int64 = 30 * 86_400

  enum Name: String, Sendable {
    /// Of who has signed in.
    case session
    /// Tells browsers apart: what one asks for is good there alone, and forms are its own.
    case browser
    /// Between the right password and the code of the second factor.
    case code
    /// Somebody has signed in here before.
    case known
    /// The page that was asked for before signing in.
    case next
  }

  private func life(_ name: Name) -> Int64 {
    switch name {
    case .session: sessionLife
    case .browser: 86_400
    case .code, .next: 600
    case .known: 365 * 86_400
    }
  }

  func name(_ name: Name) -> String { (isSecure ? "__Host-" : "") + name.rawValue }

  /// The value a request brings; of several the first. Bounded: a header may be long.
  func value(_ wanted: Name, in headers: HTTPFields) -> String? {
    let prefix = name(wanted) + "="
    var seen = 0
    for line in headers[values: .cookie] {
      for part in line.utf8.prefix(8_192).split(separator: UInt8(ascii: ";")) {
        seen += 1
        guard seen <= 50 else { return nil }
        let pair = Substring(part.drop { $0 == UInt8(ascii: " ") })
        if pair.hasPrefix(prefix) { return String(pair.dropFirst(prefix.count).prefix(300)) }
      }
    }
    return nil
  }

  func set(_ wanted: Name, _ value: String) -> String { line(wanted, value, life: life(wanted)) }
  func remove(_ wanted: Name) -> String { line(wanted, "", life: 0) }

  private func line(_ wanted: Name, _ value: String, life: Int64) -> String {
    ["\(name(wanted))=\(value)", "Path=/", "HttpOnly", "SameSite=Lax"].joined(separator: "; ")
      + (isSecure ? "; Secure" : "") + "; Max-Age=\(life)"
  }
}
