import ArgumentParser
import ControlPlane
import Foundation
import TenantRuntime

struct Backup: AsyncParsableCommand {
  @Argument var key: String?
  @Flag(help: "Every tenant, each into backups/TENANT.") var all = false
  @Option var to: String?
  @OptionGroup var common: CommandOptions
  func run() async throws {
    guard all == (key == nil), !(all && to != nil) else {
      throw ValidationError("name a tenant, or --all without --to")
    }
    if let key { return try await common.run(.backup(key: key, to: try target(key))) }
    let keys = try common.reader.tenants().map(\.0)
    // One that cannot be copied keeps no other from it.
    var (done, failed): ([JSON], [JSON]) = ([], [])
    for key in keys {
      do { done.append(try await common.perform(.backup(key: key, to: try target(key)))) } catch {
        failed.append(["tenant": .text(key), "failure": .text("\(error)")])
      }
    }
    common.show(.object([("backups", .list(done))] + (failed.isEmpty ? [] : [("failed", .list(failed))])))
    if !failed.isEmpty { throw ExitCode(1) }
  }

  private func target(_ key: String) throws -> String {
    let folder = try common.settings[.data]
    return URL(fileURLWithPath: to ?? "\(folder)/backups/\(key)/\(Moment.now().milliseconds).sqlite")
      .standardizedFileURL.path
  }
}

struct Restore: AsyncParsableCommand {
  @Argument var key: String
  @Option var from: String
  @Option(name: .customLong("as"), help: "Into a new side tenant, to look; nothing is texted from it.") var other:
    String?
  @OptionGroup var common: CommandOptions
  func run() async throws {
    let source = URL(fileURLWithPath: from).standardizedFileURL.path
    try await common.run(
      other.map { .restoreAs(key: key, from: source, other: $0) } ?? .restore(key: key, from: source))
  }
}
