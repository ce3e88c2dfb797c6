import ArgumentParser
import ControlPlane
import Foundation
import Logging
import TenantRuntime

/// Settings as what they stand for; each throws what is wrong and which setting it is.
extension Settings {
  /// All of them: what a server would refuse at its start.
  func check() throws {
    _ = (try address(), try openFiles(), try logLevel(), try url(.publicURL), try url(.twilioAPI))
    _ = (try mailServer(), try mailFrom(), try sessionTimes(), try auditDays(), try manners())
    _ = (try allowedNetworks(), try proxies(), try networks(), try nameServer())
  }

  func logLevel() throws -> Logger.Level {
    guard let level = Logger.Level(rawValue: self[.logLevel]) else {
      throw ValidationError(
        "ROUNDHOUSE_LOG_LEVEL must be one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return level
  }

  func address() throws -> (host: String, port: Int) {
    let parts = self[.listen].split(separator: ":")
    guard let port = parts.last.flatMap({ Int($0) }), (0...65535).contains(port), parts.count == 2 else {
      throw ValidationError("ROUNDHOUSE_LISTEN must be HOST:PORT, not \(self[.listen])")
    }
    return (String(parts[0]), port)
  }

  func openFiles() throws -> Int {
    guard let count = Int(self[.openFiles]), count > 0 else {
      throw ValidationError("ROUNDHOUSE_OPEN_FILES must be a number above 0, not \(self[.openFiles])")
    }
    return count
  }

  /// Nil: mails go to the log.
  func mailServer() throws -> SMTPServer? {
    if self[.smtpURL].isEmpty { return nil }
    do { return try SMTPServer(self[.smtpURL]) } catch let wrong as SMTPServer.Wrong {
      throw ValidationError("ROUNDHOUSE_SMTP_URL \(wrong.reason)")
    }
  }

  /// `Acme <crm@acme.example>`, or the address alone; unset: of the public URL's host.
  func mailFrom() throws -> String {
    let text = self[.mailFrom]
    if text.isEmpty { return "roundhouse@\(URL(string: self[.publicURL])?.host ?? "localhost")" }
    let isOneLine = text.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) }
    let bare = text.wholeMatch(of: /[^<>]*<([^<>]+)>/).map { String($0.1) } ?? text
    guard isOneLine, text.utf8.count <= 320, EmailAddress(bare) != nil else {
      throw ValidationError("ROUNDHOUSE_MAIL_FROM must be an address, or NAME <ADDRESS> in plain letters")
    }
    return text
  }

  func sessionTimes() throws -> SessionTimes {
    var times = SessionTimes()
    guard let idle = Int64(self[.sessionIdleHours]), (1...720).contains(idle) else {
      throw ValidationError("ROUNDHOUSE_SESSION_IDLE_HOURS must be a number from 1 to 720")
    }
    guard let days = Int64(self[.sessionDays]), (1...365).contains(days) else {
      throw ValidationError("ROUNDHOUSE_SESSION_DAYS must be a number from 1 to 365")
    }
    (times.idleSeconds, times.longestSeconds) = (idle * 3_600, days * 86_400)
    return times
  }

  func auditDays() throws -> Int64 {
    guard let days = Int64(self[.auditDays]), (30...3_650).contains(days) else {
      throw ValidationError("ROUNDHOUSE_AUDIT_DAYS must be a number of days from 30 to 3650, not \(self[.auditDays])")
    }
    return days
  }

  func manners() throws -> HTTPManners {
    let bounds = RateBounds(
      requests: try perMinute(.requestsPerMinute), refusals: try perMinute(.refusalsPerMinute))
    do {
      let origins = self[.corsOrigins]
      return HTTPManners(rates: bounds, crossOrigin: origins.isEmpty ? nil : try CrossOrigin(text: origins))
    } catch let bad as CrossOrigin.NotAnOrigin {
      throw ValidationError(
        "ROUNDHOUSE_CORS_ORIGINS must list origins like https://app.example,http://localhost:3000; \(bad.text) is none")
    }
  }

  /// Nil: no limit.
  private func perMinute(_ setting: Setting) throws -> Int? {
    guard let count = Int(self[setting]), (0...1_000_000).contains(count) else {
      throw ValidationError("\(setting.variable) must be a number from 0 (no limit) to 1000000, not \(self[setting])")
    }
    return count == 0 ? nil : count
  }

  func allowedNetworks() throws -> [Network] {
    try self[.webhookAllow].split(whereSeparator: { $0 == "," || $0 == " " }).map { text in
      guard let network = Network(text) else {
        throw ValidationError(
          "ROUNDHOUSE_WEBHOOK_ALLOW must list blocks of addresses like 10.1.0.0/16,fd12::/32; \(text) is none")
      }
      return network
    }
  }

  func proxies() throws -> TrustedProxies {
    do { return try TrustedProxies(text: self[.trustedProxies]) } catch let bad as TrustedProxies.NotANetwork {
      throw ValidationError(
        "ROUNDHOUSE_TRUSTED_PROXIES must list networks like 10.0.0.0/8,fd00::/8; \(bad.text) is none")
    }
  }

  /// `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:53`; nil: the system's.
  func nameServer() throws -> String? {
    let text = self[.dnsServer]
    if text.isEmpty { return nil }
    if IPAddress(text) != nil { return text.contains(":") ? "[\(text)]:53" : "\(text):53" }
    let colon = text.lastIndex(of: ":")
    var address = String(text[..<(colon ?? text.endIndex)])
    if address.hasPrefix("["), address.hasSuffix("]") { address = String(address.dropFirst().dropLast()) }
    let port = colon.flatMap { UInt16(text[text.index(after: $0)...]) } ?? 0
    guard IPAddress(address) != nil, address.contains(":") == text.hasPrefix("["), port > 0 else {
      throw ValidationError("ROUNDHOUSE_DNS_SERVER must be ADDRESS:PORT like 192.0.2.53:53, not \(text)")
    }
    return text
  }

  /// Read at the start, and again when the operator says so (SIGHUP).
  func networks() throws -> Networks {
    Networks(scanners: try list(.scannerNetworks), carriers: try list(.carrierNetworks))
  }

  private static let longestList = 32 << 20

  private func list(_ setting: Setting) throws -> NetworkList {
    let path = self[setting]
    guard !path.isEmpty else { return NetworkList() }
    // Nothing at all is what an empty file answers.
    guard let file = FileHandle(forReadingAtPath: path),
      let bytes = try? file.read(upToCount: Self.longestList + 1) ?? Data()
    else { throw ValidationError("\(setting.variable): \(path) cannot be read") }
    guard bytes.count <= Self.longestList else {
      throw ValidationError("\(setting.variable): \(path) has more than \(Self.longestList >> 20) MB")
    }
    do { return try NetworkList(text: String(decoding: bytes, as: UTF8.self)) } catch let bad as NetworkList.BadLine {
      throw ValidationError(
        "\(setting.variable): \(path), line \(bad.number) is no network like 192.0.2.0/24: \(bad.text)")
    }
  }

  /// Without a slash at its end.
  func url(_ setting: Setting) throws -> String {
    let url = self[setting]
    guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
      throw ValidationError("\(setting.variable) must begin with http:// or https://, not \(url)")
    }
    return url.hasSuffix("/") ? String(url.dropLast()) : url
  }
}
