import ArgumentParser
import ControlPlane
import Foundation
import GRDB
import Logging
import TenantRuntime

@main
struct Roundhouse: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roundhouse", abstract: "A self-hosted, multi-tenant SMS CRM.",
    subcommands: [
      Serve.self, TenantCommand.self, NumberCommand.self, BrandCommand.self, KillSwitchCommand.self, HostCommand.self,
      KeyCommand.self, AdminCommand.self,
      Backup.self, Restore.self, LinksCommand.self, FiguresCommand.self,
      PrintSettings.self,
    ])
}

/// Shared by all commands that change or show something.
struct Common: ParsableArguments {
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

  /// Reads the control file beside whoever holds the lock.
  func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    let given = settings.dataEntry.value
    guard FileManager.default.fileExists(atPath: "\(given)/control.sqlite") else {
      throw ControlFailure("there is no Roundhouse data in \(given); name its folder with --data or ROUNDHOUSE_DATA")
    }
    let folder = try DataFolder(settings)
    let file = try ControlPlane.openControlFile(folder.path, beside: try !folder.lock())
    defer { withExtendedLifetime(folder) {} }
    return try file.readNow(body)
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

struct TenantCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tenant", abstract: "Provision, show, pause and resume tenants.",
    subcommands: [
      Create.self, List.self, Show.self, Pause.self, Resume.self, Suspend.self, Reinstate.self, Unfence.self,
      RotateLinkKey.self,
    ])

  struct Create: AsyncParsableCommand {
    @Argument var key: String
    @Option var name: String
    @Option var ownerEmail: String
    @Option var timeZone = "UTC"
    @Option var twilioSid: String?
    @Option var twilioToken: String?
    @OptionGroup var common: Common
    func run() async throws {
      guard (twilioSid == nil) == (twilioToken == nil) else {
        throw ValidationError("--twilio-sid and --twilio-token come together")
      }
      guard twilioToken.map({ (1...200).contains($0.utf8.count) }) ?? true else {
        throw ValidationError("--twilio-token is empty or too long")
      }
      let folder = try DataFolder(common.settings)
      let secret = common.settings.secretEntry.value
      let sealed = try twilioToken.map {
        try SecretKey(path: "\(folder.path)/secret.key", given: secret.isEmpty ? nil : secret).seal(Array($0.utf8))
      }
      try await common.run(
        .createTenant(
          key: key, name: name, ownerEmail: ownerEmail, timeZone: timeZone, twilioSID: twilioSid, sealedToken: sealed))
    }
  }
  struct List: AsyncParsableCommand {
    @OptionGroup var common: Common
    func run() async throws {
      let tenants = try common.tenants()
      if common.json { return print(JSON.list(tenants.map(\.1)).serialized) }
      if tenants.isEmpty {
        print("No tenants yet. `roundhouse tenant create KEY --name N --owner-email E` makes the first.")
      }
      for (key, tenant) in tenants { print("\(key)\t\(tenant["state"]?.text ?? "")\t\(tenant["name"]?.text ?? "")") }
    }
  }
  struct Show: AsyncParsableCommand {
    @Argument var key: String
    @OptionGroup var common: Common
    func run() async throws {
      guard let tenant = try common.tenants().first(where: { $0.0 == key }) else {
        throw ControlFailure("there is no tenant \(key)")
      }
      common.show(tenant.1)
    }
  }
  struct Pause: AsyncParsableCommand {
    @Argument var key: String
    @Option var reason = "paused by an operator"
    @OptionGroup var common: Common
    func run() async throws { try await common.run(.pause(key: key, reason: reason)) }
  }
  struct Resume: AsyncParsableCommand {
    @Argument var key: String
    @OptionGroup var common: Common
    func run() async throws { try await common.run(.resume(key: key)) }
  }
  struct Suspend: AsyncParsableCommand {
    @Argument var key: String
    @Option var reason = "suspended by an operator"
    @OptionGroup var common: Common
    func run() async throws { try await common.run(.suspend(key: key, reason: reason)) }
  }
  struct Reinstate: AsyncParsableCommand {
    @Argument var key: String
    @OptionGroup var common: Common
    func run() async throws { try await common.run(.reinstate(key: key)) }
  }
  struct Unfence: AsyncParsableCommand {
    @Argument var key: String
    @OptionGroup var common: Common
    func run() async throws { try await common.run(.unfence(key: key)) }
  }
  struct RotateLinkKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rotate-link-key",
      abstract: "Make new short links with a new key. Old links stay alive through \(LinkKeys.most - 1) rotations.")
    @Argument var key: String
    @OptionGroup var common: Common
    func run() async throws { try await common.run(.rotateLinkKey(key: key)) }
  }
}

