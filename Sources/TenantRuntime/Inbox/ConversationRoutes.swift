import GRDB
import Hummingbird

enum ConversationRoutes {
  static let all: [Route<Runtime>] = [
    Route(
      .get, "conversations", needs: .readMessages, about: "Conversations, newest activity first", query: .inbox,
      answers: [.page(.conversationSummary)], list),
    Route(
      .post, "conversations", needs: .writeMessages, about: "Begin a conversation",
      body: .json([Documented("phone", .phone, required: true), Documented("number", .phone, required: true)]),
      answers: [.created(.conversation), .ok(.conversation)], create),
    Route(
      .get, "conversations/:id", needs: .readMessages, about: "One conversation", answers: [.ok(.conversation)], show),
    Route(
      .patch, "conversations/:id", needs: .writeMessages, about: "Close, open, assign, tag, or mark as read",
      body: .json(.ofConversationEdit), answers: [.ok(.conversation)], edit),
    Route(
      .get, "conversations/:id/messages", needs: .readMessages,
      about: "Messages of a conversation, the last page first",
      query: .page + [QueryField("before", Shape.id.about("The id of a message."))], answers: [.page(.message)],
      messages),
  ]

  /// A list that searches longer would keep a storage lane from other tenants.
  private static let mostMilliseconds = 1_000

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let query = try InboxQuery(call)
    if query.searches { try await ContactSearch.indexSome(call.subject) }
    return try await call.subject.file.read { db in
      let blocked = try ErasedNumbers.blocker(db)
      let found = try Deadline.run(db, milliseconds: mostMilliseconds) {
        try Row.fetchAll(db, sql: query.sql, arguments: query.arguments).map { row in
          (cursor: query.cursor(behind: row), json: try ConversationJSON.json(row, blocked))
        }
      }
      guard let rows = found else { throw Refusal.invalid("", "this takes too long; ask for less") }
      let shown = rows.prefix(query.limit)
      let next: JSON = rows.count > query.limit ? .optional(shown.last?.cursor) : .null
      return JSON.object([("data", .list(shown.map(\.json))), ("next_cursor", next)]).response()
    }
  }

  @Sendable private static func show(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "conversation")
    let caller = call.caller
    return try await call.subject.file.read { db in try ConversationJSON.whole(db, id, for: caller) }.response()
  }

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let phone = fields.phone("phone")
    if phone == nil, fields.hasNoErrors(about: "phone") { fields.fail("phone", "is required") }
    let number = fields.phone("number")
    if number == nil, fields.hasNoErrors(about: "number") { fields.fail("number", "is required") }
    try fields.finish()
    guard let phone, let number else { throw Refusal.invalid("phone, number", "are required") }
    let (isNew, json) = try await call.transact { change in
      let begun = try Conversation.begin(change, phone: phone, number: number)
      return (begun.isNew, try ConversationJSON.whole(change.db, begun.id, for: change.caller))
    }
    return json.response(status: isNew ? .created : .ok)
  }

  @Sendable private static func edit(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "conversation")
    var fields = try await call.fields()
    let edit = self.edit(&fields)
    try fields.finish()
    return try await call.transact { change in
      try Conversation.edit(change, id, edit)
      return try ConversationJSON.whole(change.db, id, for: change.caller)
    }.response()
  }

  private static func edit(_ fields: inout Fields) -> Conversation.Edit {
    var edit = Conversation.Edit()
    edit.state = fields.choice("state", Conversation.State.self)
    if fields.has("state"), edit.state == nil, fields.hasNoErrors(about: "state") {
      fields.fail("state", "must be open or closed")
    }
    if fields.has("assignee") {
      let name = fields.name("assignee", most: Conversation.longestAssignee)
      // The list's word for nobody.
      if name == "none" { fields.fail("assignee", "cannot be called none; null takes the assignee away") }
      edit.assignee = .some(name)
    }
    if fields.has("tags") {
      edit.tags = fields.names("tags", most: Conversation.mostTags, longest: Conversation.longestTag) ?? []
    }
    if fields.has("unread") {
      edit.isRead = fields.value("unread")?.int == 0
      if !edit.isRead { fields.fail("unread", "can only be set to 0") }
    }
    return edit
  }

  /// The last page first, each page oldest to newest; `next_cursor` (or `before=` with a message's id) goes further back.
  @Sendable private static func messages(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "conversation")
    let limit = try InboxQuery.limit(call.query("limit"))
    var before = Int64.max
    let cursor = Cursor(of: call)
    if let text = call.query("cursor") { before = try cursor.values(text, count: 1)[0] }
    if let text = call.query("before") {
      guard let value = Int64(text), value > 0 else { throw Refusal.invalid("before", "is not the id of a message") }
      before = min(before, value)
    }
    let end = before
    return try await call.subject.file.read { db in
      let one = try Conversation.find(db, id: id)
      let rows = try Row.fetchAll(
        db,
        sql:
          "\(MessageJSON.select) WHERE m.phone = ? AND m.number = ? AND m.id < ? ORDER BY m.id DESC LIMIT \(limit + 1)",
        arguments: [one.phone, one.number, end])
      let shown = rows.prefix(limit)
      let next: JSON = rows.count > limit ? .optional(shown.last.map { cursor.text([$0["id"]]) }) : .null
      return JSON.object([("data", .list(shown.reversed().map(MessageJSON.json))), ("next_cursor", next)])
    }.response()
  }
}
