import GRDB
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct QuotaUseTests {
  let folder = try! TestFolder()

  @Test func storageIsWhatTheFileHoldsInMegabytes() async throws {
    let file = try folder.tenantFile()
    let (before, full, freed) = try await file.write { db in
      let before = try QuotaUse.storageMB(db)
      try db.execute(sql: "CREATE TABLE filling (bytes BLOB)")
      for _ in 0..<5 { try db.execute(sql: "INSERT INTO filling VALUES (zeroblob(1 << 20))") }
      let full = try QuotaUse.storageMB(db)
      try db.execute(sql: "DELETE FROM filling")
      return (before, full, try QuotaUse.storageMB(db))
    }
    #expect(full - before == 5)
    #expect(freed == before)
  }
}
