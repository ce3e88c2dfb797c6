import GRDB

/// One line of what happened between the tenant and a person.
struct Happening: Sendable {
  let kind: String
  let sentence: String
  let detail: String?
  let link: PageLink?
  let at: String
  let isText: Bool
  let isStop: Bool
  let isTalk: Bool
  let isOther: Bool

  /// Names of the campaigns in a list of events.
  static func campaigns(_ db: Database, _ events: [JSON]) throws -> [Int64: String] {
    let ids = Set(events.compactMap { $0["campaign_id"]?.int })
    guard !ids.isEmpty else { return [:] }
    let rows = try Row.fetchAll(
      db, sql: "SELECT id, name FROM campaigns WHERE id IN (\(ids.map(String.init).joined(separator: ",")))")
    return Dictionary(uniqueKeysWithValues: rows.map { ($0["id"] as Int64, $0["name"] as String) })
  }

  init(_ event: JSON, _ campaigns: [Int64: String], _ visit: Visit<Runtime>) {
    let words = visit.words
    let type = event["type"]?.text ?? ""
    let reason = event["reason"]?.text ?? event["detail"]?.text
    kind = type
    sentence = Self.sentence(type, event, words)
    switch type {
    case "opted_out", "opted_in": detail = event["method"]?.text.map { words("By {0}", words.method($0)) }
    case "failed", "undelivered":
      detail = (event["code"]?.int ?? event["error_code"]?.int).map { words.name("error_\($0)") }
    case "opt_out_review": detail = words("Campaigns leave them out until somebody decides")
    case "merged": detail = event["other"]?.text
    default: detail = reason.map { words.name($0) }
    }
    link = event["campaign_id"]?.int.flatMap { id in
      campaigns[id].map { PageLink(name: $0, path: "\(visit.base)/campaigns/\(id)") }
    }
    at = (event["at"]?.text).flatMap { Moment(iso8601: $0) }.map { words.time($0) } ?? ""
    isText = ["sent", "delivered", "clicked"].contains(type)
    isStop = ["undelivered", "failed", "skipped", "opted_out", "unknown", "cancelled"].contains(type)
    isTalk = ["replied", "opt_out_review"].contains(type)
    isOther = !isText && !isStop && !isTalk
  }

  /// How it began.
  init(bornAt at: Moment, byImport id: Int64?, _ visit: Visit<Runtime>) {
    let words = visit.words
    kind = "created"
    sentence = id == nil ? words("Became a contact") : words("Came with an import")
    detail = nil
    link = id.map { PageLink(name: words("Import {0}", String($0)), path: "\(visit.base)/imports/\($0)") }
    self.at = words.time(at)
    (isText, isStop, isTalk, isOther) = (false, false, false, true)
  }

  private static func sentence(_ type: String, _ event: JSON, _ words: Words) -> String {
    switch type {
    case "sent": words("A text left")
    case "delivered": words("A text arrived")
    case "undelivered": words("A text did not arrive")
    case "failed": words("A text failed")
    case "skipped": words("Not texted")
    case "deferred": words("A text waits")
    case "unknown": words("A text whose fate is unknown")
    case "cancelled": words("A text was cancelled")
    case "clicked": words("Opened a link")
    case "click_withdrawn": words("A click was found to be a machine’s")
    case "replied": words("Wrote to you")
    case "merged": words("Merged with another contact")
    case "opted_out": words("Opted out")
    case "opted_in": words("Opted in")
    case "opt_out_review": words("Wrote something that reads as an opt-out")
    default: words.name(type)
    }
  }
}
