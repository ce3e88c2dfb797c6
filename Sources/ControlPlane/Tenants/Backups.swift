import Dispatch
import Foundation
import GRDB
package import TenantRuntime

/// Copies of tenants' files in the data folder's `backups`: which there are, where the next one goes, and whether one can be put back.
package struct Backups: Sendable {
  let directory: TenantDirectory
  let files: TenantFiles

  /// Of a list.
  package static let most = 2_000
  /// Reading a whole file takes a lane of its own, one after the other.
  private static let reading = DispatchQueue(label: "backups")

  package struct Copy: Sendable {
    package let tenant: String
    package let name: String
    package let bytes: Int64
    package let madeAt: Moment

    package var json: JSON {
      ["tenant": .text(tenant), "name": .text(name), "bytes": .int(bytes), "made_at": .moment(madeAt)]
    }
  }

  private func folder(of key: String) -> String { "\(files.data)/backups/\(key)" }

  /// The newest first; nil: of every tenant, those that were deleted, too.
  package func all(of tenant: String?) async throws -> [Copy] {
    try await read {
      let keys = try tenant.map { [$0] } ?? Self.names(in: "\(files.data)/backups")
      let copies = try keys.filter { $0.wholeMatch(of: /[a-z0-9][a-z0-9-]{1,38}/) != nil }.flatMap { key in
        try Self.names(in: folder(of: key)).compactMap { copy(key, $0) }
      }
      return Array(copies.sorted { ($0.madeAt, $0.name) > ($1.madeAt, $1.name) }.prefix(Self.most))
    }
  }

  /// Where a copy that is made now is written to.
  package func newPath(of key: String) throws -> (path: String, name: String) {
    let name = "\(directory.now().milliseconds).sqlite"
    return ("\(folder(of: try directory.tenant(key).key))/\(name)", name)
  }

  package func find(_ key: String, _ name: String) async throws -> Copy {
    try await read {
      guard key.wholeMatch(of: /[a-z0-9][a-z0-9-]{1,38}/) != nil, let copy = copy(key, name) else {
        throw Refusal.notFound("There is no such backup.")
      }
      return copy
    }
  }

  /// Reads the whole file as a restore would before it believes it. Nil: it can be put back; else why not.
  package func verify(_ copy: Copy, by caller: Caller) async throws -> String? {
    let path = "\(folder(of: copy.tenant))/\(copy.name)"
    let fault: String? = try await read {
      do {
        try files.check(path, belongsTo: copy.tenant)
        return nil
      } catch let failure as ControlFailure { return failure.description }
    }
    let doing = Doing(caller: caller, action: "backup.verify", at: directory.now())
    try await directory.file.write { db in
      try doing.note(db, copy.tenant, detail: "\(copy.name): \(fault ?? "whole")")
    }
    return fault
  }

  private func copy(_ key: String, _ name: String) -> Copy? {
    guard let match = name.wholeMatch(of: /([0-9]{1,16})(-final)?\.sqlite/), let made = Int64(match.1) else {
      return nil
    }
    let path = "\(folder(of: key))/\(name)"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return Copy(
      tenant: key, name: name, bytes: Int64(TenantFiles.size(path)), madeAt: Moment(milliseconds: made))
  }

  private static func names(in folder: String) throws -> [String] {
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder)
  }

  private func read<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Value, any Error>) in
      Self.reading.async { done.resume(with: Result { try body() }) }
    }
  }
}
