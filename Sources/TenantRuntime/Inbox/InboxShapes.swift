extension Shape {
  static let message = named(
    "Message",
    object([
      "id": id, "direction": choice(["in", "out"]), "phone": phone.orNull, "sender": text(example: "72345").orNull,
      "reaction": bool, "number": phone, "body": text(example: "See you at 5"), "segments": count,
      "media_count": count,
      "media": list(
        object([
          "position": count, "content_type": text(example: "image/jpeg"),
          "state": choice(["recorded", "fetched", "failed"]), "bytes": count.orNull, "failure": text.orNull,
        ])), "sid": text(example: "SM0123").orNull, "campaign_id": id.orNull, "conversation_id": id.orNull,
      "kind": choice(["campaign", "reply", "test", "auto"]).orNull,
      "state": choice(["received"] + SendJob.State.allCases.map(\.rawValue)).orNull,
      "reason": text(example: "opted_out").orNull, "cost_micros": count.orNull, "at": moment,
    ]))

  private static func conversation(_ contact: Shape) -> [(String, Shape)] {
    [
      ("id", id), ("phone", phone.orNull), ("sender", text(example: "72345").orNull), ("can_be_answered", bool),
      ("number", phone), ("state", choice(Conversation.State.self)), ("unread", count),
      ("assignee", text(example: "Sam").orNull), ("tags", list(text(example: "urgent"))), ("contact", contact.orNull),
      ("do_not_contact", bool),
      (
        "last_message",
        object([
          "id": id, "direction": choice(["in", "out"]), "preview": text(example: "See you at 5"),
          "media_count": count,
        ]).orNull
      ), ("last_message_at", moment), ("created_at", moment),
    ]
  }

  static let conversationSummary = named(
    "ConversationSummary",
    object(
      conversation(
        object([
          "id": id, "first_name": text(example: "Ada").orNull, "last_name": text(example: "Lovelace").orNull,
        ])), optional: []))

  static let conversation = named(
    "Conversation",
    object(
      conversation(contact) + [
        ("opt_out", object(["reason": text(example: "keyword"), "source": text, "since": moment]).orNull)
      ], optional: []))

  static let cannedReply = named(
    "CannedReply",
    object([
      "id": id, "name": text(example: "Opening hours"), "body": text(example: "We open at 9."),
      "created_at": moment, "updated_at": moment,
    ]))
}

extension [QueryField] {
  static let inbox: [QueryField] =
    page + [
      QueryField("state", .choice(Conversation.State.self)),
      QueryField("assignee", Shape.text(most: 200, example: "Sam").about("`none`: nobody's.")),
      QueryField("unread", .choice(["true", "false"])), QueryField("tag", .text(most: 60, example: "urgent")),
      QueryField("number", .phone),
      QueryField("q", Shape.text(most: 100, example: "ada").about("A part of the number, a name, or words.")),
    ]
}

extension [any DeclaredField] {
  static let ofConversationEdit: [any DeclaredField] = [
    Documented("state", .choice(Conversation.State.self)),
    Documented("assignee", Shape.text(most: Conversation.longestAssignee, example: "Sam").orNull),
    Documented(
      "tags", Shape.list(.text(most: Conversation.longestTag, example: "urgent"), most: Conversation.mostTags).orNull),
    Documented("unread", Shape(["const": 0], example: 0).about("Marks it as read.")),
  ]
}
