import Foundation
import GRDB

/// Something that is counted for the whole tenant on a day of its zone.
enum DayFact: Hashable, Sendable {
  /// Of texts, answers and clicks; 0: no number.
  case figure(Figures.Figure, number: Int64)
  /// A text that failed or was not delivered, and why.
  case error(String, number: Int64)
  case click(Figures.Figure, link: Int64)
  case people(PeopleChange)
}

/// How a tenant's people have changed.
enum PeopleChange: String, CaseIterable, Sendable {
  case added, imported, deleted, merged, erased
  /// Made by an import that was taken back.
  case undone
  case optedIn = "opted_in"
  case keyword = "opt_out_keyword"
  case page = "opt_out_page"
  /// Their words were read as an opt-out, by a person.
  case freeText = "opt_out_free_text"
  case provider = "opt_out_provider"
  /// A file said so.
  case file = "opt_out_import"
  case staff = "opt_out_staff"
  case api = "opt_out_api"
  /// Two numbers are one person's.
  case numberChange = "opt_out_number_change"
  case erasure = "opt_out_erasure"
  case otherOptOut = "opt_out_other"

  static let optOuts = allCases.filter { $0.rawValue.hasPrefix(optOut) }
  private static let optOut = "opt_out_"

  /// The way of an opt-out, without `opt_out_`.
  var way: String { String(rawValue.dropFirst(Self.optOut.count)) }

  /// By the method of what was said. Callers of the API name methods of their own.
  static func optOut(by method: String) -> PeopleChange {
    switch method {
    case "merge", "number_change": .numberChange
    case _ where method.hasPrefix("provider_"): .provider
    default: PeopleChange(rawValue: optOut + method) ?? .otherOptOut
    }
  }
}

/// Sums by day of the tenant's zone, added to in the transaction of the fact itself: what reports over a time are read from. A fact counts on
/// the day that the tenant's clocks showed, whatever was done with its campaign since.
enum DayFigures {
  /// Columns of `day_figures`. What a text costs is of the day on which it was reserved.
  static let figures: [Figures.Figure] = [
    .accepted, .sent, .delivered, .undelivered, .failed, .segments, .replies, .humanClicks, .botClicks, .unknownClicks,
    .optOuts, .costMicros,
  ]

  static func zone(_ db: Database) throws -> TimeZone {
    let name = try String.fetchOne(db.cachedStatement(sql: "SELECT time_zone FROM identity"))
    return name.flatMap(TimeZones.named) ?? .gmt
  }

  static func add(_ db: Database, _ fact: DayFact, _ amount: Int64 = 1, at: Moment) throws {
    if amount != 0 { try add(db, fact, amount, on: DayNumber(at, in: zone(db))) }
  }

  /// On a day that is known.
  static func add(_ db: Database, _ fact: DayFact, _ amount: Int64, on day: DayNumber) throws {
    var tally = DayTally()
    tally.add(fact, amount, on: day)
    try tally.write(db)
  }

  /// Into the transaction's tally, where it keeps one.
  static func add(
    _ db: Database, _ effects: inout Effects, _ fact: DayFact, _ amount: Int64 = 1, at: Moment
  ) throws {
    guard effects.tally != nil else { return try add(db, fact, amount, at: at) }
    try effects.tally?.days.add(db, fact, amount, at: at)
  }
}

/// What one transaction adds to the sums by day.
struct DayTally: Sendable {
  private struct OfNumber: Hashable {
    var day: DayNumber
    var number: Int64
  }
  private struct OfError: Hashable {
    var day: DayNumber
    var number: Int64
    var reason: String
  }
  private struct OfLink: Hashable {
    var day: DayNumber
    var link: Int64
  }
  private struct OfPeople: Hashable {
    var day: DayNumber
    var change: PeopleChange
  }

  /// In the order of `DayFigures.figures`.
  private var figures: [OfNumber: [Int64]] = [:]
  private var errors: [OfError: Int64] = [:]
  private var links: [OfLink: LinkFigures] = [:]
  private var people: [OfPeople: Int64] = [:]
  private var zone: TimeZone?

  mutating func add(_ db: Database, _ fact: DayFact, _ amount: Int64, at: Moment) throws {
    let zone = try zone ?? DayFigures.zone(db)
    self.zone = zone
    add(fact, amount, on: DayNumber(at, in: zone))
  }

  mutating func add(_ fact: DayFact, _ amount: Int64, on day: DayNumber) {
    switch fact {
    case .figure(let figure, let number):
      guard let column = DayFigures.figures.firstIndex(of: figure) else { return }
      figures[OfNumber(day: day, number: number), default: Self.nothing][column] += amount
    case .error(let reason, let number):
      errors[OfError(day: day, number: number, reason: reason), default: 0] += amount
    case .click(let figure, let link):
      links[OfLink(day: day, link: link), default: LinkFigures()].add(figure, Int(amount))
    case .people(let change): people[OfPeople(day: day, change: change), default: 0] += amount
    }
  }

  private static let nothing = [Int64](repeating: 0, count: DayFigures.figures.count)

  /// One statement for each row that is added to.
  func write(_ db: Database) throws {
    for (key, sums) in figures where sums != Self.nothing {
      try Self.add(db, Self.addFigures, [key.day.number, key.number] + sums)
    }
    for (key, sums) in links where (sums.human, sums.bot, sums.unknown) != (0, 0, 0) {
      let values = [key.link, Int64(sums.human), Int64(sums.bot), Int64(sums.unknown)]
      try Self.add(db, Self.addClicks, [key.day.number] + values)
      try Self.add(db, Self.addMonthClicks, [key.day.month] + values)
    }
    for (key, n) in errors where n != 0 {
      try db.cachedStatement(sql: Self.addErrors).execute(arguments: [key.day, key.number, key.reason, n])
    }
    for (key, n) in people where n != 0 {
      try db.cachedStatement(sql: Self.addPeople).execute(arguments: [key.day, key.change.rawValue, n])
    }
  }

  private static let addFigures = adding("day_figures", "day", "number", DayFigures.figures.map(\.rawValue))
  private static let addClicks = adding("day_links", "day", "short_link_id", ["human", "bot", "unknown"])
  private static let addMonthClicks = adding("month_links", "month", "short_link_id", ["human", "bot", "unknown"])
  private static let addErrors = """
    INSERT INTO day_errors (day, number, reason, n) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n
    """
  private static let addPeople =
    "INSERT INTO day_people (day, change, n) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n"

  /// The names come from here, never from outside.
  private static func adding(_ table: String, _ time: String, _ key: String, _ columns: [String]) -> String {
    """
    INSERT INTO \(table) (\(time), \(key), \(columns.joined(separator: ", ")))
    VALUES (\(Array(repeating: "?", count: columns.count + 2).joined(separator: ", ")))
    ON CONFLICT DO UPDATE SET \(columns.map { "\($0) = \($0) + excluded.\($0)" }.joined(separator: ", "))
    """
  }

  private static func add(_ db: Database, _ sql: String, _ values: [Int64]) throws {
    let statement = try RawStatement(db, sql)
    for (index, value) in values.enumerated() { statement.bind(Int32(index + 1), value) }
    try statement.run()
  }
}
