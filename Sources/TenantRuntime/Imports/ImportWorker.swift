import Foundation
import GRDB
import Synchronization

/// Imports one file: checked, encoded and sorted on the import lane, then applied in phone order by the tenant's one writer, a slice a
/// transaction with its cursor in the same commit. A crash checks again (the same result) and goes on behind the cursor.
struct ImportWorker {
  let runtime: Runtime
  private static let targetMilliseconds = 80.0
  private static let slices = 500...20_000
  private static let optOutsTogether = 10_000
  private static let rejectsTogether = 5_000
  /// An upload that a dry run looked at waits so long to be committed.
  private static let keptSeconds: Int64 = 86_400

  func takeTurn() async throws -> NextTurn {
    try await removeForgottenUploads()
    if try await ImportUndo(runtime: runtime).takeTurn() { return .now }
    guard let batch = try await runtime.file.read({ db in try ImportBatch.open(db) }) else { return .whenNudged }
    do {
      try await runtime.givingUpWhatRecurs("import", id: batch.id) {
        try await runtime.file.inBulk { try await run(batch) }
      } giveUp: { reference in
        try await fail(batch, "internal error, reference \(reference)")
      }
    } catch let failure as ImportFailure {
      try await fail(batch, failure.reason)
    } catch let refusal as Refusal where !refusal.passes {
      try await fail(batch, refusal.detail)
    }
    runtime.importProgress.end(batch.id)
    if batch.mode == .commit { runtime.removeUpload(batch.file) }
    runtime.nudge(.searching)
    // Somebody's zone may be another now.
    runtime.nudge(.sending)
    return .now
  }

  private func fail(_ batch: ImportBatch, _ reason: String) async throws {
    let now = runtime.dependencies.now()
    try await runtime.file.write { db in try batch.finish(db, state: .failed, failure: reason, at: now) }
    runtime.removeUpload(batch.file)
  }

  private func removeForgottenUploads() async throws {
    let oldest = runtime.dependencies.now().advanced(bySeconds: -Self.keptSeconds)
    let files = try await runtime.file.write(.replayable) { db in
      let files = try String.fetchAll(
        db.cachedStatement(
          sql: "SELECT file FROM import_batches WHERE mode = 'dry-run' AND file <> '' AND finished_at < ?"),
        arguments: [oldest])
      if !files.isEmpty {
        try db.execute(
          sql: "UPDATE import_batches SET file = '' WHERE mode = 'dry-run' AND finished_at < ?", arguments: [oldest])
      }
      return files
    }
    for file in files { runtime.removeUpload(file) }
  }

  private func path(of batch: ImportBatch) -> String { "\(runtime.spool)/\(batch.file)" }

  /// What a former look at the same file has refused, in slices: it may be the whole file.
  private func removeFormerRejects(_ batch: ImportBatch) async throws {
    var removed = Self.rejectsTogether
    while removed == Self.rejectsTogether {
      try runtime.leaveIfAsked()
      removed = try await runtime.file.write(.replayable) { db in
        try db.execute(
          sql: """
            DELETE FROM import_rejects WHERE import_id = ?1 AND row_number IN
            (SELECT row_number FROM import_rejects WHERE import_id = ?1 LIMIT \(Self.rejectsTogether))
            """, arguments: [batch.id])
        return db.changesCount
      }
    }
  }

  private func run(_ batch: ImportBatch) async throws {
    guard !batch.file.isEmpty, FileManager.default.fileExists(atPath: path(of: batch)) else {
      throw ImportFailure(reason: "the uploaded file is gone; upload it again")
    }
    if batch.state == .checking { try await removeFormerRejects(batch) }
    let (check, recorded) = try await prepare(batch)
    var difference = recorded
    var size = 5_000
    let first = size
    var cursor = batch.cursor
    var slice = try await nextSlice(check, atMost: first, behind: batch.cursor)
    runtime.importProgress.begin(batch.id, .applying, total: Int64(check.accepted))
    if batch.mode == .commit { try await optOut(check.optOuts, batch) }
    while !slice.isEmpty {
      try runtime.leaveIfAsked()
      let wanted = size
      let behind = cursor
      async let following = nextSlice(check, atMost: wanted, behind: behind)
      if batch.mode == .commit { try await optOut(slice.optOuts, batch) }
      let took: Duration
      (difference, took) = try await apply(slice, batch, difference, check)
      let fitting = Double(size) * Self.targetMilliseconds / max(took / .milliseconds(1), 1)
      size = min(max(Int(fitting), Self.slices.lowerBound), Self.slices.upperBound)
      cursor = max(cursor, slice.lastPhone)
      runtime.importProgress.add(batch.id, Int64(slice.starts.count))
      slice = try await following
    }
    let now = runtime.dependencies.now()
    try await runtime.file.write { db in
      // Whoever cancels it is told that it has ended, or it is cancelled.
      try batch.goOn(db)
      try batch.finish(db, state: .completed, at: now)
    }
  }

