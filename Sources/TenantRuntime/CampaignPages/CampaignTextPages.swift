import GRDB

/// What people wrote back to a campaign, the newest first.
struct CampaignRepliesPage: Page {
  static let template = "campaign-replies"

  struct Reply: Sendable {
    let name: String
    let path: String?
    let body: String
    let when: String
    let isReaction: Bool
  }

  let title: String
  let campaign: String
  let id: String
  let replies: [Reply]
  let hasReplies: Bool
  let pager: Pager?

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (call, words) = (visit.call, visit.words)
    let id = try visit.id(of: "campaign")
    let page = try PageRequest(call, shown: 50)
    return try await call.subject.file.read { db in
      let campaign = try Campaign.find(db, id: id)
      let before = page.after == 0 ? Int64.max : page.after
      let rows = try Row.fetchAll(
        db,
        sql: """
          \(MessageJSON.select) WHERE m.direction = 'in' AND m.campaign_id = ? AND m.id < ?
          ORDER BY m.id DESC LIMIT \(page.limit + 1)
          """, arguments: [id, before])
      let replies = try rows.prefix(page.limit).map { row in
        let person = try Row.fetchOne(
          db.cachedStatement(sql: "SELECT first_name, last_name FROM contacts WHERE phone = ?"),
          arguments: [row["phone"] as PhoneNumber])
        let name = PersonName(person?["first_name"], person?["last_name"], phone: words.phone(row["phone"]))
        return Reply(
          name: name.text, path: (row["conversation_id"] as Int64?).map { "\(visit.base)/inbox/\($0)" },
          body: row["body"], when: words.time(row["at"]), isReaction: Reaction.isReaction(row["body"]))
      }
      return CampaignRepliesPage(
        title: words("Answers to {0}", campaign.name), campaign: campaign.name, id: String(id), replies: replies,
        hasReplies: !replies.isEmpty, pager: Pager(visit, next: page.next(after: rows.map { $0["id"] })))
    }
  }
}

/// Texts of a campaign that went to phones of the team.
struct CampaignTestsPage: Page {
  static let template = "campaign-tests"

  struct Test: Sendable {
    let phone: String
    let kind: String
    let state: String
    let reason: String?
    let body: String
    let detail: String
  }

  let title: String
  let campaign: String
  let back: String
  let tests: [Test]
  let hasTests: Bool
  let pager: Pager?

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let (call, words) = (visit.call, visit.words)
    let id = try visit.id(of: "campaign")
    let page = try PageRequest(call, shown: 50)
    return try await call.subject.file.read { db in
      let campaign = try Campaign.find(db, id: id)
      let before = page.after == 0 ? Int64.max : page.after
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT j.*, m.body FROM send_jobs j LEFT JOIN messages m ON m.id = j.message_id
          WHERE j.test_of = ? AND j.id < ? ORDER BY j.id DESC LIMIT \(page.limit + 1)
          """, arguments: [id, before])
      let tests = rows.prefix(page.limit).map { row in
        let state = SendJob.State(rawValue: row["state"])
        let (segments, cost): (Int64?, Int64) = (row["segments"], row["cost_micros"])
        return Test(
          phone: words.phone(row["phone"]),
          kind: state == .delivered ? "go" : [.failed, .undelivered].contains(state) ? "stop" : "info",
          state: words.name(row["state"]), reason: (row["reason"] as String?).map(words.name),
          body: (row["body"] as String?) ?? "",
          detail: [
            campaign.variantName(row["variant"]), segments.map { words($0, one: "{0} segment", many: "{0} segments") },
            cost > 0 ? words.money(cost) : nil,
          ].compactMap { $0 }.joined(separator: " · "))
      }
      let isDraft = campaign.state == .draft && visit.may(.editCampaigns)
      return CampaignTestsPage(
        title: words("Tests of {0}", campaign.name), campaign: campaign.name,
        back: "\(visit.base)/campaigns/\(id)" + (isDraft ? "/edit" : ""), tests: tests, hasTests: !tests.isEmpty,
        pager: Pager(visit, next: page.next(after: rows.map { $0["id"] })))
    }
  }
}
