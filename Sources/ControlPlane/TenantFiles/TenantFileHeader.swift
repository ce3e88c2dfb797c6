import Foundation
import TenantRuntime

/// The first hundred bytes of a SQLite file (sqlite.org/fileformat2.html 1.3), read before SQLite opens it and never while it is open:
/// opening a stranger's file as ours would already write into it.
enum TenantFileHeader {
  static func check(_ path: String) throws {
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw Refusal.unavailable("The tenant's file cannot be read; check the folder's rights.")
    }
    defer { try? file.close() }
    let head = Array((try? file.read(upToCount: 100)) ?? Data())
    guard head.count == 100, head.starts(with: Array("SQLite format 3\0".utf8)) else {
      throw Refusal.unavailable("The tenant's file is damaged: it is not a SQLite file. Pause it and restore a backup.")
    }
    let id = head[68..<72].reduce(Int32(0)) { $0 << 8 | Int32($1) }
    guard id == TenantMigrations.applicationID else {
      throw Refusal.unavailable("The file is not a tenant's file; put the right one back.")
    }
    // As of the last checkpoint: what lies in a WAL beside it is seen once the file is open.
    let version = head[60..<64].reduce(0) { $0 << 8 | Int($1) }
    if version > TenantMigrations.all.count { throw newer(version) }
  }

  static func newer(_ version: Int) -> Refusal {
    .unavailable(
      "The tenant's file was made by a later program: it has schema \(version), this one knows up to \(TenantMigrations.all.count). Run the program that made it, or a newer one."
    )
  }
}
