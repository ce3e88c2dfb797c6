import GRDB
import Hummingbird

enum CampaignRoutes {
  static let all: [Route<Runtime>] = [
    Route(
      .get, "campaigns", needs: .readCampaigns, about: "Campaigns", query: .page, answers: [.page(.campaignSummary)],
      list),
    Route(
      .post, "campaigns", needs: .editCampaigns, about: "Make a campaign",
      body: .json(.ofCampaign), answers: [.created(.campaignStateNow)], create),
    Route(
      .get, "campaigns/:id", needs: .readCampaigns, about: "One campaign with its counts", answers: [.ok(.campaign)],
      whole: whole
    ) { call in try await call.answer(try whole(call)) },
    Route(
      .patch, "campaigns/:id", needs: .editCampaigns, about: "Change a draft, or a campaign's budget",
      body: .json(.ofCampaignEdit), answers: [.accepted(.campaignStateNow)], whole: whole, edit),
    Route(
      .delete, "campaigns/:id", needs: .editCampaigns, about: "Delete a draft", answers: [.none], whole: whole, delete),
    Route(
      .post, "campaigns/:id/duplicate", needs: .editCampaigns, about: "Make a draft that says the same",
      answers: [.created(.campaignStateNow)], duplicate),
    Route(
      .post, "campaigns/:id/preview", needs: .readCampaigns, about: "What would go out now, to whom and for how much",
      body: .json(.ofPreview), answers: [.ok(.campaignPreview)], repeats: .free, preview),
    Route(
      .post, "campaigns/:id/launch", needs: .launchCampaigns, about: "Launch a campaign",
      query: [
        QueryField(
          "people_at_most",
          Shape.int(0...Int64.max, example: 1_200).about(
            "Refused (409) where the audience has grown to a tenth more since somebody looked at it."))
      ],
      answers: [.accepted(.campaignStateNow)], whole: whole, launch),
    Route(
      .post, "campaigns/:id/unschedule", needs: .launchCampaigns, about: "Make a scheduled campaign a draft again",
      answers: [.accepted(.campaignStateNow)], unschedule),
    Route(
      .post, "campaigns/:id/pause", needs: .launchCampaigns, about: "Pause a campaign", body: .json(.ofReason),
      answers: [.accepted(.campaignStateNow)], pause),
    Route(
      .post, "campaigns/:id/resume", needs: .launchCampaigns, about: "Resume a campaign",
      answers: [.accepted(.campaignStateNow)], resume),
    Route(
      .post, "campaigns/:id/cancel", needs: .launchCampaigns, about: "Cancel a campaign",
      answers: [.accepted(.campaignStateNow)], cancel),
    Route(
      .post, "campaigns/:id/resend", needs: .launchCampaigns, about: "Text its failures once more",
      answers: [.accepted(.object(["id": .id, "state": .campaignState, "planned": .count]))], resend),
    Route(
      .get, "campaigns/:id/recipients", needs: .readCampaigns, also: .readContacts,
      about: "Who gets a campaign, and how each stands",
      query: .page + [QueryField("state", .choice(SendJob.State.self))], answers: [.page(.recipient)], recipients),
    Route(
      .get, "campaigns/:id/report", needs: .readReports, about: "A campaign in figures", answers: [.ok(.report)], report
    ),
    Route(
      .get, "campaigns/:id/report.csv", needs: .readReports, about: "A campaign in figures, as a CSV file",
      answers: [.csv], reportCSV),
  ]

  @Sendable private static func create(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let now = call.subject.dependencies.now()
    let lease = call.subject.lease
    let rules = try await call.subject.file.read { db in try BodyRules.read(db, lease) }
    let draft = try draft(&fields, rules, now: now)
    return try await call.answer(.created) { change in json(try Campaign.create(change, draft)) }
  }

  @Sendable private static func list(_ call: Call<Runtime>) async throws -> Response {
    let page = try PageRequest(call)
    return try await call.subject.file.page(page, "SELECT * FROM campaigns WHERE id > ? ORDER BY id", [page.after]) {
      .object(try Campaign($0).summary)
    }
  }

