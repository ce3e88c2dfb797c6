import Dispatch
import Foundation
import GRDB
import Synchronization
import TenantRuntime

/// Backup and restore: whole files, checked before they are believed.
extension ControlPlane {
  /// One consistent, compact, checked file. It appears under its name when it is whole; what could not be made leaves nothing.
  func backup(_ key: String, to target: String, _ doing: Doing) async throws -> JSON {
    let tenant = try tenant(key)
    guard making.withLock({ $0.insert(target).inserted }) else {
      throw Refusal.conflict("\(target) is being written already.")
    }
    defer { making.withLock { _ = $0.remove(target) } }
    guard !FileManager.default.fileExists(atPath: target) else { throw Refusal.conflict("\(target) exists already.") }
    let folder = URL(fileURLWithPath: target).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let part = "\(target).part"
    try? FileManager.default.removeItem(atPath: part)
    do {
      switch tenant.state {
      case .active, .suspended:
        try await open.with(key, as: "a backup") { runtime in try await runtime.file.copy(to: part) }
      case .paused, .archived: try await copyClosed(key, to: part)
      case .pausing: throw Refusal.conflict("Tenant \(key) is being paused; try again.")
      case .damaged:
        throw Refusal.conflict("Tenant \(key) cannot be used: \(tenant.reason ?? "its secrets are damaged").")
      }
      try await markAsCopy(part)
      try checkFile(part, belongsTo: key)
      try Self.sync(part)
    } catch {
      for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: part + suffix) }
      if let error = error as? DatabaseError {
        throw ControlFailure("the backup cannot be written: \(error.message ?? "")")
      }
      throw error
    }
    guard rename(part, target) == 0 else { throw ControlFailure("\(target) cannot be written") }
    try Self.sync(folder)
    try await note(doing, key)
    return ["tenant": .text(key), "file": .text(target)]
  }

  private func copyClosed(_ key: String, to target: String) async throws {
    let path = tenantFile(key)
    try checkFile(path, belongsTo: key)
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
    let copy = try SQLiteFile(path: path, lane: DispatchQueue(label: "backup"))
    let at = now().iso8601
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
    try refuseLiveSource(source)
    try checkFile(source, belongsTo: key)
    if try tenant(key).isOpenable { _ = try await pause(key, reason: "restoring", doing) }
    guard try tenant(key).state == .paused else { throw Refusal.conflict("Tenant \(key) is not paused.") }
    let (file, staged, replaced) = (tenantFile(key), "\(tenantFile(key)).restore", "\(tenantFile(key)).replaced")
    try Self.install(source, at: staged)
    try checkFile(staged, belongsTo: key)
    let hadFile = FileManager.default.fileExists(atPath: file)
    if hadFile {
      guard Self.size("\(file)-wal") == 0 else { throw ControlFailure("\(file) is in use: a -wal file lies beside it") }
      for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + suffix) }
      guard rename(file, replaced) == 0 else { throw ControlFailure("\(file) cannot be moved aside") }
    }
    do {
      guard rename(staged, file) == 0 else { throw ControlFailure("the restored file could not be put in place") }
      try Self.sync(tenantFolder(key))
      let answer = try await resume(key, doing)
      try? FileManager.default.removeItem(atPath: replaced)
      return answer
    } catch {
      if hadFile, rename(replaced, file) == 0 { try? Self.sync(tenantFolder(key)) }
      throw error
    }
  }
}
