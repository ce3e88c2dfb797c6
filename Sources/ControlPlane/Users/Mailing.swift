import GRDB
import Logging
import TenantRuntime

/// What is mailed to users. Every link begins with the public URL of the settings, whatever a request calls this server.
package struct Mailing: Sendable {
  let queue: MailQueue
  let scheduler: Scheduler
  let codes: LinkCodes
  let publicURL: String

  /// Behind the transaction that has added mails.
  func wake() { scheduler.wake(Turn(tenant: "", work: .platform(.sendingMail))) }

  package func link(_ token: String) -> String { "\(publicURL)/sign-in/confirm?token=\(token)" }

  /// The link's row and its mail, in the caller's transaction. Answers the token.
  @discardableResult
  func add(
    _ db: Database, _ purpose: SignInLink.Purpose, to user: User?, browser: [UInt8]? = nil, email: String? = nil,
    accepts: String? = nil, at: Moment, _ mail: (_ link: String, _ code: String) -> Mail
  ) throws -> String {
    let token = APIKey.hex(32)
    let digest = APIKey.digest(token)
    let code = codes.code(of: digest)
    try SignInLink.add(
      db, purpose, digest: digest, user: user?.id, browser: browser, code: browser.map { _ in codes.digest(code) },
      email: email, accepts: accepts, at: at)
    // Made in any case: it takes the same time.
    let written = mail(link(token), code).said(in: user?.language ?? .en, at: at)
    try queue.add(db, user == nil ? nil : written, at: at, until: at.advanced(bySeconds: purpose.seconds))
    return token
  }

  /// What a user must learn of although nobody asked.
  func notify(_ db: Database, _ email: String, _ subject: String, _ sentence: String, at: Moment) throws {
    let mail = Mail(
      to: email, subject: subject,
      sentences: [sentence, "If this was not you, set a new password now and end all other sessions in your account."],
      button: Mail.Button(label: "Open Roundhouse", link: "\(publicURL)/sign-in"), code: nil,
      footnote: "This mail is about your own account at \(publicURL).")
    let locale = try String.fetchOne(db, sql: "SELECT locale FROM users WHERE email = ?", arguments: [email])
    try queue.add(
      db, mail.said(in: locale.flatMap(Words.Language.init) ?? .en, at: at), at: at,
      until: at.advanced(bySeconds: 86_400))
  }
}
