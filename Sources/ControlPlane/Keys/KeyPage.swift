package import TenantRuntime

/// A page of keys, newest first: the cursor is when the last one was made, and which it is.
package struct KeyPage: Sendable {
  let limit: Int
  let before: Moment
  let after: String

  package init<Subject>(_ call: Call<Subject>) throws {
    limit = call.query("limit").flatMap(Int.init) ?? 100
    guard let cursor = call.query("cursor") else {
      (before, after) = (.end, "")
      return
    }
    let parts = cursor.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let at = Int64(parts[0]), at >= 0, parts[1].wholeMatch(of: /[0-9a-f]{1,40}/) != nil else {
      throw Refusal.invalid("cursor", "is not a cursor of this list")
    }
    (before, after) = (Moment(milliseconds: at), String(parts[1]))
  }

  package static let all = KeyPage(limit: 1_000)

  private init(limit: Int) { (self.limit, before, after) = (limit, .end, "") }

  /// One more row was fetched than is shown.
  func answer(_ rows: [APIKeyRecord], at now: Moment) -> JSON {
    let shown = rows.prefix(limit)
    let next = rows.count > limit ? shown.last.map { "\($0.createdAt.milliseconds)-\($0.key.id)" } : nil
    return ["data": .list(shown.map { $0.json(at: now) }), "next_cursor": .optional(next)]
  }
}