struct NumberCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "number", subcommands: [Add.self])
  struct Add: AsyncParsableCommand {
    @Argument var key: String
    @Argument var number: String
    @Option(help: "Segments a second; of a new number 1, toll-free 3.") var rate: Double?
    @Option var dailyCap: Int64?
    @Option(help: "on, off or a day of the curve; of a new number on.") var warmUp: String?
    @Option(help: "MG…, or none.") var messagingService: String?
    @Option(help: "Its registered brand (see `brand set`), or none.") var brand: String?
    @OptionGroup var common: Common

    static let configuration = CommandConfiguration(
      abstract: "Add a number, or change one: what is left out stays as it is.")

    func run() async throws {
      guard let phone = PhoneNumber(e164: number) else {
        throw ValidationError("\(number) is not an E.164 number like +14155550123")
      }
      try await common.run(
        .addNumber(
          key: key,
          number: NumberChange(
            number: phone, rate: rate, dailyCap: dailyCap, warmUp: warmUp, messagingService: messagingService,
            brand: brand)))
    }
  }
}

struct BrandCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "brand", subcommands: [Put.self])
  struct Put: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "A registered brand, whose segments a day its numbers share.")
    @Argument var name: String
    @Option(help: "Segments a day over all its numbers, by Pacific time.") var dailyCap: Int64
    @OptionGroup var common: Common
    func run() async throws { try await common.run(.setBrand(name: name, dailyCap: dailyCap)) }
  }
}

struct KillSwitchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kill-switch", abstract: "Stop every text of every tenant, or let them go on.")
  @Argument(help: "on or off.") var position: String
  @Option var reason = "thrown by an operator"
  @OptionGroup var common: Common
  func run() async throws {
    guard position == "on" || position == "off" else { throw ValidationError("say on or off") }
    try await common.run(.setKillSwitch(on: position == "on", reason: reason))
  }
}

struct KeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "key", subcommands: [Create.self])
  struct Create: AsyncParsableCommand {
    @Argument var key: String?
    @Flag(help: "A key for /api/v1/admin.") var platform = false
    @Option var role: Role?
    @Option var name: String
    @OptionGroup var common: Common
    func run() async throws {
      guard platform == (key == nil) else { throw ValidationError("name a tenant, or --platform") }
      let role = platform ? Role.platform : role ?? .viewer
      guard platform || Role.tenantRoles.contains(role) else {
        throw ValidationError("--role must be one of \(Role.tenantRoles.map(\.rawValue).joined(separator: ", "))")
      }
      guard (1...200).contains(name.count), !name.contains(where: \.isNewline) else {
        throw ValidationError("--name must be one line of 1 to 200 characters")
      }
      // Made here: the wish carries the hash alone.
      let (made, text) = APIKey.make(tenant: key, role: role, name: name)
      let answer = try await common.perform(.addKey(made))
      common.show(.object([("key", .text(text))] + (answer.members ?? [])))
    }
  }
}

extension Role: ExpressibleByArgument {}

struct AdminCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "admin", subcommands: [Create.self])
  struct Create: AsyncParsableCommand {
    @Option var email: String
    @OptionGroup var common: Common
    func run() async throws {
      let token = APIKey.hex(32)
      let answer = try await common.perform(.addAdmin(email: email, linkHash: APIKey.digest(token)))
      let link = "\(try common.settings.trimmed(common.settings.publicURLEntry.value))/sign-in/\(token)"
      common.show(.object((answer.members ?? []) + [("sign_in_link", .text(link))]))
    }
  }
}

struct Backup: AsyncParsableCommand {
  @Argument var key: String?
  @Flag(help: "Every tenant, each into backups/TENANT.") var all = false
  @Option var to: String?
  @OptionGroup var common: Common
  func run() async throws {
    guard all == (key == nil), !(all && to != nil) else {
      throw ValidationError("name a tenant, or --all without --to")
    }
    if let key { return try await common.run(.backup(key: key, to: try target(key))) }
    let keys = try common.tenants().map(\.0)
    var done: [JSON] = []
    for key in keys { done.append(try await common.perform(.backup(key: key, to: try target(key)))) }
    common.show(["backups": .list(done)])
  }

  private func target(_ key: String) throws -> String {
    let folder = common.settings.dataEntry.value
    return URL(fileURLWithPath: to ?? "\(folder)/backups/\(key)/\(Moment.now().milliseconds).sqlite")
      .standardizedFileURL.path
  }
}

struct Restore: AsyncParsableCommand {
  @Argument var key: String
  @Option var from: String
  @Option(name: .customLong("as"), help: "Into a new side tenant, to look; nothing is texted from it.") var other:
    String?
  @OptionGroup var common: Common
  func run() async throws {
    let source = URL(fileURLWithPath: from).standardizedFileURL.path
    try await common.run(
      other.map { .restoreAs(key: key, from: source, other: $0) } ?? .restore(key: key, from: source))
  }
}

struct PrintSettings: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings", abstract: "Every setting and where it comes from.")
  @OptionGroup var common: Common
  func run() async throws {
    let entries = common.settings.all
    if common.json {
      return print(
        JSON.object(entries.map { ($0.name, .object([("value", .text($0.value)), ("origin", .text($0.origin))])) })
          .serialized)
    }
    for entry in entries { print("\(entry.name)=\(entry.value)  (\(entry.origin))") }
  }
}
