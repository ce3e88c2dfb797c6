import Foundation
import GRDB
import Logging
import TenantRuntime

/// Mails that wait: written in the transaction of what they are about, sent by turns of the scheduler, tried again at growing intervals until
/// they are too old to be of use. Without a mail server they go to the log.
package struct MailQueue: Sendable {
  let file: SQLiteFile
  let secret: SecretKey
  package let server: SMTPServer?
  /// As `Name <address>`, or the address alone.
  let sender: String
  let logger: Logger

  private static let atOnce = 20
  /// Beyond it nothing more is taken: somebody asks for mails by the thousand.
  private static let most = 10_000
  private static let pauses: [Int64] = [15, 60, 300, 900, 3_600]

  /// In the caller's transaction. A nil mail takes the same work and is never sent: whether an address is known does not show in the time.
  func add(_ db: Database, _ mail: Mail?, at: Moment, until: Moment) throws {
    let content = Array(try JSONEncoder().encode(mail ?? Self.none))
    let waiting = try Int.fetchOne(db, sql: "SELECT count(*) FROM mails") ?? 0
    guard waiting < Self.most else {
      logger.error("A mail is not sent: too many wait already", metadata: ["waiting": "\(waiting)"])
      return
    }
    try db.execute(
      sql: "INSERT INTO mails (content, due_at, expires_at) VALUES (?, ?, ?)",
      arguments: [try secret.seal(content), at, until])
  }

  private static let none = Mail(
    to: "", subject: "To nobody", sentences: [String(repeating: "-", count: 160)], button: nil, code: nil,
    footnote: "")

  private struct Waiting: Sendable {
    var id: Int64
    var content: Data
    var tries: Int
    var until: Moment
  }

  /// Sends what is due, first what is soonest of no use: somebody waits for a link to sign in by, and not for an invitation; a few at a time. Answers when the next is.
  func takeTurn(now: Moment) async throws -> NextTurn {
    // As `Moment.endingWait` has it.
    let longest = now.advanced(bySeconds: Self.pauses.max() ?? 0)
    let due = try await file.read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM mails WHERE due_at <= ? OR due_at > ? ORDER BY expires_at, id LIMIT ?",
        arguments: [now, longest, Self.atOnce]
      ).map {
        Waiting(id: $0["id"], content: $0["content"], tries: $0["tries"], until: $0["expires_at"])
      }
    }
    for waiting in due { try await send(waiting, now: now) }
    if due.count == Self.atOnce { return .now }
    let next = try await file.read { db in try Moment.fetchOne(db, sql: "SELECT min(due_at) FROM mails") }
    return next.map(NextTurn.at) ?? .whenNudged
  }

  private func send(_ waiting: Waiting, now: Moment) async throws {
    guard let bytes = try? secret.open(waiting.content),
      let mail = try? JSONDecoder().decode(Mail.self, from: Data(bytes))
    else {
      logger.error("A mail cannot be read and is dropped", metadata: ["mail": "\(waiting.id)"])
      return try await drop(waiting.id)
    }
    if mail.to.isEmpty || waiting.until <= now { return try await drop(waiting.id) }
    guard let server else {
      logger.notice("A mail, as no mail server is set", metadata: ["to": "\(mail.to)", "text": "\(mail.text)"])
      return try await drop(waiting.id)
    }
    let message = mail.message(from: sender, id: APIKey.hex(12), at: now)
    switch await server.send(message, from: Self.bare(sender), to: mail.to) {
    case .sent: try await drop(waiting.id)
    case .refused(let reason):
      logger.warning("A mail server refuses a mail", metadata: ["mail": "\(waiting.id)", "reason": "\(reason)"])
      try await drop(waiting.id)
    case .failed(let reason):
      let pause = Self.pauses[min(waiting.tries, Self.pauses.count - 1)]
      let next = now.advanced(bySeconds: pause)
      logger.warning(
        "A mail could not be sent",
        metadata: ["mail": "\(waiting.id)", "tries": "\(waiting.tries + 1)", "reason": "\(reason)"])
      if next >= waiting.until { return try await drop(waiting.id) }
      try await file.write { db in
        try db.execute(
          sql: "UPDATE mails SET tries = tries + 1, due_at = ? WHERE id = ?", arguments: [next, waiting.id])
      }
    }
  }

  private func drop(_ id: Int64) async throws {
    try await file.write { db in try db.execute(sql: "DELETE FROM mails WHERE id = ?", arguments: [id]) }
  }

  /// The address of `Name <address>`.
  static func bare(_ sender: String) -> String {
    guard let open = sender.lastIndex(of: "<"), let close = sender.lastIndex(of: ">"), open < close else {
      return sender
    }
    return String(sender[sender.index(after: open)..<close])
  }
}
