extension Shape {
  static let budget = named(
    "Budget",
    object([
      "daily_micros": money.orNull, "monthly_micros": money.orNull, "used_micros": int, "used_today_micros": int,
      "left_micros": money.orNull, "time_zone": text(example: "America/New_York"),
    ]))

  static let killSwitch = named(
    "KillSwitch",
    object(
      [
        "on": bool, "reason": text(example: "A wrong text").orNull, "scope": choice(["tenant", "platform"]).orNull,
        "calls_in_flight": count, "drained": bool.about("No call that began before it is under way."),
      ], optional: ["actor": text(example: "key:rh_0123456789ab"), "since": moment]))

  static let sendingNumber = named(
    "SendingNumber",
    object([
      "number": phone, "rate": number, "daily_cap": count.orNull, "warm_up": text(example: "on"),
      "warm_up_day": count.orNull, "cap_today": count.orNull, "used_today": count, "left_today": count.orNull,
      "messaging_service": text(example: "MG0123").orNull, "brand": text.orNull,
      "paused_reason": text(example: "paused by user:17").orNull, "paused_by": text(example: "user:17").orNull,
      "paused_at": moment.orNull, "probes_left": count.orNull, "calls_in_flight": count, "added_at": moment,
    ]))
}
