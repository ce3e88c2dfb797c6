import ArgumentParser
import ControlPlane
import TenantRuntime

struct HostCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "host", abstract: "Names where a tenant's short links live.",
    subcommands: [Add.self, List.self, Verify.self, Default.self, Remove.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Add a host by your own word: it is verified at once.")
    @Argument var key: String
    @Argument var host: String
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.addHost(key: key, host: host)) }
  }
  struct List: AsyncParsableCommand {
    @Argument var key: String
    @OptionGroup var common: CommandOptions
    func run() async throws {
      let hosts = try common.reader.linkHosts(of: key)
      if common.json { return print(JSON.list(hosts.map(\.json)).serialized) }
      for host in hosts { print("\(host.host)\t\(host.state.rawValue)\(host.isDefault ? "\tdefault" : "")") }
    }
  }
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Look now for what proves whose a pending host is.")
    @Argument var key: String
    @Argument var host: String
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.verifyHost(key: key, host: host)) }
  }
  struct Default: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make new links live there.")
    @Argument var key: String
    @Argument var host: String
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.makeDefaultHost(key: key, host: host)) }
  }
  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take a host away: its links lead nowhere.")
    @Argument var key: String
    @Argument var host: String
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.removeHost(key: key, host: host)) }
  }
}