  @Sendable private static func whole(_ call: Call<Runtime>) throws -> (@Sendable (Database) throws -> JSON) {
    let (id, gate) = (try call.id(of: "campaign"), call.subject.gate)
    return { db in try whole(db, id, gate) }
  }

  private static func whole(_ db: Database, _ id: Int64, _ gate: SendGate) throws -> JSON {
    let campaign = try Campaign.find(db, id: id)
    return JSON.object(
      campaign.summary + [
        ("calls_in_flight", .int(gate.inFlight(campaign: id))),
        ("counts", try Report.counts(db, campaign: id)),
        ("skipped_reasons", try Report.reasons(db, campaign: id, states: [.skipped])),
      ])
  }

  /// The version that a page shows, as `If-Match` wants it.
  static func tag(_ db: Database, _ id: Int64, _ gate: SendGate) throws -> String {
    EntityTag(of: try whole(db, id, gate).serialized.utf8).text
  }

  @Sendable private static func report(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    return try await call.subject.file.read { db in
      try Report.whole(db, campaign: id)
    }.response()
  }

  /// Read against the draft as it is in the same transaction, so that two people who change different members both have their way.
  @Sendable private static func edit(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    let given = try await call.fields()
    @Sendable func read(_ db: Database, _ known: Campaign?, _ lease: Lease, _ now: Moment) throws -> Campaign.Change {
      var fields = given
      // What is wrong is said before that there is no such campaign.
      return try edit(
        &fields, of: known?.draft ?? Campaign.Draft(name: ""), try BodyRules.read(db, lease), now: now)
    }
    let (lease, now) = (call.subject.lease, call.subject.dependencies.now())
    let raised = try await call.subject.file.read { db -> CampaignNote? in
      guard given.has("budget_micros"), let known = try Campaign.known(db, id: id) else { return nil }
      let limit = try read(db, known, lease, now).budget ?? nil
      return .raised(id, from: known.budgetMicros, to: limit, at: now)
    }
    return answer(
      try await call.subject.transact(call.caller, allowing: raised.map { [$0] } ?? []) { change in
        let known = try Campaign.known(change.db, id: id)
        return try Campaign.edit(change, id, try read(change.db, known, change.lease, change.now))
      })
  }

  @Sendable private static func delete(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    try await call.transact { change in try Campaign.delete(change, id) }
    return Response(status: .noContent)
  }

  @Sendable private static func duplicate(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    return try await call.answer(.created) { change in json(try Campaign.duplicate(change, id)) }
  }

  private static func json(_ campaign: Campaign) -> JSON {
    ["id": .int(campaign.id), "state": .text(campaign.state.rawValue)]
  }

  private static func answer(_ campaign: Campaign) -> Response { json(campaign).response(status: .accepted) }

  /// What would go out now, to whom and for how much; `contact_id` for one person's text, `variant` as if everybody got that one.
  @Sendable private static func preview(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    var fields = try await call.fields()
    let contact = fields.int("contact_id", in: 1...Int64.max)
    let variant = fields.text("variant", most: 100)
    try fields.finish()
    let lease = call.subject.lease
    let now = call.subject.dependencies.now()
    let (campaign, number) = try await call.subject.file.read { db in
      let campaign = try Campaign.find(db, id: id)
      return (campaign, try variant.map { try campaign.variant(named: $0) })
    }
    return try await CampaignPreview.take(
      call.subject.file, campaign, contact: contact, variant: number, lease: lease,
      brandsUsed: await call.subject.brandsUsed(at: now), now: now
    ).response()
  }

  @Sendable private static func launch(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    let seen = try call.query("people_at_most").map { text in
      guard let count = Int64(text), count >= 0 else { throw Refusal.invalid("people_at_most", "must be a number") }
      return count
    }
    return try await call.answer(.accepted) { change in
      try checkSize(change, id)
      if let seen { try checkGrowth(change, id, since: seen) }
      return json(try Campaign.launch(change, id))
    }
  }

  /// A colleague's import, or a tag, must not make of the ten who were looked at a thousand.
  private static func checkGrowth(_ change: Transaction, _ id: Int64, since seen: Int64) throws {
    let campaign = try Campaign.find(change.db, id: id)
    guard campaign.state == .draft else { return }
    let (now, isExact) = try AudienceCount.number(change.db, try campaign.people(), now: change.now)
    // An estimate may be off by more than what it is asked about.
    guard isExact, now - seen > seen / 10 else { return }
    throw Refusal.conflict("The audience has grown to \(now) people since you looked. Look again, then launch.")
  }

