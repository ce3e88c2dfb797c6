import Foundation
import TenantRuntime

/// What a password must be: long enough, not known to everybody, and not the address itself. No rule about kinds of letters (ASVS 6.2).
enum PasswordRules {
  static let least = 10
  static let most = 256

  /// Nil of a good one.
  static func problem(_ password: String, of email: String) -> String? {
    let count = password.unicodeScalars.count
    guard count >= least else { return "must have at least \(least) characters" }
    guard count <= most else { return "must have at most \(most) characters" }
    guard !password.unicodeScalars.contains("\u{0}") else { return "must not contain NUL" }
    let plain = password.lowercased()
    let names = [email] + email.split(separator: "@").map(String.init)
    if names.contains(where: { $0.count >= 4 && plain.contains($0) && plain.count - $0.count < 6 }) {
      return "is nearly your address, which everybody can guess"
    }
    if Set(plain).count <= 2 || CommonPasswords.contains(plain) {
      return "is among the passwords that are tried first; choose another one"
    }
    return nil
  }
}
