import CMail
import Dispatch
import Foundation
import TenantRuntime

/// Where mails are handed in: `smtp://USER:PASSWORD@HOST:587` (STARTTLS is required) or `smtps://…:465`. On loopback alone a server without
/// TLS will do.
package struct SMTPServer: Sendable {
  private let url: String
  private let user: String?
  private let password: String?
  private let needsTLS: Bool

  package struct Wrong: Error { package var reason: String }

  package init(_ text: String) throws {
    guard let parts = URLComponents(string: text), let scheme = parts.scheme, let host = parts.host, !host.isEmpty
    else { throw Wrong(reason: "must be smtp://USER:PASSWORD@HOST:PORT or smtps://…") }
    guard scheme == "smtp" || scheme == "smtps" else { throw Wrong(reason: "must begin with smtp:// or smtps://") }
    guard parts.path.isEmpty || parts.path == "/", parts.query == nil, parts.fragment == nil else {
      throw Wrong(reason: "must end behind the port")
    }
    guard parts.port.map({ (1...65535).contains($0) }) ?? true else { throw Wrong(reason: "has no such port") }
    let bare = host.filter { $0 != "[" && $0 != "]" }
    let shown = bare.contains(":") ? "[\(bare)]" : bare
    url = "\(scheme)://\(shown):\(parts.port ?? (scheme == "smtps" ? 465 : 587))"
    (user, password) = (parts.user, parts.password)
    let isLoopback = bare == "localhost" || bare == "::1" || bare.hasPrefix("127.")
    needsTLS = !isLoopback
  }

  /// What became of a mail that was handed in.
  package enum Outcome: Sendable, Equatable {
    case sent
    /// Trying again may help.
    case failed(String)
    /// The server will never take it: there is no such mailbox.
    case refused(String)
  }

  private static let queue = DispatchQueue(label: "mail")

  func send(_ message: [UInt8], from: String, to: String) async -> Outcome {
    await withCheckedContinuation { done in Self.queue.async { done.resume(returning: sendNow(message, from, to)) } }
  }

  private func sendNow(_ message: [UInt8], _ from: String, _ to: String) -> Outcome {
    var mail = rh_mail()
    let texts: [UnsafeMutablePointer<CChar>?] = [url, from, to].map { (text: String) in strdup(text) }
    let secrets: [UnsafeMutablePointer<CChar>?] = [user, password].map { (text: String?) in text.flatMap { strdup($0) }
    }
    defer { for text in texts + secrets { free(text) } }
    mail.url = UnsafePointer(texts[0])
    mail.from = UnsafePointer(texts[1])
    mail.to = UnsafePointer(texts[2])
    mail.user = secrets[0].map { UnsafePointer($0) }
    mail.password = secrets[1].map { UnsafePointer($0) }
    (mail.needs_tls, mail.connect_ms, mail.total_ms) = (needsTLS ? 1 : 0, 10_000, 30_000)
    let result = message.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { bytes in
        (mail.body, mail.size) = (bytes.baseAddress, bytes.count)
        return rh_mail_send(&mail)
      }
    }
    let said = withUnsafeBytes(of: mail.error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if result == Int32(RH_MAIL_SENT) { return .sent }
    if result != Int32(RH_MAIL_DENIED), (550...554).contains(mail.reply) { return .refused(said) }
    return .failed(said)
  }
}
