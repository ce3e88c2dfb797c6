import Foundation
import GRDB

extension Runtime {
  /// By its name in the spool; no name, no file.
  func removeUpload(_ name: String) {
    guard !name.isEmpty, !name.contains("/") else { return }
    try? FileManager.default.removeItem(atPath: "\(spool)/\(name)")
  }

  /// What an upload or an import has left behind that a crash has cut off. While the file is being opened nobody is at either.
  package func removeStrayUploads() async throws {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: spool), !names.isEmpty else { return }
    let known = try await file.read { db in
      try Set(String.fetchAll(db.cachedStatement(sql: "SELECT file FROM import_batches WHERE file <> ''")))
    }
    for name in names where !known.contains(name) { removeUpload(name) }
  }
}
