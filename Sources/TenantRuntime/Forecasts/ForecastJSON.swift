enum ForecastJSON {
  /// - Parameter closed: why nothing at all would leave now.
  static func make(_ forecast: SendingForecast, closed: String?) -> JSON {
    [
      "starts_at": .moment(forecast.startsAt), "ends_at": .moment(forecast.endsAt),
      "seen_until": .moment(forecast.seenUntil), "closed": .optional(closed),
      "waves": .list(
        forecast.waves.map { wave in
          [
            "when": .text(wave.when.rawValue), "reason": .optional(wave.reason), "people": .int(wave.people),
            "from": .moment(wave.from), "until": .moment(wave.until), "examples": .list(wave.examples.map(JSON.int)),
          ]
        }),
      "days": .list(
        forecast.days.map { day in
          [
            "date": .text(DayNumber(number: day.date.number).text), "people": .int(day.people),
            "segments": .int(day.segments),
            "cost_micros": .int(day.micros),
          ]
        }),
    ]
  }
}

extension Runtime {
  /// Segments of each of its brands that are used on the carriers' day, by everybody.
  func brandsUsed(at now: Moment) async -> [String: Int64] {
    var used: [String: Int64] = [:]
    for brand in lease.brands.keys {
      used[brand] = await dependencies.limits.used(brand: brand, day: BrandDay(brand, at: now).day)
    }
    return used
  }
}
