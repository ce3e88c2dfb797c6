import ArgumentParser
import ControlPlane
import Foundation
import GRDB
import Logging
import TenantRuntime

/// Shared by all commands that change or show something.
struct CommandOptions: ParsableArguments {
  @OptionGroup var settings: Settings
  @Flag(help: "Print JSON for machines.") var json = false

  /// Once a process; a command speaks through its answer alone.
  private static let quiet: Void = LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }

  func perform(_ command: Command) async throws -> JSON {
    Self.quiet
    return try await DataFolder(settings).perform(command, settings)
  }

  func run(_ command: Command) async throws { show(try await perform(command)) }

  func show(_ answer: JSON) {
    if json { return print(answer.serialized) }
    for (name, value) in answer.members ?? [] where value != .null {
      print("\(name): \(value.text ?? value.serialized)")
    }
  }

  /// Reads the control file beside its other users; takes no lock and changes nothing.
  func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    let given = settings.dataEntry.value
    guard FileManager.default.fileExists(atPath: "\(given)/control.sqlite") else {
      throw ControlFailure("there is no Roundhouse data in \(given); name its folder with --data or ROUNDHOUSE_DATA")
    }
    return try SQLiteFile(reading: "\(given)/control.sqlite").readNow(body)
  }

  func tenants() throws -> [(String, JSON)] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM tenants ORDER BY key").map { row in
        let key: String = row["key"]
        let numbers = try String.fetchAll(
          db, sql: "SELECT '+' || number FROM number_routes WHERE tenant_key = ? ORDER BY number", arguments: [key])
        let hosts = try String.fetchAll(
          db, sql: "SELECT host FROM link_hosts WHERE tenant_key = ? AND verified_at IS NOT NULL ORDER BY host",
          arguments: [key])
        return (
          key,
          [
            "key": .text(key), "name": row.text("name"), "state": row.text("state"), "reason": row.text("reason"),
            "time_zone": row.text("time_zone"), "owner_email": row.text("owner_email"),
            "numbers": .list(numbers.map(JSON.text)),
            "hosts": .list(hosts.map(JSON.text)), "created_at": row.moment("created_at"),
          ]
        )
      }
    }
  }
}
