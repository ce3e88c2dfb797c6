import GRDB
import Glibc

/// One slice of an import against the tenant's contacts: first every row is decided (new, changed, the same), then, unless it is a dry
/// run, the decisions are written. Dry run and commit are one code; the figures cannot differ.
struct ImportApply {
  struct Counts: Sendable {
    var created: Int64 = 0
    var updated: Int64 = 0
    var unchanged: Int64 = 0
    var optedOut: Int64 = 0
  }

  private struct Change {
    var row: Int
    var phone: Int64
    var contactID: Int64
    /// Column name, value before, value after.
    var values: [(column: String, before: String?, after: String)]
    var fieldsBefore: String
    var fieldsAfter: String?
    var newTags: [String]
  }

  private let batch: ImportBatch
  private let db: Database
  private let at: Moment
  private let optOuts: ImportOptOuts
  private(set) var counts = Counts()
  private(set) var difference: ImportDifference
  private var fresh: [Int] = []
  private var changes: [Change] = []
  private var known: [(row: Int, contactID: Int64)] = []
  private var holds = ImportHolds()
  private var spellings: [String: String] = [:]
  private(set) var firstContactID: Int64?
  private(set) var lastContactID: Int64?

  init(
    _ db: Database, batch: ImportBatch, difference: ImportDifference, optOuts: ImportOptOuts, at: Moment
  ) {
    self.db = db
    self.optOuts = optOuts
    self.batch = batch
    self.difference = difference
    self.at = at
  }

  mutating func run(_ rows: [EncodedRow]) throws {
    try decide(rows)
    guard batch.mode == .commit else { return }
    try insert(rows)
    for change in changes { try update(change) }
    try holds.write(db, of: batch.id)
    try attest(rows)
    try tag(rows)
  }

  // MARK: Decide

  private mutating func decide(_ rows: [EncodedRow]) throws {
    var contacts = try PhoneWalk(
      db,
      """
      SELECT phone, id, first_name, last_name, email, time_zone, language, notes, fields FROM contacts
      WHERE phone >= ? ORDER BY phone
      """)
    var blocked = try PhoneWalk(db, "SELECT phone FROM do_not_contact WHERE phone >= ? ORDER BY phone")
    defer {
      contacts.end()
      blocked.end()
    }
    let erased = try ErasedNumbers.moments(db)
    for (index, row) in rows.enumerated() {
      let since = try PhoneNumber(digits: row.phone).flatMap(erased)
      if try blocked.find(row.phone) != nil || optOuts[row.phone]?.isReview == false
        || since != nil
      {
        counts.optedOut += 1
      }
      // Anyone who was forgotten while this file waited does not come back by it.
      if let since, since >= batch.createdAt {
        counts.unchanged += 1
        continue
      }
      guard let found = try contacts.find(row.phone) else {
        counts.created += 1
        fresh.append(index)
        continue
      }
      try compare(row, index, found)
    }
  }

  /// In the order of the statements' columns and of the slots.
  private static let slots: [(slot: EncodedRow.Slot, name: String)] = [
    (.firstName, "first_name"), (.lastName, "last_name"), (.email, "email"), (.timeZone, "time_zone"),
    (.language, "language"), (.notes, "notes"),
  ]

  private mutating func compare(_ row: EncodedRow, _ index: Int, _ found: RawStatement) throws {
    let id = found.int(1)
    var values: [(column: String, before: String?, after: String)] = []
    for rowIndex in 0..<Self.slots.count {
      let size = row.base.loadUnaligned(fromByteOffset: 24 + rowIndex * 2, as: UInt16.self)
      if size == 0 { continue }
      let (slot, name) = Self.slots[rowIndex]
      let new = row.bytes(slot)
      let old = found.bytes(Int32(rowIndex + 2))
      if Self.same(old, new) { continue }
      switch batch.options.conflict(of: name) {
      case .keep: continue
      case .fill where !old.isEmpty: continue
      case .fill, .overwrite: values.append((name, found.text(Int32(rowIndex + 2)), row.text(slot)))
      }
    }
    let old = found.bytes(8)
    let new = row.bytes(.fields)
    var after: String?
    if new.count > 2, !Self.same(old, new) {
      after = mergeFields(String(decoding: old, as: UTF8.self), row.text(.fields), &values)
    }
    let newTags = try missingTags(row, of: id)
    for tag in newTags { values.append(("tags", nil, tag)) }
    if values.isEmpty {
      counts.unchanged += 1
      holds.add(id)
    } else {
      counts.updated += 1
      difference.note(row: row.rowNumber, phone: PhoneNumber(digits: row.phone), changes: values)
      changes.append(
        Change(
          row: index, phone: row.phone, contactID: id, values: values,
          fieldsBefore: String(decoding: old, as: UTF8.self),
          fieldsAfter: after, newTags: newTags))
    }
    known.append((index, id))
  }