  func nextSlice(_ check: CheckedFile, atMost limit: Int, behind cursor: Int64) async throws -> ImportSlice {
    while true {
      if let slice = try await runtime.importLane.check({ try check.slice(atMost: limit, behind: cursor) }) {
        return slice
      }
      try runtime.leaveIfAsked()
    }
  }

  /// People the file says have opted out: into the one log, before they are contacts. Again after a crash changes nothing.
  private func optOut(_ people: [Int64: ImportSaid], _ batch: ImportBatch) async throws {
    let phones = people.keys.sorted()
    for start in stride(from: 0, to: phones.count, by: Self.optOutsTogether) {
      try runtime.leaveIfAsked()
      let said = phones[start..<min(start + Self.optOutsTogether, phones.count)].compactMap { digits in
        PhoneNumber(digits: digits).flatMap { phone in people[digits].map { Self.revocation(phone, $0, batch) } }
      }
      try await runtime.dependencies.revocations.append(said, tenant: runtime.lease.tenant)
    }
  }

  private static func revocation(_ phone: PhoneNumber, _ said: ImportSaid, _ batch: ImportBatch) -> Revocation {
    Revocation(
      id: "import:\(batch.id):\(batch.createdAt.milliseconds)", phone: phone, action: said.isReview ? .review : .optOut,
      method: said.isReview ? "import-unreadable" : "import", evidence: "import:\(batch.id) \(said.evidence)",
      at: batch.createdAt)
  }

