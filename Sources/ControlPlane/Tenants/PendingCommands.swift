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

/// The asker, known by a lock on a file of its own for as long as its process lives: neither clocks nor process numbers need agree, and
/// either end may run in a container of its own.
private struct Asker {
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

/// Carries out, in the server, what commands ask: those about one tenant in their order, each tenant's beside the others', so that one that
/// takes long holds up nobody else.
package actor CommandRunner {
  private let controlPlane: ControlPlane
  private var queues: [String: Task<Void, Never>] = [:]
  private var known: Set<Int64> = []
  private static let mostAtOnce = 20

  package init(_ controlPlane: ControlPlane) { self.controlPlane = controlPlane }

  /// Looks once. What a former server had begun is ended as failed.
  package func begin() async throws {
    try await controlPlane.file.write { db in
      try db.execute(
        sql: """
          UPDATE pending_commands SET command = '{}', outcome =
          '{"failure":"the server ended while it was doing this; look at what has changed before you ask again"}'
          WHERE outcome IS NULL AND begun_at IS NOT NULL
          """)
      if db.changesCount > 0 { self.controlPlane.logger.warning("Commands were cut off by the last server's end") }
    }
  }

  package func take() async throws {
    // Those taken already wait for others of their tenant: they keep nobody else's from being seen.
    let most = known.count + Self.mostAtOnce
    let rows = try await controlPlane.file.read { db in
      try Row.fetchAll(
        db,
        sql: "SELECT * FROM pending_commands WHERE outcome IS NULL AND begun_at IS NULL ORDER BY id LIMIT ?",
        arguments: [most]
      ).map {
        (
          id: $0["id"] as Int64, text: $0["command"] as String, asker: $0["asker"] as Int64
        )
      }
    }
    for row in rows where self.known.insert(row.id).inserted {
      guard let command = try? JSONDecoder().decode(Command.self, from: Data(row.text.utf8)) else {
        try await settle(row.id, ["failure": "the running server does not know this command; is it another version?"])
        continue
      }
      enqueue(row.id, command, asker: row.asker)
    }
  }

  private func enqueue(_ id: Int64, _ command: Command, asker: Int64) {
    let before = queues[command.subject]
    queues[command.subject] = Task {
      await before?.value
      await carryOut(id, command, asker: asker)
    }
  }

  private func carryOut(_ id: Int64, _ command: Command, asker: Int64) async {
    do {
      guard Asker.waits(asker, controlPlane.configuration.data) else {
        return try await settle(id, ["failure": "withdrawn: nobody waits for it any more"])
      }
      guard try await isBegun(id) else { return }
      try await settle(id, await outcome(command))
    } catch {
      // The deed is done; what it came to is in the log, and never done again.
      controlPlane.logger.error(
        "A command's outcome cannot be written", metadata: ["command": "\(command.action)", "error": "\(error)"])
    }
    known.remove(id)
  }

  /// False when it was withdrawn while it waited.
  private func isBegun(_ id: Int64) async throws -> Bool {
    let now = controlPlane.now()
    return try await controlPlane.file.write { db in
      try db.execute(
        sql: "UPDATE pending_commands SET begun_at = ? WHERE id = ? AND outcome IS NULL AND begun_at IS NULL",
        arguments: [now, id])
      return db.changesCount > 0
    }
  }

  private func outcome(_ command: Command) async -> JSON {
    do { return ["ok": try await controlPlane.perform(command, actor: "command")] } catch let refusal as Refusal {
      return ["failure": .text(refusal.detail)]
    } catch {
      return ["failure": .text("\(error)")]
    }
  }

  private func settle(_ id: Int64, _ outcome: JSON) async throws {
    let text = outcome.serialized
    try await controlPlane.file.write { db in
      try db.execute(
        sql: "UPDATE pending_commands SET outcome = ?, command = '{}' WHERE id = ? AND outcome IS NULL",
        arguments: [text, id])
    }
  }
}
