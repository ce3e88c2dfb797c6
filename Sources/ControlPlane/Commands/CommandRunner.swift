import Foundation
import GRDB
import Logging
import TenantRuntime

/// Carries out, in the server, what commands ask: those about one tenant in their order, each tenant's beside the others', so that one that
/// takes long holds up nobody else.
package actor CommandRunner {
  private let commands: Commands
  private let data: String
  private let logger: Logger
  /// The last command of each subject; none stays once it has been carried out.
  private var queues: [String: (id: Int64, task: Task<Void, Never>)] = [:]
  private var known: Set<Int64> = []
  private static let mostAtOnce = 20

  /// - Parameter data: the data folder, where askers show that they wait.
  init(_ commands: Commands, data: String, logger: Logger) {
    (self.commands, self.data, self.logger) = (commands, data, logger)
  }

  private var file: SQLiteFile { commands.directory.file }

  /// Looks once. What a former server had begun is ended as failed.
  package func begin() async throws {
    try await file.write { [logger] db in
      try db.execute(
        sql: """
          UPDATE pending_commands SET command = '{}', outcome =
          '{"failure":"the server ended while it was doing this; look at what has changed before you ask again"}'
          WHERE outcome IS NULL AND begun_at IS NOT NULL
          """)
      if db.changesCount > 0 { logger.warning("Commands were cut off by the last server's end") }
    }
  }

  package func take() async throws {
    // Those taken already wait for others of their tenant: they keep nobody else's from being seen.
    let most = known.count + Self.mostAtOnce
    let rows = try await file.read { db in
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
    let (subject, before) = (command.subject, queues[command.subject]?.task)
    let task = Task {
      await before?.value
      await carryOut(id, command, asker: asker)
      if queues[subject]?.id == id { queues[subject] = nil }
    }
    queues[subject] = (id, task)
  }

  private func carryOut(_ id: Int64, _ command: Command, asker: Int64) async {
    do {
      guard Asker.waits(asker, data) else {
        return try await settle(id, ["failure": "withdrawn: nobody waits for it any more"])
      }
      let caller = Asker.caller(asker, data)
      guard try await isBegun(id) else { return }
      try await settle(id, await outcome(command, by: caller))
    } catch {
      // The deed is done; what it came to is in the log, and never done again.
      logger.error(
        "A command's outcome cannot be written", metadata: ["command": "\(command.action)", "error": "\(error)"])
    }
    known.remove(id)
  }

  /// False when it was withdrawn while it waited.
  private func isBegun(_ id: Int64) async throws -> Bool {
    let now = commands.directory.now()
    return try await file.write { db in
      try db.execute(
        sql: "UPDATE pending_commands SET begun_at = ? WHERE id = ? AND outcome IS NULL AND begun_at IS NULL",
        arguments: [now, id])
      return db.changesCount > 0
    }
  }

  private func outcome(_ command: Command, by caller: Caller) async -> JSON {
    do { return ["ok": try await commands.perform(command, by: caller)] } catch let refusal as Refusal {
      return ["failure": .text(refusal.detail)]
    } catch {
      return ["failure": .text("\(error)")]
    }
  }

  private func settle(_ id: Int64, _ outcome: JSON) async throws {
    let text = outcome.serialized
    try await file.write { db in
      try db.execute(
        sql: "UPDATE pending_commands SET outcome = ?, command = '{}' WHERE id = ? AND outcome IS NULL",
        arguments: [text, id])
    }
  }
}
