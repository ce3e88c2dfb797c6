import ControlPlane
import Foundation
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
    // A page may stand open for as long as somebody is signed in, and its forms are the browser's.
    case .session, .browser: sessionLife
    case .code, .next: 600
    case .known: 365 * 86_400
    }
  }

  func name(_ name: Name) -> String { (isSecure ? "__Host-" : "") + name.rawValue }

  /// The value a request brings, as it was set; of several the first. Bounded: a header may be long.
  func value(_ wanted: Name, in headers: HTTPFields) -> String? {
    let prefix = name(wanted) + "="
    var seen = 0
    for line in headers[values: .cookie] {
      for part in line.utf8.prefix(8_192).split(separator: UInt8(ascii: ";")) {
        seen += 1
        guard seen <= 50 else { return nil }
        let pair = Substring(part.drop { $0 == UInt8(ascii: " ") })
        if pair.hasPrefix(prefix) {
          let written = String(pair.dropFirst(prefix.count).prefix(Self.most))
          return written.removingPercentEncoding ?? written
        }
      }
    }
    return nil
  }

  func set(_ wanted: Name, _ value: String) -> String { line(wanted, value, life: life(wanted)) }
  func remove(_ wanted: Name) -> String { line(wanted, "", life: 0) }

  /// Bytes of a value, as it is written, that are read back.
  static let most = 300

  /// No value ends itself and goes on as attributes: what is no cookie-octet (RFC 6265 4.1.1) is percent-encoded, and so is the percent sign.
  static func written(_ value: String) -> String {
    value.utf8.reduce(into: "") { text, byte in
      switch byte {
      case 0x25: text += "%25"
      case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: text.unicodeScalars.append(Unicode.Scalar(byte))
      default: text += "%" + APIKey.hex([byte])
      }
    }
  }

  private func line(_ wanted: Name, _ value: String, life: Int64) -> String {
    ["\(name(wanted))=\(Self.written(value))", "Path=/", "HttpOnly", "SameSite=Lax"].joined(separator: "; ")
      + (isSecure ? "; Secure" : "") + "; Max-Age=\(life)"
  }
}
