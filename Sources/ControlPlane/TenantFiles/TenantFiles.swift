import Foundation
import GRDB
import TenantRuntime

/// The folders of tenants, and files in them that nobody has open.
package struct TenantFiles: Sendable {
  let data: String
  let work = FileWork()
  private let template = TenantTemplate()

  init(data: String) { self.data = data }

  package func folder(of key: String) -> String { "\(data)/tenants/\(key)" }
  package func path(of key: String) -> String { "\(folder(of: key))/tenant.sqlite" }
  private func newPath(of key: String) -> String { path(of: key) + ".new" }

  /// Pauses, resumes, restores and copies of a closed file come one after the other.
  func alone<Value: Sendable>(
    with key: String, _ kind: FileWork.Kind, _ body: @Sendable () async throws -> Value
  ) async throws -> Value {
    try await work.alone(path(of: key), "Tenant \(key)", kind, body)
  }

  /// Makes the tenant's file beside its place, from the template; `finish` says whose it is.
  func make(
    _ key: String, from source: String? = nil, _ finish: @escaping @Sendable (Database) throws -> Void
  ) async throws {
    let source = try source ?? template.path(in: data)
    let made = newPath(of: key)
    try FileManager.default.createDirectory(atPath: folder(of: key), withIntermediateDirectories: true)
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: made + suffix) }
    try FileManager.default.copyItem(atPath: source, toPath: made)
    let file = try SQLiteFile(path: made, lanes: StorageLanes(label: "provision"))
    do {
      try await file.write { db in try finish(db) }
      try await file.checkpoint()
    } catch {
      try? file.close()
      throw error
    }
    try file.close()
  }

  /// Does nothing when the file is in place already.
  func putInPlace(_ key: String) throws {
    guard !FileManager.default.fileExists(atPath: path(of: key)),
      FileManager.default.fileExists(atPath: newPath(of: key))
    else { return }
    guard rename(newPath(of: key), path(of: key)) == 0 else {
      throw ControlFailure("\(path(of: key)) cannot be put in place; check the folder's rights")
    }
  }
}
