import GRDB
import TenantRuntime

/// The keys of short links live in the tenant's file; the router reads a sealed copy in the control file.
struct LinkKeyRotation: Sendable {
  let directory: TenantDirectory
  let open: OpenTenants
  private let turns = Turns()

  init(directory: TenantDirectory, open: OpenTenants) { (self.directory, self.open) = (directory, open) }

  /// New links are made with a new key; those made with the former ones stay alive, as long as `LinkKeys.most` remember theirs. The file
  /// goes first: what the control file has not heard of when the power fails, it learns when the file is opened.
  ///
  /// One rotation after the other: the copy of the last one stays.
  func rotate(_ key: String, _ doing: Doing) async throws -> JSON {
    _ = try directory.tenant(key)
    return try await turns.take("link key \(key)") { try await rotateNow(key, doing) }
  }

  private func rotateNow(_ key: String, _ doing: Doing) async throws -> JSON {
    let now = directory.now()
    let (before, after) = try await open.with(key) { runtime in
      try await runtime.file.write { db in
        guard let before = try LinkKeys.read(db) else {
          throw Refusal.unavailable("The tenant's file has no link key.")
        }
        let after = before.rotated(at: now)
        try after.write(db)
        return (before, after)
      }
    }
    try await directory.keep(after, of: key)
    try await directory.note(doing, key)
    let dropped = before.all.count == LinkKeys.most ? before.all.last?.since : nil
    return [
      "tenant": .text(key), "link_keys": .int(after.all.count), "since": .moment(after.newest.since),
      // Links made before the second oldest key came into use are dead with it.
      "dropped_key_of": .moment(dropped),
    ]
  }
}