  /// Above the size that the tenant has set, somebody must have shown lately to be there.
  private static func checkSize(_ change: Transaction, _ id: Int64) throws {
    guard change.caller.signIn != nil, let most = try TenantSettings.read(change.db).confirmLaunchAbove else { return }
    let campaign = try Campaign.find(change.db, id: id)
    // Who is in it at its time nobody knows yet.
    let audience = try AudienceCount.take(change.db, try campaign.people(), now: change.now)
    if campaign.sendAt != nil || audience.count > most { try change.caller.checkConfirmed(at: change.now) }
  }

  @Sendable private static func unschedule(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    return try await call.answer(.accepted) { change in json(try Campaign.unschedule(change, id)) }
  }

  @Sendable private static func pause(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    var fields = try await call.fields()
    let reason = fields.text("reason", most: 500) ?? "paused by \(call.caller.name)"
    try fields.finish()
    return answer(
      try await call.subject.transact(call.caller, stopping: .campaign(id)) { change in
        try Campaign.pause(change, id, reason: reason)
      })
  }

  @Sendable private static func resume(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    return answer(
      try await call.subject.transact(call.caller, resuming: .campaign(id)) { change in
        try Campaign.resume(change, id)
      })
  }

  @Sendable private static func cancel(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    return answer(
      try await call.subject.transact(call.caller, stopping: .campaign(id)) { change in
        try Campaign.cancel(change, id)
      })
  }

  @Sendable private static func resend(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    return try await call.answer(.accepted) { change in
      let (campaign, planned) = try Campaign.resend(change, id)
      return ["id": .int(id), "state": .text(campaign.state.rawValue), "planned": .int(planned)]
    }
  }

  @Sendable private static func recipients(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "campaign")
    let page = try PageRequest(call)
    let state = try call.query("state").map { text in
      guard let state = SendJob.State(rawValue: text) else {
        throw Refusal.invalid("state", "is not a state of a recipient")
      }
      return state
    }
    let campaign = try await call.subject.file.read { db in try Campaign.find(db, id: id) }
    let zone = call.subject.lease.timeZone
    // A campaign's jobs lie between its first and last id: a search by primary key, no index of its own.
    return try await call.subject.file.page(
      page,
      """
      SELECT j.*, c.time_zone FROM send_jobs j LEFT JOIN contacts c ON c.id = j.contact_id
      WHERE j.id > ?1 AND j.id >= ?2 AND j.id <= ?3 AND j.campaign_id = ?4 AND superseded = 0 AND (?5 IS NULL OR state = ?5) ORDER BY j.id
      """,
      [page.after, campaign.firstJobID ?? 0, campaign.lastJobID ?? 0, id, state?.rawValue]
    ) { row in
      [
        "id": row.int("id"), "contact_id": row.int("contact_id"), "phone": row.phone("phone"),
        "state": row.text("state"), "reason": row.text("reason"), "sid": row.text("sid"),
        "segments": row.int("segments"), "cost_micros": row.int("cost_micros"),
        "deferred_until": row.moment("deferred_until"), "try": row.int("try"),
        "variant": .optional(campaign.variantName(row["variant"])),
        "time_zone_signals": SendJob.isErased(row["phone"])
          ? .null : TextingZones(phone: row["phone"], own: row["time_zone"], tenant: zone).json,
      ]
    }
  }
}

extension Campaign {
  var summary: [(String, JSON)] {
    [("id", .int(id)), ("state", .text(state.rawValue))] + draft.members + [
      ("missing", .list(draft.missing.map(JSON.text))),
      ("pause_reason", .optional(pauseReason)), ("paused_by", .optional(pausedBy)),
      ("probes_left", .optional(probeLeft)),
      ("waiting", waitingReason.map { ["reason": .text($0), "until": .moment(waitingUntil)] } ?? .null),
      ("created_at", .moment(createdAt)), ("started_at", .moment(startedAt)), ("completed_at", .moment(completedAt)),
    ]
  }
}
