import ArgumentParser
import ControlPlane
import Foundation
import TenantRuntime

struct PrintSettings: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings", abstract: "Every setting and where it comes from.")
  @OptionGroup var common: CommandOptions
  func run() async throws {
    let settings = try common.settings
    let entries = settings.entries.map {
      (name: $0.setting.variable, value: $0.setting.shown($0.value), origin: $0.origin.rawValue)
    }
    if common.json {
      print(
        JSON.object(entries.map { ($0.name, .object([("value", .text($0.value)), ("origin", .text($0.origin))])) })
          .serialized)
    } else {
      for entry in entries { print("\(entry.name)=\(entry.value)  (\(entry.origin))") }
    }
    // Shown first: whoever looks for a mistake sees where it comes from.
    try settings.check()
  }
}
