import GRDB
import Hummingbird

enum MessageRoutes {
  static let all: [Route<Runtime>] = [
    Route(
      .get, "messages", needs: .readMessages, about: "Messages, oldest first",
      query: .followedPage + [
        QueryField("phone", .phone), QueryField("conversation", .id), QueryField("direction", .choice(Direction.self)),
      ], answers: [.page(.message)], list),
    Route(
      .get, "campaigns/:id/replies", needs: .readMessages, about: "What people answered to a campaign", query: .page,
      answers: [.page(.message)], replies),
  ]

  private enum Direction: String, CaseIterable { case `in`, out }

  /// Oldest first; `phone=`, `conversation=`, `direction=in|out`, all that are given must hold.
  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    var source = "messages m"
    var conditions = ["m.id > ?"]
    var arguments: StatementArguments = [page.after]
    if let text = call.query("phone") {
      conditions.append("m.phone = ?")
      arguments += [try InboxQuery.phone(text, "phone")]
    }
    if let text = call.query("conversation") {
      guard let id = Int64(text), id > 0 else {
        throw Refusal.invalid("conversation", "is not the id of a conversation")
      }
      let one = try await call.subject.file.read { db in try Conversation.find(db, id: id) }
      conditions.append("m.phone = ? AND m.number = ?")
      arguments += [one.phone, one.number]
    }
    if let text = call.query("direction") {
      guard let direction = Direction(rawValue: text) else { throw Refusal.invalid("direction", "must be in or out") }
      conditions.append("m.direction = '\(direction.rawValue)'")
      // Otherwise answers are looked for among a campaign's million texts.
      if direction == .in, call.query("phone") == nil, call.query("conversation") == nil {
        source = "messages m INDEXED BY messages_written"
        conditions.append("(m.direction = 'in' OR m.campaign_id IS NULL)")
      }
    }
    return try await call.subject.file.page(
      page, "\(MessageJSON.select(from: source)) WHERE \(conditions.joined(separator: " AND ")) ORDER BY m.id",
      arguments, MessageJSON.json)
  }

  /// What people answered to a campaign: an inbound text within seven days is tied to the last text its sender got.
  @Sendable private static func replies(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    let page = try PageRequest(call)
    _ = try await call.subject.file.read { db in try Campaign.find(db, id: id) }
    return try await call.subject.file.page(
      page, "\(MessageJSON.select) WHERE m.direction = 'in' AND m.campaign_id = ? AND m.id > ? ORDER BY m.id",
      [id, page.after], MessageJSON.json)
  }
}
