import GRDB

/// Who is in a campaign, and how each stands.
struct CampaignPeoplePage: Page {
  static let template = "campaign-people"

  struct Person: Sendable {
    let path: String?
    let name: String
    let phone: String
    let kind: String
    let state: String
    let reason: String?
    let when: String?
    let cost: String
    let variant: String?
  }

  let title: String
  let campaign: String
  let id: String
  let people: [Person]
  let hasPeople: Bool
  let states: [Choice]
  let reason: String?
  let isFiltered: Bool
  let pager: Pager?

  private static let mostMilliseconds = 1_000

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (call, words) = (visit.call, visit.words)
    let id = try visit.id(of: "campaign")
    let page = try PageRequest(call, shown: 50)
    let state = visit.query("state").flatMap(SendJob.State.init)
    let reason = visit.query("reason").map { String($0.prefix(60)) }
    let base = "/t/\(call.subject.lease.tenant)/contacts"
    // The report counts texts that failed on the way and those that were refused as one.
    let wanted: [SendJob.State] =
      state.map {
        $0 == .failed ? [.failed, .undelivered] : $0 == .accepted ? [.accepted, .sent, .sending] : [$0]
      } ?? []
    return try await call.subject.file.read { db in
      let campaign = try Campaign.find(db, id: id)
      let found = try Deadline.run(db, milliseconds: mostMilliseconds) {
        try Row.fetchAll(
          db,
          sql: """
            SELECT j.*, c.first_name, c.last_name FROM send_jobs j LEFT JOIN contacts c ON c.id = j.contact_id
            WHERE j.id > ?1 AND j.id >= ?2 AND j.id <= ?3 AND j.campaign_id = ?4 AND j.superseded = 0
            AND (?5 OR j.state IN (SELECT value FROM json_each(?6))) AND (?7 IS NULL OR j.reason = ?7)
            ORDER BY j.id LIMIT \(page.limit + 1)
            """,
          arguments: [
            page.after, campaign.firstJobID ?? 0, campaign.lastJobID ?? 0, id, wanted.isEmpty,
            JSON.list(wanted.map { .text($0.rawValue) }).serialized, reason,
          ])
      }
      guard let rows = found else { throw Refusal.invalid("reason", "takes too long to look through; ask for less") }
      let people = rows.prefix(page.limit).map { person($0, campaign, base, words) }
      return CampaignPeoplePage(
        title: words("People of {0}", campaign.name), campaign: campaign.name, id: String(id), people: people,
        hasPeople: !people.isEmpty,
        states: SendJob.State.allCases.map { Choice($0.rawValue, words.name($0.rawValue), chosen: state?.rawValue) },
        reason: reason.map(words.name), isFiltered: state != nil || reason != nil,
        pager: Pager(visit, next: page.next(after: rows.map { $0["id"] })))
    }
  }

  private static func person(_ row: Row, _ campaign: Campaign, _ base: String, _ words: Words) -> Person {
    let phone: PhoneNumber = row["phone"]
    let isErased = SendJob.isErased(phone)
    let shown = isErased ? words("Erased") : words.phone(phone)
    let state = SendJob.State(rawValue: row["state"])
    let kind =
      switch state {
      case .delivered: "go"
      case .failed, .undelivered: "stop"
      case .deferred, .unknown: "wait"
      case .accepted, .sent, .sending: "info"
      default: ""
      }
    let name = PersonName(row["first_name"], row["last_name"], phone: shown)
    return Person(
      path: (row["contact_id"] as Int64?).map { "\(base)/\($0)" }, name: name.text, phone: shown, kind: kind,
      state: words.name(row["state"]), reason: (row["reason"] as String?).map(words.name),
      when: ((row["deferred_until"] as Moment?) ?? (row["finished_at"] as Moment?) ?? (row["claimed_at"] as Moment?))
        .map(words.short),
      cost: (row["cost_micros"] as Int64) > 0 ? words.money(row["cost_micros"]) : "–",
      variant: campaign.variantName(row["variant"]))
  }
}
