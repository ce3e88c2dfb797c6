import ArgumentParser
import ControlPlane
import Foundation
import TenantRuntime

struct KillSwitchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kill-switch", abstract: "Stop every text of every tenant, or let them go on.")
  @Argument(help: "on or off.") var position: String
  @Option var reason = "thrown by an operator"
  @OptionGroup var common: CommandOptions
  func run() async throws {
    guard position == "on" || position == "off" else { throw ValidationError("say on or off") }
    try await common.run(.setKillSwitch(on: position == "on", reason: reason))
  }
}
