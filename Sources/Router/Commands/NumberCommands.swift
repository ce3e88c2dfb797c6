import ArgumentParser
import ControlPlane
import Foundation
import TenantRuntime

struct NumberCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "number", subcommands: [Add.self, Move.self, Remove.self])
  struct Add: AsyncParsableCommand {
    @Argument var key: String
    @Argument var number: String
    @Option(help: "Segments a second; of a new number 1, toll-free 3.") var rate: Double?
    @Option var dailyCap: Int64?
    @Option(help: "on, off or a day of the curve; of a new number on.") var warmUp: String?
    @Option(help: "MG…, or none.") var messagingService: String?
    @Option(help: "Its registered brand (see `brand set`), or none.") var brand: String?
    @OptionGroup var common: CommandOptions

    static let configuration = CommandConfiguration(
      abstract: "Add a number, or change one: what is left out stays as it is.")

    func run() async throws {
      if let rate, !rate.isFinite { throw ValidationError("--rate must be a number of segments a second") }
      try await common.run(
        .addNumber(
          key: key,
          number: NumberChange(
            number: try NumberCommand.phone(number), rate: rate, dailyCap: dailyCap, warmUp: warmUp,
            messagingService: messagingService,
            brand: brand)))
    }
  }

  struct Move: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give a number to another tenant: what people write to it is theirs from now on.")
    @Argument(help: "Whose it is now.") var key: String
    @Argument var number: String
    @Option(help: "The tenant that gets it.") var to: String
    @OptionGroup var common: CommandOptions
    func run() async throws {
      try await common.run(.moveNumber(key: key, number: try NumberCommand.phone(number), other: to))
    }
  }

  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a number from a tenant; reports of texts that it had sent still come.")
    @Argument var key: String
    @Argument var number: String
    @OptionGroup var common: CommandOptions
    func run() async throws {
      try await common.run(.removeNumber(key: key, number: try NumberCommand.phone(number)))
    }
  }

  fileprivate static func phone(_ text: String) throws -> PhoneNumber {
    guard let phone = PhoneNumber(e164: text) else {
      throw ValidationError("\(text) is not an E.164 number like +14155550123")
    }
    return phone
  }
}

struct BrandCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "brand", subcommands: [Put.self])
  struct Put: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "A registered brand, whose segments a day its numbers share.")
    @Argument var name: String
    @Option(help: "Segments a day over all its numbers, by Pacific time.") var dailyCap: Int64
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.setBrand(name: name, dailyCap: dailyCap)) }
  }
}
