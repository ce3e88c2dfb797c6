extension Shape {
  static let campaignState = choice(Campaign.State.self)
  static let counted = map(count, example: "opted_out")
  static let body = text(example: "Hi {{first_name|there}}, our sale is on: https://shop.example/sale")

  private static let wallTime = Shape(
    ["type": "string", "pattern": #"^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]$"#],
    example: "2026-12-01T09:00")
  static let wallTimeAsked = wallTime.about("Instead of send_at: at this time by each recipient's own clock.").orNull

  static let variant = named(
    "Variant",
    object([
      "name": text(example: "Short"), "body": body, "weight": int(CampaignVariant.weights, example: 1),
    ]))

  private static let campaignMembers: [(String, Shape)] = [
    ("id", id), ("name", text), ("body", body), ("variants", list(variant)), ("purpose", choice(CampaignPurpose.self)),
    ("state", campaignState), ("audience", audienceRule.orNull.about("Null: not chosen yet.")),
    ("exclude", list(audienceRule)), ("numbers", list(phone)), ("budget_micros", money.orNull),
    (
      "quiet_hours",
      object([
        "enabled": bool, "start": text(example: "21:00"), "end": text(example: "08:00"), "legal_hours": bool,
      ])
    ), ("send_at", moment.orNull), ("send_at_local", wallTime.orNull),
    (
      "misfire",
      object(["policy": choice(Misfire.Policy.self), "minutes": int(1...Misfire.mostMinutes, example: 60).orNull])
    ), ("delivery", choice(Campaign.Delivery.self)),
    ("missing", list(choice(["body", "audience", "numbers"])).about("What a draft lacks before it can be launched.")),
    ("pause_reason", text(example: "error rate").orNull), ("paused_by", text(example: "circuit_breaker").orNull),
    ("probes_left", count.orNull),
    ("waiting", object(["reason": text(example: "quiet_hours"), "until": moment.orNull]).orNull),
    ("created_at", moment), ("started_at", moment.orNull), ("completed_at", moment.orNull),
  ]

  static let campaignSummary = named("CampaignSummary", object(campaignMembers, optional: []))

  /// Of the send jobs: exclusive, and they add up to the audience.
  static let campaignCounts = named(
    "CampaignCounts",
    object([("audience", count)] + SendJob.State.allCases.map { ($0.rawValue, count) }, optional: []))

  static let campaign = named(
    "Campaign",
    object(
      campaignMembers + [
        ("calls_in_flight", count), ("counts", campaignCounts), ("skipped_reasons", counted),
      ], optional: []))

  static let campaignStateNow = named("CampaignStateNow", object(["id": id, "state": campaignState]))

  static let recipient = named(
    "Recipient",
    object([
      "id": id, "contact_id": id.orNull, "phone": phone.orNull, "state": choice(SendJob.State.self),
      "reason": text(example: "opted_out").orNull, "sid": text(example: "SM0123").orNull, "segments": count,
      "cost_micros": money, "deferred_until": moment.orNull, "try": count, "variant": text(example: "Short").orNull,
      "time_zone_signals": zoneSignals.orNull,
    ]))

  private static let previewFigures: [(String, Shape)] = [
    ("examined", count), ("texted", count), ("skipped_reasons", counted), ("segments", map(count, example: "1")),
    ("encodings", map(count, example: "GSM-7")), ("segments_saved_if_plain", count), ("cost_micros", money),
  ]

  private static let contactIDs = list(id, most: 20).about("Ids of contacts.")

  private static let forecast = named(
    "Forecast",
    object([
      "starts_at": moment,
      "ends_at": moment.orNull.about(
        "Null: some would wait for more than \(SendingForecast.farthestDays) days, or it was broken off before."),
      "seen_until": moment.orNull.about(
        "Where the forecast was broken off, for it takes too long: who was not texted by then is `later`, without times. Null: it was not."
      ),
      "closed": text(example: "kill_switch").orNull.about("Why nothing at all would leave now."),
      "waves": list(
        object([
          "when": choice(SendingForecast.When.self), "reason": text(example: "quiet_hours").orNull, "people": count,
          "from": moment.orNull, "until": moment.orNull, "examples": contactIDs,
        ])),
      "days": list(object(["date": date, "people": count, "segments": count, "cost_micros": money])),
    ]))

  static let campaignPreview = named(
    "CampaignPreview",
    object(
      [
        ("audience", count),
        (
          "exact",
          bool.about("False: projected from the even sample that was examined, as far as it concerns everybody.")
        ),
      ] + previewFigures + [
        (
          "skipped",
          list(object(["reason": text(example: "opted_out"), "people": count, "examples": contactIDs]))
            .about("Who would not be texted: of everybody, most first.")
        ), ("forecast", forecast),
        (
          "samples",
          list(
            object([
              "contact_id": id, "phone": phone, "variant": text(example: "Short").orNull, "body": body.orNull,
              "skipped": text(example: "opted_out").orNull, "segments": count,
              "encoding": text(example: "GSM-7").orNull, "cost_micros": money,
              "costly_characters": list(
                object([
                  "character": text(example: "“"), "code": text(example: "U+201C"), "plain": text(example: "\"").orNull,
                ])), "segments_if_plain": count,
            ]))
        ),
        ("by_variant", list(object([("variant", text(example: "Short").orNull)] + previewFigures, optional: []))),
      ], optional: []))

  private static let figures = Figures.Figure.allCases.map { ($0.rawValue, int) }
  static let clicks = named("Clicks", object(["human": int, "bot": int, "people": int]))

  static let report = named(
    "Report",
    object([
      "counts": campaignCounts, "skipped_reasons": counted, "clicks": clicks, "unknown_clicks": int,
      "by_link": list(
        object([
          "link_id": id, "number": count, "variant": text(example: "Short").orNull,
          "target": text(example: "https://shop.example/"), "clicks": clicks, "unknown_clicks": int,
        ])), "replies": int, "opt_outs": int, "segments": int, "cost_micros": int,
      "by_hour": list(object([("hour", moment)], optional: figures)), "by_error": counted,
      "by_number": list(object([("number", text(example: "+14155550123"))], optional: figures)),
      "by_variant": list(
        object(
          [("variant", text(example: "Short")), ("audience", count), ("skipped", count), ("clicks", clicks)]
            + figures.filter { !["human_clicks", "bot_clicks", "people"].contains($0.0) }, optional: [])),
    ]))

  private static let testMembers: [(String, Shape)] = [
    ("id", id), ("phone", phone), ("state", choice(SendJob.State.self)), ("body", body.orNull),
    ("variant", text(example: "Short").orNull),
  ]
  static let testsPlanned = named("TestsPlanned", object(["data": list(object(testMembers, optional: []))]))
  static let testSend = named(
    "TestSend",
    object(
      testMembers + [
        ("reason", text(example: "opted_out").orNull), ("sid", text(example: "SM0123").orNull), ("segments", count),
        ("cost_micros", money),
      ], optional: []))
}

extension [any DeclaredField] {
  private static let budget = Documented(
    "budget_micros", Shape.int(0...1_000_000_000_000_000, example: 5_000_000).orNull.about("Null is no limit."))
  private static let variants = Documented(
    "variants",
    .list(
      .object(
        ["name": .text(most: 40, example: "Short"), "body": .body],
        optional: ["weight": .int(CampaignVariant.weights, example: 1)]), most: CampaignVariant.most
    ).orNull.about("\(CampaignVariant.least) to \(CampaignVariant.most) texts instead of one."))
  private static let body = Documented(
    "body", Shape.text(most: BodyRules.longest, example: "Hi {{first_name|there}}!").orNull.about("The text."))

  private static let name = Shape.text(most: 200, example: "Spring sale")
  /// A draft may be kept unfinished: its name alone is required.
  static let ofCampaign: [any DeclaredField] = [Documented("name", name, required: true)] + ofDraft
  static let ofCampaignEdit: [any DeclaredField] = [Documented("name", name)] + ofDraft

  private static let ofDraft: [any DeclaredField] = [
    budget, body, variants, Documented("audience", Shape.audienceRule.orNull.about("Null: to be chosen yet.")),
    Documented.exclude,
    Documented("numbers", Shape.list(.phone, most: 50).orNull),
    Documented("purpose", Shape.choice(CampaignPurpose.self).orNull),
    Documented("send_at", Shape.moment.orNull.about("Left out: at launch.")),
    Documented("send_at_local", .wallTimeAsked),
    Documented(
      "misfire",
      Shape.object(
        ["policy": .choice(Misfire.Policy.self)],
        optional: ["minutes": Shape.int(1...Misfire.mostMinutes, example: 60).orNull.about("Beside send_within.")]
      ).orNull.about("What becomes of it when its time passes while nothing can be sent. Left out: ask.")),
    Documented(
      "quiet_hours",
      Shape.object(
        ["enabled": .bool], optional: ["start": .text(example: "21:00"), "end": .text(example: "08:00")]
      ).orNull.about("No texts in between, by the recipient's clock.")),
    Documented("delivery", Shape.choice(Campaign.Delivery.self).orNull),
  ]
  static let ofPreview: [any DeclaredField] = [
    Documented("contact_id", Shape.id.orNull), Documented("variant", Shape.text(most: 100, example: "Short").orNull),
  ]
  static let ofReason: [any DeclaredField] = [
    Documented("reason", Shape.text(most: 500, example: "Stock ran out").orNull)
  ]
}
