import GRDB

/// A text from a person.
package struct InboundText: Sendable, Equatable, Codable {
  package var sid: String
  package var from: PhoneNumber
  package var to: PhoneNumber
  package var body: String
  package var mediaCount: Int
  package var reading: InboundReading
  package var at: Moment
  package var raw: String
  /// A short code or a word that wrote; `from` is no number then.
  package var sender: String?

  package init(
    sid: String, from: PhoneNumber, to: PhoneNumber, body: String, mediaCount: Int, reading: InboundReading, at: Moment,
    raw: String, sender: String? = nil
  ) {
    self.sid = sid
    self.from = from
    self.to = to
    self.body = TextCleaner.body(String(body.unicodeScalars.prefix(4000)))
    self.mediaCount = mediaCount
    self.reading = reading
    self.at = at
    self.raw = raw
    self.sender = sender.map { String($0.unicodeScalars.prefix(64)) }
  }

  package var revocation: Revocation? { reading.revocation(from, sid: sid, evidence: body, at: at) }

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
    effects.hasMedia = try MessageMedia.record(db, message: message, form: raw) || effects.hasMedia
    try Conversation.received(db, from: from, sender: sender, to: to, message: message, at: at)
    effects.inbox = true
    if sender != nil { return }
    try BadNumber.clear(db, from)
    try Event.append(
      db, .replied, at: at, phone: from, campaign: answered?.campaignID, job: answered?.id,
      data: ["message_id": .int(message)])
    if let answered { try Figures.add(db, answered, .replies, 1, at: at) }
    var reading = reading
    // The webhook handler of a file that was closed since the start knows the standard words alone.
    if reading.intent == nil {
      let settings = try TenantSettings.read(db)
      if settings.keywords != .standard {
        reading = InboundReading(
          body: body, optOutType: nil, words: settings.keywords, languages: Set(settings.languages))
      }
    }
    if let revocation = reading.revocation(from, sid: sid, evidence: body, at: at) {
      try Consent.apply(db, revocation, message: message, &effects)
      if revocation.action != self.revocation?.action { try effects.log(db, revocation) }
    }
    if reading.intent == .help, !reading.isAnswered, try AutoAnswer.help(db, to: from, from: to, at: at) {
      effects.hasTexts = true
    }
  }
}
