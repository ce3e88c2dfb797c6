import ArgumentParser
import ControlPlane
import Foundation
import TenantRuntime

extension TenantCommand {
  struct Archive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put a tenant away: its file is folded and stays, its numbers and hosts are free for others.")
    @Argument var key: String
    @Option var reason = "archived by an operator"
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.archive(key: key, reason: reason)) }
  }
  struct Unarchive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take an archived tenant into use again, with those of its numbers and hosts that are still free.")
    @Argument var key: String
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.unarchive(key: key)) }
  }
  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "End a tenant: archived now, and deleted in 7 days behind a last backup. `tenant keep` takes it back.")
    @Argument var key: String
    @Option(help: "The tenant's key, once more.") var confirm: String
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.delete(key: key, confirm: confirm, asTenant: false)) }
  }
  struct Keep: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Keep a tenant that was to be deleted.")
    @Argument var key: String
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.keep(key: key, asTenant: false)) }
  }
  struct Quota: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What a tenant may use at most: numbers, or none. What is left out stays.")
    @Argument var key: String
    @Option var contacts: String?
    @Option var textsPerMonth: String?
    @Option var storageMb: String?
    @Option var importsAtOnce: String?
    @Option var users: String?
    @OptionGroup var common: CommandOptions

    func run() async throws {
      let given: [(Quotas.Name, String?)] = [
        (.contacts, contacts), (.textsPerMonth, textsPerMonth), (.storageMB, storageMb),
        (.importsAtOnce, importsAtOnce), (.users, users),
      ]
      var limits: [String: Int64?] = [:]
      for case (let name, let text?) in given {
        guard text == "none" || Int64(text).map({ $0 >= 0 }) == true else {
          throw ValidationError("--\(name.rawValue.replacing("_", with: "-")) must be a number, or none")
        }
        limits[name.rawValue] = .some(Int64(text))
      }
      guard !limits.isEmpty else { throw ValidationError("name a quota, like --contacts 10000") }
      try await common.run(.setQuotas(key: key, limits: limits))
    }
  }

  /// Bounded; what is in it the server checks.
  static func readTemplate(_ path: String) throws -> String {
    guard let file = FileHandle(forReadingAtPath: path), let bytes = try? file.read(upToCount: 1 << 20) else {
      throw ValidationError("--settings: \(path) cannot be read")
    }
    guard let settings = try? JSON(parsing: bytes), settings.members != nil else {
      throw ValidationError("--settings: \(path) is no JSON object of settings")
    }
    return settings.serialized
  }
}

struct TwilioAccountCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "twilio-account", abstract: "A tenant's account at the provider.",
    subcommands: [Put.self, DropFormerToken.self])

  struct Put: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set",
      abstract:
        "Set account and token; the former token stays accepted until it is dropped. Without --token it is read from the input."
    )
    @Argument var key: String
    @Option(help: "AC…") var sid: String
    @Option(help: "Others of this machine may see it; better give it to the input.") var token: String?
    @OptionGroup var common: CommandOptions
    func run() async throws {
      let token = token ?? readLine(strippingNewline: true) ?? ""
      if let problem = TwilioAccounts.check(sid, token) {
        throw ValidationError("\(problem.field == "auth_token" ? "the token" : "--sid") \(problem.message)")
      }
      try await common.run(.setTwilioAccount(key: key, sid: sid, sealedToken: try common.seal(token)))
    }
  }
  struct DropFormerToken: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Accept the former token no longer.")
    @Argument var key: String
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.dropFormerToken(key: key)) }
  }
}
