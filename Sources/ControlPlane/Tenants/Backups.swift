import Dispatch
import Foundation
import GRDB
package import TenantRuntime

/// Copies of tenants' files in the data folder's `backups`: which there are, where the next one goes, and whether one can be put back.
package struct Backups: Sendable {
  let directory: TenantDirectory
  let files: TenantFiles
  /// What a folder holds.
  var list: @Sendable (String) throws -> [String] = { try FileManager.default.contentsOfDirectory(atPath: $0) }

  /// Names of files and their sizes.
  private static let listing = DispatchQueue(label: "backups")
  /// Reading a whole file takes long: one after the other, and nothing else waits for it.
  private static let checking = DispatchQueue(label: "checking backups")

  package struct Copy: Sendable {
    package let tenant: String
    package let name: String
    package fileprivate(set) var bytes: Int64
    package let madeAt: Moment

    /// In the list: by its time, and of two of one millisecond by what it is of.
    package var place: Int64 {
      let mark = (tenant + name).utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
      return madeAt.milliseconds * 4_096 + Int64(mark % 4_096)
    }

    package var json: JSON {
      ["tenant": .text(tenant), "name": .text(name), "bytes": .int(bytes), "made_at": .moment(madeAt)]
    }
  }

  private func folder(of key: String) -> String { "\(files.data)/backups/\(key)" }

  /// The newest first, behind a place of the list; nil: of every tenant, those that were deleted, too.
  package func page(of tenant: String?, behind place: Int64, atMost limit: Int) async throws -> [Copy] {
    try await onQueue(Self.listing) {
      let found = try (tenant.map { [$0] } ?? keys()).filter(Self.isKey).flatMap { key in
        (names(of: key) ?? []).compactMap { name in
          Self.madeAt(name).map { Copy(tenant: key, name: name, bytes: 0, madeAt: $0) }
        }
      }
      return found.filter { $0.place < place }.sorted { $0.place > $1.place }.prefix(limit).map { copy in
        var sized = copy
        sized.bytes = Int64(TenantFiles.size("\(folder(of: copy.tenant))/\(copy.name)"))
        return sized
      }
    }
  }

  /// Of whom there is any.
  package func tenants() async throws -> Set<String> {
    try await onQueue(Self.listing) {
      Set(try keys().filter { key in names(of: key)?.contains { Self.madeAt($0) != nil } == true })
    }
  }

  /// Folders that are left out of the list, for nobody may read them.
  package func unreadable() async throws -> [String] {
    try await onQueue(Self.listing) { try keys().filter { names(of: $0) == nil }.sorted() }
  }

  /// What may be a tenant's folder: others keep files of theirs beside them.
  private func keys() throws -> [String] {
    let all = "\(files.data)/backups"
    return Self.isFolder(all) ? try list(all).filter { Self.isKey($0) && Self.isFolder("\(all)/\($0)") } : []
  }

  /// Nil: it cannot be read. One folder never ends the list of all.
  private func names(of key: String) -> [String]? {
    Self.isFolder(folder(of: key)) ? try? list(folder(of: key)) : []
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  private static func isKey(_ name: String) -> Bool { name.wholeMatch(of: /[a-z0-9][a-z0-9-]{1,38}/) != nil }

  private static func madeAt(_ name: String) -> Moment? {
    name.wholeMatch(of: /([0-9]{1,15})(-final)?\.sqlite/).flatMap { Int64($0.1) }.map(Moment.init(milliseconds:))
  }

  /// Where a copy that is made now is written to.
  package func newPath(of key: String) throws -> (path: String, name: String) {
    let name = "\(directory.now().milliseconds).sqlite"
    return ("\(folder(of: try directory.tenant(key).key))/\(name)", name)
  }

  package func find(_ key: String, _ name: String) async throws -> Copy {
    try await onQueue(Self.listing) {
      guard Self.isKey(key), let copy = copy(key, name) else {
        throw Refusal.notFound("There is no such backup.")
      }
      return copy
    }
  }

  /// Reads the whole file as a restore would before it believes it. Nil: it can be put back; else why not.
  package func verify(_ copy: Copy, by caller: Caller) async throws -> String? {
    let path = "\(folder(of: copy.tenant))/\(copy.name)"
    let fault: String? = try await onQueue(Self.checking) {
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
    guard let made = Self.madeAt(name) else { return nil }
    let path = "\(folder(of: key))/\(name)"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return Copy(tenant: key, name: name, bytes: Int64(TenantFiles.size(path)), madeAt: made)
  }

  private func onQueue<Value: Sendable>(
    _ queue: DispatchQueue, _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Value, any Error>) in
      queue.async { done.resume(with: Result { try body() }) }
    }
  }
}
