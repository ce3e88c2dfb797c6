import GRDB

/// A text from a person.
package struct InboundText: Sendable, Equatable, Codable {
  package var sid: String
  package var from: PhoneNumber
  package var to: PhoneNumber
  package var body: String
  package var mediaCount: Int
  /// Set at the door, where keywords are judged: an opt-out holds from the moment the webhook is answered.
  package var revocation: Revocation?
  package var at: Moment
  package var raw: String

  package init(
    sid: String, from: PhoneNumber, to: PhoneNumber, body: String, mediaCount: Int, revocation: Revocation?, at: Moment,
    raw: String
  ) {
    self.sid = sid
    self.from = from
    self.to = to
    self.body = String(body.prefix(4000))
    self.mediaCount = mediaCount
    self.revocation = revocation
    self.at = at
    self.raw = raw
  }

  func apply(_ db: Database, _ effects: inout Effects) throws {
    try db.execute(
      sql: """
        INSERT INTO webhook_events (at, kind, sid, status, outcome, body) VALUES (?, 'inbound', ?, 'received', 'applied', ?)
        ON CONFLICT DO NOTHING
        """, arguments: [at, sid, raw])
    guard db.changesCount > 0 else { return }
    let answered = try SendJob.latestText(db, to: from, since: at.advanced(bySeconds: -7 * 86_400))
    try db.execute(
      sql: """
        INSERT INTO messages (direction, phone, number, body, media_count, sid, campaign_id, at) VALUES ('in', ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [from, to, body, mediaCount, sid, answered?.campaignID, at])
    let message = db.lastInsertedRowID
    try db.execute(
      sql: """
        INSERT INTO conversations (phone, number, unread, last_message_at) VALUES (?, ?, 1, ?)
        ON CONFLICT DO UPDATE SET state = 'open', unread = unread + 1, last_message_at = max(last_message_at, excluded.last_message_at)
        """,
      arguments: [from, to, at])
    try Event.append(
      db, .replied, at: at, phone: from, campaign: answered?.campaignID, job: answered?.id,
      data: ["message_id": .int(message)])
    if let answered { try Figures.add(db, answered, .replies, 1, at: at) }
    if let revocation { try Consent.apply(db, revocation, &effects) }
  }
}
