import GRDB

/// Two records of one person become one: what the one that stays lacks comes from the other, tags and notes come together, and what was
/// sent to either number stays in the history. The other number's opt-out, if there is one, holds for the one that stays.
enum ContactMerge {
  static func merge(_ db: Database, _ other: Int64, into id: Int64, at: Moment, _ effects: inout Effects) throws {
    guard other != id else { throw Refusal.invalid("other_id", "is the same contact") }
    let kept = try ContactJSON.find(db, id)
    let gone = try ContactJSON.find(db, other)
    var edit = Contact.Edit()
    for column in Contact.Edit.Column.allCases where column != .notes {
      if (kept[column.rawValue] as String?) == nil, let value = gone[column.rawValue] as String? {
        edit.columns.append((column, value))
      }
    }
    let notes = [kept["notes"] as String?, gone["notes"] as String?].compactMap { $0 }.joined(separator: "\n")
    if !notes.isEmpty { edit.columns.append((.notes, String(notes.unicodeScalars.prefix(5000)))) }
    let own = ContactField.values(kept["fields"])
    edit.fields = ContactField.values(gone["fields"]).filter { own[$0.key] == nil }.map { ($0.key, $0.value) }
    edit.tags = try Contact.tags(db, of: id) + Contact.tags(db, of: other)
    let phone: PhoneNumber = kept["phone"]
    let otherPhone: PhoneNumber = gone["phone"]
    try db.execute(
      sql: "UPDATE send_jobs SET contact_id = ?3 WHERE id IN (\(SendJob.idsOfPhone)) AND contact_id = ?2",
      arguments: [otherPhone, other, id])
    try Contact.delete(db, id: other, as: .merged, at: at)
    try PersonNumber.inherit(db, from: other, to: id)
    try PersonNumber.leave(db, otherPhone, contact: id, at: at)
    // An import that is taken back finds nobody there; what it would have put back is of this person.
    try db.execute(
      sql: """
        UPDATE import_changes SET before = '{}' WHERE import_id IN (SELECT id FROM import_batches) AND contact_id = ?
        """, arguments: [other])
    _ = try edit.apply(db, to: id, at: at, &effects)
    // A person's doing, also where nothing came over: an undo of an import keeps this contact, who is now both.
    try db.execute(sql: "UPDATE contacts SET updated_at = ? WHERE id = ?", arguments: [at, id])
    try Consent.carryOver(db, from: otherPhone, to: phone, method: "merge", at: at, &effects)
    try Event.append(db, .merged, at: at, phone: phone, data: ["other": .phone(otherPhone)])
  }
}
