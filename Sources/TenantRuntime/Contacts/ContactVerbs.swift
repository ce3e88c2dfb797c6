import GRDB

/// What people do to a contact. Each is one transaction with its audit row; what a person has said holds for their new number before the answer.
extension Contact {
  /// A contact as a verb leaves it.
  struct Changed: Sendable {
    let id: Int64

    func json(_ db: Database) throws -> JSON {
      try ContactJSON.json(try ContactJSON.find(db, id), try ContactField.all(db), try ErasedNumbers.blocker(db))
    }
  }

  static func create(
    _ change: Transaction, phone: PhoneNumber, _ edit: Edit, defining fields: [ContactField]
  ) throws -> Changed {
    let db = change.db
    if try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM contacts WHERE phone = ?)"), arguments: [phone]) == true
    {
      throw Refusal.conflict("A contact with \(phone) exists already.")
    }
    try change.refuseMoreContacts()
    try change.refuseMoreStorage()
    try ContactField.define(db, fields, at: change.now)
    let id = try upsert(db, phone: phone, Values(), importID: nil, at: change.now).id
    _ = try edit.apply(db, to: id, at: change.now, &change.effects)
    return try changed(change, id, "contact.create", edit)
  }

  static func edit(
    _ change: Transaction, _ id: Int64, _ edit: Edit, defining fields: [ContactField]
  ) throws -> Changed {
    try ContactField.define(change.db, fields, at: change.now)
    _ = try edit.apply(change.db, to: id, at: change.now, &change.effects)
    return try changed(change, id, "contact.edit", edit)
  }

  static func merge(_ change: Transaction, _ other: Int64, into id: Int64) throws -> Changed {
    try ContactMerge.merge(change.db, other, into: id, at: change.now, &change.effects)
    try change.audit("contact.merge", "contact:\(id)", before: "contact:\(other)", after: "contact:\(id)")
    change.effects.logsBeforeAnswer = true
    return Changed(id: id)
  }

  /// An opt-out stays.
  static func delete(_ change: Transaction, _ id: Int64) throws {
    _ = try ContactJSON.find(change.db, id)
    try delete(change.db, id: id, as: .deleted, at: change.now)
    try change.audit("contact.delete", "contact:\(id)")
  }

  static func defineField(_ change: Transaction, _ field: ContactField) throws {
    guard try ContactField.all(change.db)[field.name] == nil else {
      throw Refusal.conflict("There is a field \(field.name) already; a field keeps its type.")
    }
    try ContactField.define(change.db, [field], at: change.now)
    try change.audit("contact_field.define", "field:\(field.name)", after: field.kind.rawValue)
  }

  /// Which members were set, and not to what: that is the person's, and goes with them.
  private static func changed(
    _ change: Transaction, _ id: Int64, _ action: String, _ edit: Edit
  ) throws -> Changed {
    try change.audit(
      action, "contact:\(id)", after: JSON.object([("set", .list(edit.names.map(JSON.text)))]).serialized)
    change.effects.logsBeforeAnswer = true
    return Changed(id: id)
  }
}

extension ContactErasure {
  /// Forgets a person: first in the one log, so that no text begins while the traces go; then in what it keeps of their words; then in the file.
  /// As long as the contact is there, this can be asked for again.
  /// - Parameter longestWait: for the part that no index leads to.
  static func erase(
    _ runtime: Runtime, _ caller: Caller, _ id: Int64, reason: String, longestWait: Duration = ErasureRest.longestWait
  ) async throws -> Kept {
    for _ in 0..<3 {
      guard let kept = try await eraseOnce(runtime, caller, id, reason: reason) else { continue }
      await ErasureRest.finish(runtime, within: longestWait)
      return kept
    }
    throw Refusal.conflict("The contact was given another number meanwhile; ask again.")
  }

  /// Nil: they have got another number meanwhile.
  private static func eraseOnce(
    _ runtime: Runtime, _ caller: Caller, _ id: Int64, reason: String
  ) async throws -> Kept? {
    let numbers = try await runtime.file.read { db in
      try PersonNumber.all(db, contact: id, phone: try ContactJSON.find(db, id)["phone"])
    }
    let at = runtime.dependencies.now()
    try await runtime.dependencies.revocations.append(
      numbers.filter { !$0.isAnothers }.map { number in
        Revocation(
          id: event(contact: id, random: runtime.dependencies.random()), phone: number.phone, action: .optOut,
          method: method, evidence: reason, actor: caller.name, address: caller.address, at: at)
      }, tenant: runtime.lease.tenant)
    try await runtime.dependencies.revocations.forgetWords(of: numbers, tenant: runtime.lease.tenant)
    return try await runtime.transact(caller) { change in
      // One they got meanwhile would be forgotten here, and textable again in a file that is put back.
      let now = try PersonNumber.all(
        change.db, contact: id, phone: try ContactJSON.find(change.db, id)["phone"])
      guard Set(now.map(\.phone)).isSubset(of: numbers.map(\.phone)) else { return nil }
      let kept = try erase(change.db, contact: id, at: at)
      try change.audit("contact.erase", "contact:\(id)", after: kept.rawValue)
      let uploads = try uploads(change.db)
      change.then { runtime in for upload in uploads { runtime.removeUpload(upload) } }
      change.effects.wakes.formUnion([.searching, .erasing, .deliveries])
      return kept
    }
  }
}
