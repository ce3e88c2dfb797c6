extension Shape {
  private static let head: [(String, Shape)] = [
    ("from", date), ("to", date), ("time_zone", text(example: "America/New_York")),
  ]
  private static let sums = DayReport.figures.map { ($0.rawValue, int) }

  static let peopleReport = named(
    "PeopleReport",
    object(
      head + [
        ("days", list(object([("day", date)] + peopleSums + [("contacts", int)], optional: []))),
        ("total", object(peopleSums, optional: [])),
      ], optional: []))

  private static let peopleSums: [(String, Shape)] =
    ["added", "imported", "deleted", "merged", "erased", "import_undone", "opt_outs"].map { ($0, int) } + [
      ("opt_outs_by", object(PeopleChange.optOuts.map { ($0.way, int) }, optional: [])), ("opt_ins", int),
    ]

  static let numberReport = named(
    "NumberReport",
    object(
      head + [
        (
          "numbers",
          list(
            object(
              [("number", phone)] + DayFigures.figures.map { ($0.rawValue, int) } + [
                (
                  "errors",
                  list(object(["code": text(example: "30003"), "count": count]), most: NumberReport.mostErrors)
                ),
                (
                  "warm_up",
                  object([
                    "step": count.orNull.about("Null: it is warm, or never warms up."), "steps": count.orNull,
                    "days_of_use": count.orNull, "texts_today": count.orNull, "daily_cap": count.orNull,
                  ])
                ),
              ], optional: []))
        )
      ], optional: []))

  private static let costs: [(String, Shape)] = [
    ("texts", count), ("segments", count), ("cost_micros", int), ("reserved_micros", int), ("billed_micros", int),
  ]
  private static let spent = object(["used_micros": money, "limit_micros": money.orNull, "left_micros": money.orNull])

  static let costReport = named(
    "CostReport",
    object(
      head + [
        ("days", list(object([("day", date)] + costs, optional: []))),
        (
          "campaigns",
          list(object([("campaign_id", id), ("name", text)] + costs, optional: []), most: CostReport.mostCampaigns)
        ), ("others", object(costs, optional: [])), ("total", object(costs, optional: [])),
        ("budget", object(["today": spent, "month": spent])),
      ], optional: []))

  static let linkOfReport = named(
    "LinkOfReport",
    object([
      "link_id": id, "campaign_id": id.orNull, "campaign": text.orNull, "name": text(example: "Shop").orNull,
      "slug": text(example: "sale").orNull, "variant": text(example: "Short").orNull,
      "target": text(example: "https://shop.example/"), "human_clicks": int, "bot_clicks": int, "unknown_clicks": int,
    ]))

  static let comparisonReport = named(
    "ComparisonReport",
    object([
      "campaigns": list(
        object(
          [
            ("id", id), ("name", text), ("state", choice(Campaign.State.self)), ("started_at", moment.orNull),
            ("completed_at", moment.orNull), ("audience", count), ("skipped", count),
          ] + ComparisonReport.names.map { ($0, int) }, optional: []))
    ]))

  static let dayReport = named(
    "DayReport",
    object(
      head + [
        ("days", list(object([("day", date)] + sums, optional: []))), ("total", object(sums, optional: [])),
      ], optional: []))
}