  private static func same(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard left.count == right.count else { return false }
    guard let one = left.baseAddress, let other = right.baseAddress else { return true }
    return memcmp(one, other, left.count) == 0
  }

  /// Nil when nothing changes under the rules.
  private func mergeFields(
    _ old: String, _ new: String, _ values: inout [(column: String, before: String?, after: String)]
  ) -> String? {
    var fields = ContactField.values(old)
    var changed = false
    for (name, value) in ContactField.values(new).sorted(by: { $0.key < $1.key })
    where fields[name] != value && !ContactField.isSame(fields[name], value) {
      switch batch.options.conflict(of: "field.\(name)") {
      case .keep: continue
      case .fill where fields[name] != nil: continue
      case .fill, .overwrite:
        values.append(("field.\(name)", fields[name], value))
        fields[name] = value
        changed = true
      }
    }
    return changed ? Contact.json(fields) : nil
  }

  private mutating func missingTags(_ row: EncodedRow, of contact: Int64) throws -> [String] {
    let wanted = batch.options.tags + row.tags
    if wanted.isEmpty { return [] }
    var missing: [String] = []
    for tag in try wanted.map({ try spelled($0) }) where !missing.contains(tag) {
      if try !Tag.isOn(db, contact, tag) { missing.append(tag) }
    }
    return missing
  }

  /// One spelling for all rows: that of the tag there is, else the first of the file. What is noted for an undo is what is stored.
  private mutating func spelled(_ tag: String) throws -> String {
    let folded = Tag.folded(tag)
    if let spelling = spellings[folded] { return spelling }
    let spelling = try Tag.spelled(db, tag)
    spellings[folded] = spelling
    return spelling
  }

  // MARK: Write

  /// Rows a statement: opening the table, its index and the id sequence costs as much as a row does.
  private static let together = 64

  private mutating func insert(_ rows: [EncodedRow]) throws {
    let whole = fresh.count - fresh.count % Self.together
    try insert(rows, fresh[..<whole], together: Self.together)
    try insert(rows, fresh[whole...], together: 1)
    try DayFigures.add(db, .people(.imported), Int64(fresh.count), at: batch.createdAt)
  }

  private mutating func insert(_ rows: [EncodedRow], _ indices: ArraySlice<Int>, together: Int) throws {
    if indices.isEmpty { return }
    let slots = EncodedRow.Slot.fields.rawValue + 1
    let statement = try RawStatement(
      db,
      """
      INSERT INTO contacts (phone, first_name, last_name, email, time_zone, language, notes, fields, import_id, created_at, updated_at)
      VALUES \(Self.values(together, own: slots + 1, shared: "?1, ?2, ?2", from: 3))
      """)
    let wantsID = !batch.options.tags.isEmpty
    statement.bind(1, batch.id)
    statement.bind(2, batch.createdAt.milliseconds)
    for start in stride(from: indices.startIndex, to: indices.endIndex, by: together) {
      var index: Int32 = 3
      for rowIndex in indices[start..<start + together] {
        let row = rows[rowIndex]
        statement.bind(index, row.phone)
        statement.bind(row.base, slots: slots, from: index + 1)
        index += Int32(slots + 1)
      }
      try statement.run()
      // One statement's ids follow each other.
      let last = statement.lastInsertedID
      let first = last - Int64(together) + 1
      firstContactID = firstContactID ?? first
      lastContactID = last
      for (offset, rowIndex) in indices[start..<start + together].enumerated()
      where wantsID || rows[rowIndex].size(.tags) > 0 {
        known.append((rowIndex, first + Int64(offset)))
      }
    }
  }

  /// `(?3, ?4, ?1), (?5, ?6, ?1), …`
  private static func values(_ rows: Int, own: Int, shared: String, from: Int) -> String {
    (0..<rows).map { row in
      "(" + (0..<own).map { "?\(from + row * own + $0), " }.joined() + shared + ")"
    }.joined(separator: ", ")
  }

  private func update(_ change: Change) throws {
    var before: [(String, JSON)] = []
    for (column, old, _) in change.values where column != "tags" && !column.hasPrefix("field.") {
      before.append((column, .optional(old)))
      // The names come from `slots`, never from the file.
      try db.cachedStatement(sql: "UPDATE contacts SET \(column) = ? WHERE id = ?")
        .execute(arguments: [change.values.first { $0.column == column }?.after, change.contactID])
      if column == "time_zone", let phone = PhoneNumber(digits: change.phone) {
        try SendJob.lookAgain(db, phone: phone, of: change.contactID, now: at)
      }
    }
    if let fields = change.fieldsAfter {
      before.append(("fields", .text(change.fieldsBefore)))
      try db.cachedStatement(sql: "UPDATE contacts SET fields = ? WHERE id = ?").execute(
        arguments: [fields, change.contactID])
    }
    if !change.newTags.isEmpty { before.append(("tags", .list(change.newTags.map(JSON.text)))) }
    let edited = try Moment.fetchOne(
      db.cachedStatement(sql: "SELECT updated_at FROM contacts WHERE id = ?"), arguments: [change.contactID])
    before.append(("updated_at", .int(edited?.milliseconds ?? 0)))
    try db.cachedStatement(sql: "UPDATE contacts SET updated_at = ? WHERE id = ?").execute(
      arguments: [batch.createdAt, change.contactID])
    try db.cachedStatement(
      sql: "INSERT INTO import_changes (import_id, contact_id, before) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
    ).execute(arguments: [batch.id, change.contactID, JSON.object(before).serialized])
  }

