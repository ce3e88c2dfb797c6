import GRDB
import HummingbirdCore

/// The inbox: conversations, one of them with its texts, and who it is with. On a phone one of the three.
struct InboxPage: Page {
  static let template = "inbox"

  struct Tab: Sendable {
    let name: String
    let path: String
    let isHere: Bool
  }

  struct Talk: Sendable {
    let path: String
    let name: String
    let initials: String
    let hue: String
    let when: String
    let what: String
    let unread: String?
    let isUnread: Bool
    let isHere: Bool
    let isReview: Bool
    let isOptedOut: Bool
  }

  let title: String
  let tabs: [Tab]
  let talks: [Talk]
  let hasTalks: Bool
  let isEmpty: Bool
  let older: String?
  let words: String
  let mayWrite: Bool
  let query: String
  /// The conversation that is open; nil: none is.
  let thread: InboxThread?
  let isOne: Bool
  let stopped: [StopNotice]

  var isBare: Bool { true }
  var isFinal: Bool { !words.isEmpty && thread == nil }
  /// A search is not made anew with each text that comes.
  var still: Set<String> { words.isEmpty ? [] : ["talks"] }

  @Sendable static func list(_ visit: Visit<Runtime>) async throws -> any Page { try await make(visit, open: nil) }

  @Sendable static func conversation(_ visit: Visit<Runtime>) async throws -> any Page {
    try await make(visit, open: try visit.id(of: "conversation"))
  }

  private static let mostMilliseconds = 1_000

  private static func make(_ visit: Visit<Runtime>, open id: Int64?) async throws -> any Page {
    let (call, words) = (visit.call, visit.words)
    let base = "/t/\(call.subject.lease.tenant)/inbox"
    let query = try InboxQuery(call, shown: 40, mine: visit.call.caller.signIn?.email)
    let isStill = visit.isPart && query.searches
    if query.searches, !isStill { try await ContactSearch.indexSome(call.subject) }
    let kept = FormBody.encoded(
      call.request.queryForm.filter { ["of", "q", "state"].contains($0.name) && !$0.value.isEmpty })
    let suffix = kept.isEmpty ? "" : "?" + kept
    return try await call.subject.file.read { db in
      let blocked = try ErasedNumbers.blocker(db)
      let found = try Deadline.run(db, milliseconds: mostMilliseconds) {
        try isStill ? [] : Row.fetchAll(db, sql: query.sql, arguments: query.arguments)
      }
      guard let rows = found else { throw Refusal.invalid("q", "takes too long to find; ask for less") }
      let reviews = try PhoneNumber.fetchSet(
        db.cachedStatement(sql: "SELECT phone FROM opt_out_reviews WHERE decided_at IS NULL LIMIT 10000"))
      let talks = try rows.prefix(query.limit).map { row in
        try talk(row, base, suffix, words, open: id, isReview: reviews.contains(row["phone"]), blocked)
      }
      let of = visit.query("of")
      return InboxPage(
        title: words("Inbox"),
        tabs: [("", "Open"), ("mine", "Mine"), ("nobody", "Nobody’s"), ("closed", "Closed")].map { value, name in
          Tab(name: words(name), path: value.isEmpty ? base : "\(base)?of=\(value)", isHere: (of ?? "") == value)
        }, talks: talks, hasTalks: !talks.isEmpty, isEmpty: talks.isEmpty && kept.isEmpty,
        older: rows.count > query.limit
          ? rows.prefix(query.limit).last.map { older(call, query.cursor(behind: $0)) } : nil,
        words: visit.query("q") ?? "", mayWrite: visit.may(.writeMessages), query: suffix,
        thread: try id.map { try InboxThread(db, $0, visit) }, isOne: id == nil,
        stopped: visit.may(.writeMessages) ? StopNotice.all(try KillSwitch.thrown(db), visit) : [])
    }
  }

  /// A cursor is of this address and its filters alone.
  private static func older(_ call: Call<Runtime>, _ cursor: String) -> String {
    let kept = call.request.queryForm.filter { !Cursor.passing.contains($0.name) && !$0.value.isEmpty }
    return call.request.uri.path + "?" + FormBody.encoded(kept + [(name: "cursor", value: cursor)])
  }

  private static func talk(
    _ row: Row, _ base: String, _ suffix: String, _ words: Words, open: Int64?, isReview: Bool,
    _ isBlocked: (PhoneNumber) throws -> Bool
  ) throws -> Talk {
    let (id, phone): (Int64, PhoneNumber) = (row["id"], row["phone"])
    let name = PersonName(row["first_name"], row["last_name"], phone: (row["sender"] as String?) ?? words.phone(phone))
    let unread: Int64 = row["unread"]
    let text = (row["preview"] as String?) ?? ""
    let media: Int64 = row["last_media"] ?? 0
    let shown = text.trimmed.isEmpty && media > 0 ? words("Picture") : text
    let isOurs = (row["last_direction"] as String?) == "out"
    return Talk(
      path: "\(base)/\(id)\(suffix)", name: name.text, initials: name.initials, hue: name.hue,
      when: words.short(row["last_message_at"]), what: isOurs ? words("You: {0}", shown) : shown,
      unread: unread > 0 ? words.number(unread) : nil, isUnread: unread > 0, isHere: id == open, isReview: isReview,
      isOptedOut: try (row["do_not_contact"] as Bool) || isBlocked(phone))
  }
}
