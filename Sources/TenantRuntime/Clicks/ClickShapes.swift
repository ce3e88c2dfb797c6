extension Shape {
  static let linkReport = named(
    "LinkReport",
    object([
      "link": object([
        "id": id, "campaign_id": id.orNull, "number": count.orNull, "variant": text(example: "Short").orNull,
        "target": text(example: "https://shop.example/"), "created_at": moment,
      ]), "clicks": clicks, "unknown_clicks": int,
      "by_hour": list(
        object(["hour": moment, "human_clicks": int, "bot_clicks": int, "unknown_clicks": int, "people": int])),
    ]))

  static let hit = named(
    "Hit",
    object([
      "id": id, "at": moment, "verdict": choice(ClickVerdict.self), "reasons": list(text(example: "listed_network")),
      "method": text(example: "GET"), "user_agent": text(example: "Mozilla/5.0"),
      "address": text(example: "203.0.113.0/24").orNull, "send_job_id": id.orNull,
    ]))

  static let rejudging = named(
    "Rejudging",
    object([
      "id": id, "state": choice(["running", "completed", "replaced"]), "since": moment.orNull, "judged": count,
      "changed": count, "looked_at": count, "total": count, "rules": count,
      "actor": text(example: "key:rh_0123456789ab"), "created_at": moment, "finished_at": moment.orNull,
    ]))
}