  /// A new contact's import is its first evidence. An attestation is written for everybody in the file, once. Who has opted out stays so:
  /// evidence of the past is no opt-in.
  private func attest(_ rows: [EncodedRow]) throws {
    try keepConsent(rows)
    let fresh =
      optOuts.isEmpty && rows.allSatisfy({ $0.size(.consent) == 0 }) ? fresh : fresh.filter { saysNothing(rows[$0]) }
    let whole = fresh.count - fresh.count % Self.together
    try attest(rows, fresh[..<whole], together: Self.together)
    try attest(rows, fresh[whole...], together: 1)
    guard batch.options.attestation != nil else { return }
    let new = Set(self.fresh)
    let others = known.map(\.row).filter { !new.contains($0) && saysNothing(rows[$0]) }
    try attest(rows, others[...], together: 1)
  }

  private func attest(_ rows: [EncodedRow], _ indices: ArraySlice<Int>, together: Int) throws {
    if indices.isEmpty { return }
    let statement = try RawStatement(
      db,
      """
      INSERT INTO consents (phone, no, at, action, method, import_id)
      VALUES \(Self.values(together, own: 1, shared: "1, ?1, 'grant', 'import', ?2", from: 3)) ON CONFLICT DO NOTHING
      """)
    let given = (batch.options.attestation?.at ?? batch.createdAt).milliseconds
    statement.bind(1, given)
    statement.bind(2, batch.id)
    for start in stride(from: indices.startIndex, to: indices.endIndex, by: together) {
      for (offset, rowIndex) in indices[start..<start + together].enumerated() {
        statement.bind(Int32(offset + 3), rows[rowIndex].phone)
      }
      guard try statement.run() < together else { continue }
      for rowIndex in indices[start..<start + together] { try attestAgain(rows[rowIndex].phone, given) }
    }
  }

  private func saysNothing(_ row: EncodedRow) -> Bool { row.size(.consent) == 0 && optOuts[row.phone] == nil }

  /// A consent that the file itself names, with its date where it has one, in its words; the same one again is no news.
  private func keepConsent(_ rows: [EncodedRow]) throws {
    for row in rows where row.size(.consent) > 11 && optOuts[row.phone] == nil {
      let text = row.text(.consent).dropFirst()
      let given = Moment(iso8601: text.prefix(10) + "T12:00:00Z").map { min($0, batch.createdAt) }
      try db.cachedStatement(
        sql: """
          INSERT INTO consents (phone, no, at, action, method, evidence, import_id)
          SELECT ?1, (SELECT ifnull(max(no), 0) + 1 FROM consents WHERE phone = ?1), ?2, 'grant', 'import', ?3, ?4
          WHERE NOT EXISTS (SELECT 1 FROM consents WHERE phone = ?1 AND action = 'grant' AND method = 'import' AND evidence = ?3
            AND (at / 86400000 = ?2 / 86400000 OR ?5))
          """
      ).execute(arguments: [
        row.phone, given ?? batch.options.attestation?.at ?? batch.createdAt, String(text.dropFirst(10)), batch.id,
        given == nil,
      ])
    }
  }

  private func attestAgain(_ phone: Int64, _ given: Int64) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO consents (phone, no, at, action, method, import_id)
        SELECT ?1, (SELECT max(no) + 1 FROM consents WHERE phone = ?1), ?2, 'grant', 'import', ?3 WHERE NOT EXISTS (
          SELECT 1 FROM consents o JOIN import_batches b ON b.id = o.import_id JOIN import_batches n ON n.id = ?3
          WHERE o.phone = ?1 AND o.at / 86400000 = ?2 / 86400000 AND b.consent_source IS n.consent_source AND b.consent_wording IS n.consent_wording)
        """
    ).execute(arguments: [phone, given, batch.id])
  }

  private mutating func tag(_ rows: [EncodedRow]) throws {
    if batch.options.tags.isEmpty, known.allSatisfy({ rows[$0.row].size(.tags) == 0 }) { return }
    let statement = try RawStatement(
      db, "INSERT INTO contact_tags (tag_id, contact_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
    var ids: [String: Int64] = [:]
    for (index, contact) in known {
      for name in batch.options.tags + rows[index].tags {
        let id = try ids[name] ?? Tag.id(db, spelled(name))
        ids[name] = id
        statement.bind(1, id)
        statement.bind(2, contact)
        try statement.run()
      }
    }
  }
}
