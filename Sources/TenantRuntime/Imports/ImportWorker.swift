import Foundation
import GRDB

/// Imports one file: check on the import lane, then apply in phone order by the tenant's one writer, a slice a transaction with
/// its cursor in the same commit. A crash checks again (the same result) and goes on behind the cursor.
struct ImportWorker {
  let runtime: Runtime
  /// Sorted input touches neighbouring index pages, so a slice stays well under 100 ms.
  private static let slice = 1_000

  func takeTurn() async throws -> NextTurn {
    let open = try await runtime.file.read { db in
      try Row.fetchOne(
        db, sql: "SELECT * FROM import_batches WHERE state IN ('checking', 'applying') ORDER BY id LIMIT 1"
      )
      .map(ImportBatch.init)
    }
    guard let batch = open else { return .whenNudged }
    do {
      try await run(batch)
    } catch let failure as ImportFailure {
      try await fail(batch, failure.reason)
    } catch let failure as CSVReader.Failure {
      switch failure {
      case .rowTooLong(let row): try await fail(batch, "row \(row) is longer than \(CSVReader.longestRow) bytes")
      case .unclosedQuote(let row): try await fail(batch, "row \(row) opens a quote that is never closed")
      }
    }
    try? FileManager.default.removeItem(atPath: batch.file)
    return .now
  }

  private func fail(_ batch: ImportBatch, _ reason: String) async throws {
    let now = runtime.outside.now()
    try await runtime.file.write { db in try batch.finish(db, state: "failed", failure: reason, at: now) }
  }

  private func run(_ batch: ImportBatch) async throws {
    guard FileManager.default.fileExists(atPath: batch.file) else {
      throw ImportFailure(reason: "the uploaded file is gone; upload it again")
    }
    let mapping = try ColumnMapping(headers: batch.headers, map: batch.map)
    let check = try await onImportLane { try ImportCheck(path: batch.file, mapping: mapping, region: "US") }
    try await record(check, of: batch)
    var rest = check.accepted[...].drop { $0.phone <= batch.cursor }
    while !rest.isEmpty {
      let rows = Array(rest.prefix(Self.slice))
      rest = rest.dropFirst(Self.slice)
      let values = try await onImportLane {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: batch.file))
        return try rows.map { row in mapping.values(CSVReader.fields(try file.bytes(row)) ?? []) }
      }
      try await apply(rows, values, batch)
    }
    let now = runtime.outside.now()
    try await runtime.file.write { db in try batch.finish(db, state: "completed", at: now) }
  }

  private func record(_ check: ImportCheck, of batch: ImportBatch) async throws {
    let rejected = check.rejected
    let rows = check.rows
    for start in stride(from: 0, through: max(rejected.count - 1, 0), by: 5_000) {
      let part = rejected[start..<min(start + 5_000, rejected.count)]
      try await runtime.file.write(.replayable) { db in
        for row in part {
          try db.cachedStatement(
            sql:
              "INSERT INTO import_rejects (import_id, row_number, reason, detail, original) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
          ).execute(arguments: [batch.id, row.rowNumber, row.reason, row.detail, row.original])
        }
      }
    }
    try await runtime.file.write { db in
      try db.execute(
        sql: "UPDATE import_batches SET state = 'applying', rows = ?, rejected = ? WHERE id = ?",
        arguments: [rows, rejected.count, batch.id])
    }
  }

  /// A dry run does the same work and takes it back at the end of its transaction, but for the counts.
  private func apply(_ rows: [ImportCheck.Accepted], _ values: [Contact.Values], _ batch: ImportBatch) async throws {
    let now = runtime.outside.now()
    try await runtime.file.write(.replayable) { db in
      var counts: [Contact.Outcome: Int64] = [:]
      try db.inSavepoint {
        for (row, values) in zip(rows, values) {
          guard let phone = PhoneNumber(digits: row.phone) else { continue }
          let outcome = try Contact.upsert(db, phone: phone, values, importID: batch.id, at: now).outcome
          counts[outcome, default: 0] += 1
          if outcome == .created { try Self.attest(db, phone, batch, at: now) }
        }
        return batch.mode == .commit ? .commit : .rollback
      }
      try db.execute(
        sql:
          "UPDATE import_batches SET created = created + ?, updated = updated + ?, unchanged = unchanged + ?, cursor = ? WHERE id = ?",
        arguments: [
          counts[.created] ?? 0, counts[.updated] ?? 0, counts[.unchanged] ?? 0, rows.last?.phone ?? 0, batch.id,
        ])
    }
  }

  private static func attest(_ db: Database, _ phone: PhoneNumber, _ batch: ImportBatch, at: Moment) throws {
    try db.cachedStatement(
      sql: "INSERT INTO consents (phone, action, method, evidence, at) VALUES (?, 'grant', 'import', ?, ?)"
    )
    .execute(arguments: [phone, "import:\(batch.id)", at])
  }

  private func onImportLane<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    let lane = runtime.importLane
    return try await withCheckedThrowingContinuation { continuation in
      lane.async { continuation.resume(with: Result { try work() }) }
    }
  }
}
