import Foundation
import GRDB
import Glibc
import Logging
package import TenantRuntime

/// What commands beside the running server ask of it, through the control file.
///
///     asked → begun → (outcome)
///       └→ withdrawn: nobody waits for it any more
///
/// A command is begun once. One that its asker has given up is never begun; one that a crash has cut off is reported, not repeated: nobody knows
/// how far it had come.
package enum PendingCommands {
  private static let patience: Int64 = 30
  private static let look = Duration.milliseconds(50)

  /// Asks the running server and waits for its answer.
  package static func ask(_ command: Command, data: String) async throws -> JSON {
    let text = String(decoding: try JSONEncoder().encode(command), as: UTF8.self)
    let file = try ControlFile.open(data, asCommand: true)
    let asker = try Asker(data)
    defer { asker.leave() }
    let id = try ControlFile.withCommitLock(data) {
      try file.writeNow { db in
        try db.execute(
          sql: "INSERT INTO pending_commands (command, asked_at, asker) VALUES (?, ?, ?)",
          arguments: [text, Moment.now(), asker.number])
        return db.lastInsertedRowID
      }
    }
    let end = ContinuousClock.now + .seconds(patience)
    while ContinuousClock.now < end {
      let outcome = try await file.read { db in
        try String.fetchOne(db, sql: "SELECT outcome FROM pending_commands WHERE id = ?", arguments: [id])
      }
      if let outcome {
        let answer = try JSON(parsing: outcome)
        if let failure = answer["failure"]?.text { throw ControlFailure(failure) }
        return answer["ok"] ?? .null
      }
      try await Task.sleep(for: look)
    }
    throw ControlFailure(try withdraw(id, file, data))
  }

  private static func withdraw(_ id: Int64, _ file: SQLiteFile, _ data: String) throws -> String {
    let isWithdrawn = try ControlFile.withCommitLock(data) {
      try file.writeNow { db in
        try db.execute(
          sql: """
            UPDATE pending_commands SET outcome = '{"failure":"withdrawn"}', command = '{}'
            WHERE id = ? AND outcome IS NULL AND begun_at IS NULL
            """, arguments: [id])
        return db.changesCount > 0
      }
    }
    return isWithdrawn
      ? "the running server did not answer within \(patience) s; what was asked is withdrawn and was not done"
      : "the running server has begun what was asked and is not done after \(patience) s; look at its log before you ask again"
  }
}

/// Who asks, known by a lock on a file of its own for as long as its process lives: neither clocks nor process numbers need agree, and
/// either end may run in a container of its own.
struct Asker {
  let number: Int64
  private let path: String
  private let descriptor: Int32

  init(_ data: String) throws {
    number = .random(in: 1...Int64.max)
    path = Self.path(number, data)
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw ControlFailure("\(path) cannot be made; check the folder's rights and space")
    }
  }

  func leave() {
    unlink(path)
    close(descriptor)
  }

  /// The operating system's user who asks, by the owner of the file: nobody can claim to be another.
  static func caller(_ number: Int64, _ data: String) -> Caller {
    var status = stat()
    guard stat(path(number, data), &status) == 0 else { return .command() }
    return .atCommandLine(user: status.st_uid)
  }

  static func waits(_ number: Int64, _ data: String) -> Bool {
    let descriptor = open(path(number, data), O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return true }
    unlink(path(number, data))
    return false
  }

  private static func path(_ number: Int64, _ data: String) -> String { "\(data)/asking-\(String(number, radix: 16))" }
}
