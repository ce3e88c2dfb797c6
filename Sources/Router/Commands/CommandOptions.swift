import ArgumentParser
import ControlPlane
import Foundation
import Logging
import TenantRuntime

/// Shared by all commands that change or show something.
struct CommandOptions: ParsableArguments {
  @OptionGroup var flags: SettingFlags
  @Flag(help: "Print JSON for machines.") var json = false

  /// Once a process; a command speaks through its answer alone.
  private static let quiet: Void = LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }

  func perform(_ command: Command) async throws -> JSON {
    Self.quiet
    let settings = try settings
    return try await DataFolder(settings).perform(command, settings)
  }

  func run(_ command: Command) async throws { show(try await perform(command)) }

  func show(_ answer: JSON) {
    if json { return print(answer.serialized) }
    for (name, value) in answer.members ?? [] where value != .null {
      print("\(name): \(value.text ?? value.serialized)")
    }
  }

  /// Under the installation's key, so that a command beside the server carries no secret.
  func seal(_ text: String) throws -> Data {
    let settings = try settings
    let (folder, secret) = (try DataFolder(settings), settings[.secretKey])
    return try SecretKey.of(data: folder.path, given: secret.isEmpty ? nil : secret).seal(Array(text.utf8))
  }

  var settings: Settings { get throws { try flags.settings() } }

  /// Reads the control file beside its other users; takes no lock and changes nothing.
  var reader: ControlReader { get throws { try ControlReader(data: settings[.data]) } }
}
