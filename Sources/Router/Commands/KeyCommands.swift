import ArgumentParser
import ControlPlane
import Foundation
import TenantRuntime

struct KeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "API keys, of tenants and of the platform.",
    subcommands: [Create.self, List.self, Rotate.self, Revoke.self])

  /// A tenant, or the platform.
  struct Owner: ParsableArguments {
    @Argument var key: String?
    @Flag(help: "Keys for /api/v1/admin.") var platform = false

    func validate() throws {
      guard platform == (key == nil) else { throw ValidationError("name a tenant, or --platform") }
    }
  }

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make a key; it is printed this once.")
    @OptionGroup var owner: Owner
    @Option(help: "All that a role may do.") var role: Role?
    @Option(help: "What it may do, instead of a role: read_contacts,run_imports") var permissions: String?
    @Option(help: "When it ends: 2027-11-01 (UTC), or with a time 2027-11-01T08:00:00Z.") var expires: String?
    @Option(help: "What it is for.") var name: String
    @OptionGroup var common: CommandOptions

    func run() async throws {
      guard Name.read(name, most: 200) == name else {
        throw ValidationError("--name must be one line of 1 to 200 characters")
      }
      // Made here: the command carries the hash alone.
      let (made, text) = APIKey.make(
        tenant: owner.key, scope: try scope(), name: name, expiresAt: try expires.map(KeyCommand.moment))
      let answer = try await common.perform(.addKey(made))
      common.show(.object([("key", .text(text))] + (answer.members ?? [])))
    }

    private func scope() throws -> KeyScope {
      if let permissions {
        guard role == nil else { throw ValidationError("--role or --permissions, one of the two") }
        let words = permissions.split(separator: ",").map(String.init)
        let known = Set(words.compactMap(Permission.init))
        guard !known.isEmpty, known.count == words.count else {
          throw ValidationError(
            "--permissions must be some of \(Permission.allCases.map(\.rawValue).joined(separator: ","))")
        }
        return .chosen(known)
      }
      if owner.platform, role != nil { throw ValidationError("--role is of a tenant's key; --platform needs none") }
      let role = owner.platform ? Role.platform : role ?? .viewer
      guard owner.platform || Role.tenantRoles.contains(role) else {
        throw ValidationError("--role must be one of \(Role.tenantRoles.map(\.rawValue).joined(separator: ", "))")
      }
      return .role(role)
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Keys, the newest first, without their secrets.")
    @OptionGroup var owner: Owner
    @OptionGroup var common: CommandOptions

    func run() async throws {
      let keys = try common.reader.keys(of: owner.key, at: .now())
      if common.json { return print(JSON.list(keys).serialized) }
      for key in keys {
        let scope = key["role"]?.text ?? key["permissions"]?.list?.compactMap(\.text).joined(separator: ",") ?? ""
        let words = ["id", "state", "last_used_at", "name"].map { key[$0]?.text ?? "-" }
        print((words + [scope]).joined(separator: "\t"))
      }
    }
  }

  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a successor with the same rights, printed this once. The old key ends after the overlap.")
    @Argument(help: "Its id, as `key list` shows it.") var id: String
    @Option(help: "Hours that the old key goes on, 0 to \(APIKeys.longestOverlap).") var overlapHours: Int64 = 24
    @OptionGroup var common: CommandOptions

    func run() async throws {
      guard (0...APIKeys.longestOverlap).contains(overlapHours) else {
        throw ValidationError("--overlap-hours must be from 0 to \(APIKeys.longestOverlap)")
      }
      // The rest is the old key's.
      let (made, text) = APIKey.make(tenant: nil, role: .viewer, name: "")
      let answer = try await common.perform(
        .rotateKey(id: KeyCommand.bare(id), into: made, overlapHours: overlapHours))
      common.show(.object([("key", .text(text))] + (answer.members ?? [])))
    }
  }

  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "End a key: at once in the running server.")
    @Argument(help: "Its id, as `key list` shows it.") var id: String
    @OptionGroup var common: CommandOptions
    func run() async throws { try await common.run(.revokeKey(id: KeyCommand.bare(id))) }
  }

  fileprivate static func bare(_ id: String) -> String { id.hasPrefix("rh_") ? String(id.dropFirst(3)) : id }

  fileprivate static func moment(_ text: String) throws -> Moment {
    guard let moment = Moment(iso8601: text) ?? Moment(iso8601: text + "T00:00:00Z") else {
      throw ValidationError("--expires must be a day like 2027-11-01 or a time like 2027-11-01T08:00:00Z")
    }
    return moment
  }
}

extension Role: ExpressibleByArgument {}
