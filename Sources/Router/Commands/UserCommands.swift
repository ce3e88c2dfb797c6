import ArgumentParser
import ControlPlane
import Foundation
import TenantRuntime

/// Links to sign in by, made and printed here: the running server learns their digests alone.
struct PrintedLink {
  private let token = APIKey.hex(32)
  var digest: [UInt8] { APIKey.digest(token) }

  func show(_ answer: JSON, _ common: CommandOptions) throws {
    let link = "\(try common.settings.url(.publicURL))/sign-in/confirm?token=\(token)"
    common.show(.object((answer.members ?? []) + [("link", .text(link))]))
  }
}

struct UserCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "Invite members, and print links to sign in by.",
    subcommands: [Invite.self, Link.self])

  struct Invite: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Invite somebody to a tenant, by mail; the link is printed, too.")
    @Argument var key: String
    @Option var email: String
    @Option var role: Role
    @OptionGroup var common: CommandOptions
    func run() async throws {
      guard Role.tenantRoles.contains(role) else {
        throw ValidationError("--role must be one of \(Role.tenantRoles.map(\.rawValue).joined(separator: ", "))")
      }
      let link = PrintedLink()
      try link.show(
        try await common.perform(.inviteUser(key: key, email: email, role: role, linkHash: link.digest)), common)
    }
  }

  struct Link: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a link that signs a user in: good once, for ten minutes.")
    @Argument var email: String
    @Flag(help: "It accepts the invitations that wait for the user, too.") var accept = false
    @OptionGroup var common: CommandOptions
    func run() async throws {
      let link = PrintedLink()
      let command = Command.addUserLink(email: email, linkHash: link.digest, accepts: accept)
      try link.show(try await common.perform(command), common)
    }
  }
}

struct AdminCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "admin", subcommands: [Create.self])
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make somebody an admin of the platform, and print a link to sign in by.")
    @Option var email: String
    @OptionGroup var common: CommandOptions
    func run() async throws {
      let link = PrintedLink()
      try link.show(try await common.perform(.addAdmin(email: email, linkHash: link.digest)), common)
    }
  }
}
