import Foundation

/// Where Redis is, from `redis://[user:password@]host[:port][/db]`.
struct RedisAddress: Sendable, Equatable {
  let host: String
  let port: Int
  let user: String?
  let password: String?
  let database: Int

  /// The message never repeats the address: it may hold a password.
  static let expected = "the address of Redis must be redis://[user:password@]host[:port][/db]"

  init(_ url: String) throws {
    guard let parts = URLComponents(string: url), parts.scheme == "redis", let host = parts.host, !host.isEmpty,
      parts.query == nil, parts.fragment == nil
    else { throw ControlFailure(Self.expected) }
    let path = parts.path.drop { $0 == "/" }
    guard let database = path.isEmpty ? 0 : Int(path), database >= 0 else { throw ControlFailure(Self.expected) }
    let port = parts.port ?? 6379
    guard (1...65_535).contains(port) else { throw ControlFailure(Self.expected) }
    // `[::1]` keeps its brackets in the host of a URL.
    self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    self.port = port
    user = parts.user?.isEmpty == true ? nil : parts.user
    password = parts.password
    self.database = database
  }

  /// What a new connection says first. The PING at the end makes every connection prove that somebody answers: the kernel
  /// takes connections also for a stopped server.
  var greeting: [[String]] {
    var commands: [[String]] = []
    if let password { commands.append(["AUTH"] + (user.map { [$0] } ?? []) + [password]) }
    if database != 0 { commands.append(["SELECT", "\(database)"]) }
    return commands + [["PING"]]
  }
}
