import ArgumentParser
import ControlPlane
import Foundation
import TenantRuntime

struct KeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "key", subcommands: [Create.self])
  struct Create: AsyncParsableCommand {
    @Argument var key: String?
    @Flag(help: "A key for /api/v1/admin.") var platform = false
    @Option var role: Role?
    @Option var name: String
    @OptionGroup var common: CommandOptions
    func run() async throws {
      guard platform == (key == nil) else { throw ValidationError("name a tenant, or --platform") }
      if platform, role != nil { throw ValidationError("--role is of a tenant's key; --platform needs none") }
      let role = platform ? Role.platform : role ?? .viewer
      guard platform || Role.tenantRoles.contains(role) else {
        throw ValidationError("--role must be one of \(Role.tenantRoles.map(\.rawValue).joined(separator: ", "))")
      }
      guard Name.read(name, most: 200) == name else {
        throw ValidationError("--name must be one line of 1 to 200 characters")
      }
      // Made here: the command carries the hash alone.
      let (made, text) = APIKey.make(tenant: key, role: role, name: name)
      let answer = try await common.perform(.addKey(made))
      common.show(.object([("key", .text(text))] + (answer.members ?? [])))
    }
  }
}

extension Role: ExpressibleByArgument {}
