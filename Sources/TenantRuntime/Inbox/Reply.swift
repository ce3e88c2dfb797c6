import GRDB
import Hummingbird

/// A text from the team to one person, from the number they wrote to: through the ledger, ahead of campaigns, never around
/// do-not-contact. The message stands in the conversation at once, `queued`; its job shows the rest.
enum Reply {
  static let routes: [Route<Runtime>] = [
    Route(
      .post, "conversations/:id/messages", needs: .writeMessages, about: "Reply",
      body: .json([
        Documented("body", Shape.text(most: longest, example: "See you at 5").orNull),
        Documented("canned_id", Shape.id.orNull),
      ]), answers: [.accepted(.message)], create)
  ]

  private static let longest = 1600
  /// Replies of one conversation that wait to go out: more is a program gone wild.
  private static let mostWaiting = 20

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "conversation")
    var fields = try await call.fields()
    let body = fields.body("body", most: longest)
    let canned = fields.int("canned_id", in: 1...Int64.max)
    let isBlank = body?.allSatisfy(\.isWhitespace) ?? true
    if canned == nil, isBlank, fields.hasNoErrors(about: "body"), fields.hasNoErrors(about: "canned_id") {
      fields.fail("body", "is required, or canned_id")
    }
    if canned != nil, body != nil { fields.fail("canned_id", "stands instead of body; send one of the two") }
    try fields.finish()
    return try await call.answer(.accepted) { change in
      let message = try write(change, id, body: body, canned: canned)
      return try MessageJSON.find(change.db, message) ?? .null
    }
  }

  /// Plans the text; answers its message.
  private static func write(_ change: Transaction, _ id: Int64, body: String?, canned: Int64?) throws -> Int64 {
    let db = change.db
    let conversation = try Conversation.find(db, id: id)
    if conversation.phone.isSender {
      throw Refusal.conflict("This sender is a short code or a name, and cannot be answered.")
    }
    try refuseOptedOut(db, conversation.phone, change.gate)
    try refuseTooMany(db, conversation)
    let text = try canned.map { try CannedReply.body(db, id: $0) } ?? body ?? ""
    let rendered = try render(db, text, to: conversation.phone, field: canned == nil ? "body" : "canned_id")
    let message = try plan(db, conversation, rendered, at: change.now)
    try change.audit("conversation.reply", "conversation:\(id)", after: "message:\(message)")
    change.effects.hasTexts = true
    change.effects.inbox = true
    return message
  }

  /// The claim would skip it; who writes should know at once. Memory knows opt-outs that the file has yet to apply.
  private static func refuseOptedOut(_ db: Database, _ phone: PhoneNumber, _ gate: SendGate) throws {
    let isErased = try ErasedNumbers.blocker(db)
    guard try gate.isHeld(phone) || Consent.isBlocked(db, phone) || isErased(phone) else { return }
    throw Refusal.conflict(
      "\(phone) has opted out and may not be texted. They can come back by texting START to your number.")
  }

  private static func refuseTooMany(_ db: Database, _ conversation: Conversation) throws {
    guard try Conversation.sends(db, from: conversation.number) else {
      throw Refusal.conflict("This tenant no longer texts from \(conversation.number).")
    }
    let waiting =
      try Int.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT count(*) FROM (SELECT 1 FROM send_jobs WHERE phone = ? AND state = 'queued' AND campaign_id IS NULL LIMIT ?)
            """), arguments: [conversation.phone, mostWaiting]) ?? 0
    if waiting >= mostWaiting { throw Refusal.tooMany(retryAfterSeconds: 30) }
  }

  /// Merge fields from the contact; links stay as they are.
  private static func render(_ db: Database, _ text: String, to phone: PhoneNumber, field: String) throws -> String {
    if let problem = MessageTemplate.problem(text, known: Set(try ContactField.all(db).keys)) {
      throw Refusal.invalid(field, problem)
    }
    let template = try MessageTemplate(text)
    if template.hasUnsubscribeLink { throw Refusal.invalid(field, CannedReply.noUnsubscribeLink) }
    let nobody = Row(["first_name": nil, "last_name": nil, "email": nil, "fields": "{}"])
    let contact =
      try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM contacts WHERE phone = ?"), arguments: [phone]) ?? nobody
    let missing = template.missing(contact: contact, phone: phone)
    guard missing.isEmpty else {
      let names = missing.map { "{{\($0)}}" }.joined(separator: ", ")
      throw Refusal.invalid(
        field, "this person has no value for \(names); write {{\(missing[0])|a default}} or fill it in")
    }
    guard
      let body = template.render(
        contact: contact, phone: phone, link: { template.address($0, host: nil, token: { "" }) })
    else {
      throw Refusal.invalid(field, "must come out as 1 to \(longest) characters for this person")
    }
    let segments = SegmentCount(body).segments
    guard segments <= Claim.mostSegments else {
      throw Refusal.invalid(field, "makes \(segments) segments; at most \(Claim.mostSegments) are sent")
    }
    return body
  }

  /// Writes job and message, and puts it at the end of the conversation.
  private static func plan(_ db: Database, _ conversation: Conversation, _ body: String, at: Moment) throws -> Int64 {
    let message = try DirectText.plan(db, .reply, to: conversation.phone, from: conversation.number, at: at) { _ in body
    }.message
    try conversation.wrote(db, message: message, at: at)
    return message
  }
}
