import Dispatch
import Foundation
import GRDB
import Synchronization
import TenantRuntime

/// Backup and restore: whole files, checked before they are believed.
struct FileCopies: Sendable {
  let directory: TenantDirectory
  let files: TenantFiles
  let open: OpenTenants
  let pausing: Pausing

  /// One consistent, compact, checked file. It appears under its name when it is whole; what could not be made leaves nothing.
  func backup(_ key: String, to target: String, _ doing: Doing) async throws -> JSON {
    let tenant = try directory.tenant(key)
    return try await files.work.alone(target, target, .written) {
      try await makeBackup(target, of: tenant)
      try await directory.note(doing, key)
      return ["tenant": .text(key), "file": .text(target)]
    }
  }

  private func makeBackup(_ target: String, of tenant: Routing.Tenant) async throws {
    let key = tenant.key
    guard !FileManager.default.fileExists(atPath: target) else { throw Refusal.conflict("\(target) exists already.") }
    let folder = URL(fileURLWithPath: target).deletingLastPathComponent().path
    // The folder of its own backups is ours to make.
    if folder.hasSuffix("/backups/\(key)") {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } else if !FileManager.default.fileExists(atPath: folder) {
      // A name mistyped, or a disk that is not there: a copy in its place would be missed when it is needed.
      throw ControlFailure("there is no folder \(folder); make it, or name another one")
    }
    let part = "\(target).part"
    try? FileManager.default.removeItem(atPath: part)
    do {
      switch tenant.state {
      case .active, .suspended:
        try await open.with(key, as: "a backup") { runtime in
          try await runtime.file.copy(to: part)
          // A copy is whole without it.
          try? await AuditHeads(directory: directory).note(runtime)
        }
      case .paused, .archived:
        try await files.alone(with: key, .copied) {
          guard try directory.tenant(key).state == tenant.state else {
            throw Refusal.conflict("Tenant \(key) has changed meanwhile; try again.")
          }
          try await copyClosed(key, to: part)
        }
      case .pausing: throw Refusal.conflict("Tenant \(key) is being paused; try again.")
      case .damaged:
        throw Refusal.conflict("Tenant \(key) cannot be used: \(tenant.reason ?? "its secrets are damaged").")
      }
      try await markAsCopy(part)
      try files.check(part, belongsTo: key)
      try ControlFile.sync(part)
    } catch {
      for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: part + suffix) }
      if let error = error as? DatabaseError {
        throw ControlFailure("the backup cannot be written: \(error.message ?? "")")
      }
      throw error
    }
    guard rename(part, target) == 0 else { throw ControlFailure("\(target) cannot be written") }
    try ControlFile.sync(folder)
  }

  private func copyClosed(_ key: String, to target: String) async throws {
    let path = files.path(of: key)
    try files.check(path, belongsTo: key)
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      DispatchQueue(label: "copy").async {
        done.resume(
          with: Result {
            let file = try SQLiteFile(immutable: path)
            defer { try? file.close() }
            try file.copyNow(to: target)
          })
      }
    }
  }

  /// A backup texts nobody when it is put back, however fresh it is, until a person says so.
  private func markAsCopy(_ path: String) async throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    let copy = try SQLiteFile(path: path, lanes: StorageLanes(label: "backup"))
    let at = directory.now().iso8601
    do {
      try await copy.write { db in try Identity.fence(db, reason: "restored from the backup of \(at)") }
      try await copy.checkpoint()
    } catch {
      try? copy.close()
      throw error
    }
    try copy.close()
  }

  /// Installs a checked copy. What it replaces stays beside it until the new file has been opened.
  func restore(_ key: String, from source: String, _ doing: Doing) async throws -> JSON {
    try await files.alone(with: key, .restored) { try await install(source, as: key, doing) }
  }

  private func install(_ source: String, as key: String, _ doing: Doing) async throws -> JSON {
    try await pausing.goOn(key)
    let (file, staged, replaced) = (
      files.path(of: key), "\(files.path(of: key)).restore", "\(files.path(of: key)).replaced"
    )
    try files.refuseLiveSource(source, directory.routing.current)
    // A crash between the two renames of an earlier restore.
    if !FileManager.default.fileExists(atPath: file), FileManager.default.fileExists(atPath: replaced) {
      guard rename(replaced, file) == 0 else { throw ControlFailure("\(replaced) cannot be put back in its place") }
      try ControlFile.sync(files.folder(of: key))
    }
    guard !FileManager.default.fileExists(atPath: replaced) else {
      throw ControlFailure("\(replaced) is what an earlier restore has put aside: move it away, then restore again")
    }
    try files.check(source, belongsTo: key)
    if try directory.tenant(key).isOpenable { _ = try await pausing.park(key, reason: "restoring", doing) }
    guard try directory.tenant(key).state == .paused else { throw Refusal.conflict("Tenant \(key) is not paused.") }
    defer { try? FileManager.default.removeItem(atPath: staged) }
    try TenantFiles.install(source, at: staged)
    try files.check(staged, belongsTo: key)
    let hadFile = FileManager.default.fileExists(atPath: file)
    if hadFile {
      guard TenantFiles.size("\(file)-wal") == 0 else {
        throw ControlFailure("\(file) is in use: a -wal file lies beside it")
      }
      for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + suffix) }
      guard rename(file, replaced) == 0 else { throw ControlFailure("\(file) cannot be moved aside") }
    }
    do {
      guard rename(staged, file) == 0 else { throw ControlFailure("the restored file could not be put in place") }
      try ControlFile.sync(files.folder(of: key))
      let answer = try await pausing.takeIntoUse(key, doing)
      try? FileManager.default.removeItem(atPath: replaced)
      // It is restored, whether this can be read or not.
      let fence = try? await open.with(key) { runtime in
        try await runtime.file.read { db in try Identity.read(db)?.fence }
      }
      guard let fence = fence ?? nil else { return answer }
      return .object(
        (answer.members ?? []) + [
          ("fence", .text(fence)), ("next", .text("It texts nobody until you run `roundhouse tenant unfence \(key)`.")),
        ])
    } catch {
      if hadFile { try await putBack(key, replaced, after: error) }
      throw error
    }
  }

  /// The file that a restore has put aside takes its place again: only where the other one is closed and has left nothing beside it that would
  /// be read into this one. Else both stay, and the operator is informed.
  private func putBack(_ key: String, _ replaced: String, after error: any Error) async throws {
    let file = files.path(of: key)
    let isClosed = await open.peek(key) == nil
    if try directory.tenant(key).state == .paused, isClosed, TenantFiles.size("\(file)-wal") == 0 {
      for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + suffix) }
      if rename(replaced, file) == 0 { return try ControlFile.sync(files.folder(of: key)) }
    }
    throw ControlFailure("\(error); the restored file stays in place, and \(replaced) is the one it has replaced")
  }
}