  private func check(_ batch: ImportBatch) async throws -> CheckedFile {
    let mapping = batch.options.mapping
    let known = try await runtime.file.read { db in try KnownFields.read(db) }
    let progress = runtime.importProgress
    let (file, runtime) = (runtime.file, runtime)
    let folder = runtime.spool
    let path = path(of: batch)
    let total = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64) ?? 0
    progress.begin(batch.id, .checking, total: total)
    let reading = try await runtime.importLane.check {
      CheckUnderWay(
        check: try ImportCheck(path: path, folder: folder, options: batch.options, mapping: mapping, known: known) {
          rejects in
          try file.writeNow(.replayable) { db in
            try batch.goOn(db)
            for reject in rejects { try Self.keep(db, reject, of: batch) }
          }
        })
    }
    while try await runtime.importLane.check({ try reading.check.readOn() }) {
      try runtime.leaveIfAsked()
      progress.set(batch.id, Int64(reading.check.bytesRead))
      try await file.read { db in try batch.goOn(db) }
    }
    return CheckedFile(reading.check)
  }

  private static func keep(_ db: Database, _ reject: ImportCheck.Rejected, of batch: ImportBatch) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO import_rejects (import_id, row_number, reason, detail, original) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """
    ).execute(arguments: [batch.id, reject.rowNumber, reject.reason, reject.detail, reject.original])
  }

  /// The checked file, let in.
  private func prepare(_ batch: ImportBatch) async throws -> (CheckedFile, ImportDifference) {
    var checked = try await check(batch)
    guard batch.state == .checking else { return (checked, batch.difference) }
    let reserved = try await reserve(checked, batch)
    if reserved.hasCounted {
      // Counting has used the sorted rows up: they leave the disk before they are sorted anew.
      checked.end()
      checked = try await check(batch)
    }
    return (checked, try await record(checked, of: batch, reserving: reserved.contacts))
  }

  private func record(
    _ check: CheckedFile, of batch: ImportBatch, reserving contacts: Int64
  ) async throws -> ImportDifference {
    let quotas = runtime.lease.quotas
    let now = runtime.dependencies.now()
    let (rows, rejected, fields, warnings) = (check.rows, check.rejected, check.newFields, check.warnings)
    let (widened, leftOut) = (check.widenedFields, check.fieldsLeftOut)
    return try await runtime.file.write { db in
      if batch.mode == .commit { try Self.refuseMore(db, quotas, adding: contacts) }
      var difference = ImportDifference()
      difference.warnings = warnings
      difference.note(widened: widened, leftOut: leftOut)
      for row in try Row.fetchAll(
        db.cachedStatement(sql: "SELECT reason, count(*) AS n FROM import_rejects WHERE import_id = ? GROUP BY reason"),
        arguments: [batch.id])
      {
        difference.rejected[row["reason"]] = row["n"]
      }
      if batch.mode == .commit {
        try ContactField.widen(db, widened)
        try ContactField.define(db, fields, at: now)
        if let name = batch.options.audience {
          try Audience.ensure(db, named: name, actor: "import:\(batch.id)", at: now)
        }
      }
      try db.execute(
        sql:
          "UPDATE import_batches SET state = 'applying', rows = ?, rejected = ?, difference = ?, reserved_contacts = ? WHERE id = ?",
        arguments: [rows, rejected, difference.json.serialized, contacts, batch.id])
      return difference
    }
  }

  private func apply(
    _ slice: ImportSlice, _ batch: ImportBatch, _ difference: ImportDifference, _ check: CheckedFile
  ) async throws -> (ImportDifference, took: Duration) {
    let now = runtime.dependencies.now()
    return try await runtime.file.write(.replayable) { db in
      // Without the wait for the lane: behind a busy neighbour slices would shrink until each row waits as long.
      let began = ContinuousClock.now
      try batch.goOn(db)
      var work = ImportApply(
        db, batch: batch, difference: difference,
        optOuts: ImportOptOuts(ofSlice: slice.optOuts, ofRejected: check.optOuts), at: now)
      try slice.withRows { try work.run($0) }
      var difference = work.difference
      for duplicate in slice.duplicates {
        try Self.keep(
          db,
          ImportCheck.Rejected(
            rowNumber: duplicate.rowNumber, reason: "duplicate",
            detail: "has the same number as row \(duplicate.firstRow)", original: try check.original(duplicate)),
          of: batch)
      }
      if slice.duplicateCount > 0 { difference.rejected["duplicate", default: 0] += Int64(slice.duplicateCount) }
      if slice.repeats > 0 { difference.noteRepeats() }
      try Self.advance(db, batch, work, slice, difference)
      return (difference, ContinuousClock.now - began)
    }
  }

  private static func advance(
    _ db: Database, _ batch: ImportBatch, _ work: ImportApply, _ slice: ImportSlice, _ difference: ImportDifference
  ) throws {
    try db.cachedStatement(
      sql: """
        UPDATE import_batches SET created = created + ?, updated = updated + ?, unchanged = unchanged + ?, opted_out = opted_out + ?,
        rejected = rejected + ?, cursor = max(cursor, ?), difference = ?, first_contact_id = ifnull(first_contact_id, ?),
        last_contact_id = ifnull(?, last_contact_id) WHERE id = ?
        """
    ).execute(arguments: [
      work.counts.created, work.counts.updated, work.counts.unchanged, work.counts.optedOut, slice.duplicateCount,
      slice.lastPhone, difference.json.serialized, work.firstContactID, work.lastContactID, batch.id,
    ])
  }
}

/// Its pieces are read one after the other.
private struct CheckUnderWay: @unchecked Sendable {
  let check: ImportCheck
}

/// A checked file between the import lane, which takes slices from it, and the writer, which reads originals of duplicates; one of them
/// at a time per piece: the slices only by the lane, `pread` by anybody.
final class CheckedFile: @unchecked Sendable {
  private let check: ImportCheck
  private var last = LastPhone()
  /// A slice that is not full yet.
  private var filling: ImportSlice?
  private var keptDuplicates = 0
  let rows: Int
  let rejected: Int
  let accepted: Int
  let newFields: [ContactField]
  let warnings: [String: Int64]
  let widenedFields: [String]
  let fieldsLeftOut: [String]
  let optOuts: [Int64: ImportSaid]

  init(_ check: ImportCheck) {
    optOuts = check.optOuts
    widenedFields = check.widenedFields
    fieldsLeftOut = check.fieldsLeftOut
    self.check = check
    rows = check.rowCount
    rejected = check.rejectCount
    accepted = check.rowCount - check.rejectCount
    newFields = check.newFields
    warnings = check.warnings
  }

  /// Nil when it has to be asked again.
  func slice(atMost limit: Int, behind cursor: Int64) throws -> ImportSlice? {
    var slice = filling ?? ImportSlice(reserving: limit)
    filling = nil
    let room = ImportCheck.mostRejects - rejected - keptDuplicates
    guard try check.rows.fill(&slice, atMost: limit, behind: cursor, last: &last, room: room) else {
      filling = slice
      return nil
    }
    keptDuplicates += slice.duplicates.count
    return slice
  }

  func end() { check.rows.end() }

  func original(_ duplicate: ImportSlice.Duplicate) throws -> String {
    try check.original(offset: duplicate.offset, length: duplicate.length)
  }
}
