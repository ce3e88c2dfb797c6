import ArgumentParser
import ControlPlane
import Foundation
import TenantRuntime

struct TenantCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tenant", abstract: "Provision, show, pause and resume tenants.",
    subcommands: [
      Create.self, List.self, Show.self, Pause.self, Resume.self, Suspend.self, Reinstate.self, Unfence.self,
      Rename.self, Archive.self, Unarchive.self, Delete.self, Keep.self, Quota.self, RotateLinkKey.self,
    ])

  struct Create: AsyncParsableCommand {
    @Argument var key: String
    @Option var name: String
    @Option var ownerEmail: String
    @Option var timeZone = "UTC"
    @Option var twilioSid: String?
    @Option var twilioToken: String?
    @Option(help: "JSON file of settings that it begins with.") var settings: String?
    @OptionGroup var common: CommandOptions
    func run() async throws {
      guard (twilioSid == nil) == (twilioToken == nil) else {
        throw ValidationError("--twilio-sid and --twilio-token come together")
      }
      guard twilioToken.map({ (1...200).contains($0.utf8.count) }) ?? true else {
        throw ValidationError("--twilio-token is empty or too long")
      }
      let template = try settings.map(TenantCommand.readTemplate)
      let sealed = try twilioToken.map { try common.seal($0) }
      try await common.run(
        .createTenant(
          key: key, name: name, ownerEmail: ownerEmail, timeZone: timeZone, twilioSID: twilioSid, sealedToken: sealed,
          settings: template))
    }
  }
  struct List: AsyncParsableCommand {
    @OptionGroup var common: CommandOptions
    func run() async throws {
      let tenants = try common.reader.tenants()
      if common.json { return print(JSON.list(tenants.map(\.1)).serialized) }
      if tenants.isEmpty {
        print("No tenants yet. `roundhouse tenant create KEY --name N --owner-email E` makes the first.")
      }
      for (key, tenant) in tenants { print("\(key)\t\(tenant["state"]?.text ?? "")\t\(tenant["name"]?.text ?? "")") }
    }
  }
  struct Show: AsyncParsableCommand {
    @Argument var key: String
    @OptionGroup var common: CommandOptions
    func run() async throws {
      guard let tenant = try common.reader.tenants().first(where: { $0.0 == key }) else {
        throw ControlFailure("there is no tenant \(key)")
      }
      // Of a file that cannot be read there is nothing to say here.
      let path = "\(try common.settings[.data])/tenants/\(key)/tenant.sqlite"
      let fence = try? SQLiteFile(reading: path).readNow { db in try Identity.read(db)?.fence }
      common.show(.object((tenant.1.members ?? []) + [("fence", .optional(fence ?? nil))]))
    }
  }
  struct Pause: AsyncParsableCommand {
    @Argument var key: String
    @Option var reason = "paused by an operator"
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.pause(key: key, reason: reason)) }
  }
  struct Resume: AsyncParsableCommand {
    @Argument var key: String
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.resume(key: key)) }
  }
  struct Suspend: AsyncParsableCommand {
    @Argument var key: String
    @Option var reason = "suspended by an operator"
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.suspend(key: key, reason: reason)) }
  }
  struct Reinstate: AsyncParsableCommand {
    @Argument var key: String
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.reinstate(key: key)) }
  }
  struct Unfence: AsyncParsableCommand {
    @Argument var key: String
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.unfence(key: key)) }
  }
  struct Rename: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Give a tenant another name; its key stays.")
    @Argument var key: String
    @Option var name: String
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.rename(key: key, name: name)) }
  }
  struct RotateLinkKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rotate-link-key",
      abstract: "Make new short links with a new key. Old links stay alive through \(LinkKeys.most - 1) rotations.")
    @Argument var key: String
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.rotateLinkKey(key: key)) }
  }
}
