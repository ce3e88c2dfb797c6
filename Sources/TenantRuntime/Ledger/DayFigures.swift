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
    if amount != 0 { try write(db, fact, amount, DayNumber(at, in: zone(db))) }
  }

  /// On a day that is known.
  static func add(_ db: Database, _ fact: DayFact, _ amount: Int64, on day: DayNumber) throws {
    if amount != 0 { try write(db, fact, amount, day) }
  }

  /// Into the transaction's tally, where it keeps one.
  static func add(
    _ db: Database, _ effects: inout Effects, _ fact: DayFact, _ amount: Int64 = 1, at: Moment
  ) throws {
    guard effects.tally != nil else { return try add(db, fact, amount, at: at) }
    try effects.tally?.days.add(db, fact, amount, at: at)
  }

  fileprivate static func write(_ db: Database, _ fact: DayFact, _ amount: Int64, _ day: DayNumber) throws {
    switch fact {
    case .figure(let figure, let number): try write(db, "day_figures", "number", figure.rawValue, number, amount, day)
    case .click(let figure, let link):
      let column = figure.rawValue.replacing("_clicks", with: "")
      try write(db, "day_links", "short_link_id", column, link, amount, day)
    case .error(let reason, let number):
      let statement = try RawStatement(
        db,
        """
        INSERT INTO day_errors (day, number, reason, n) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET n = n + excluded.n
        """)
      statement.bind(1, day.number)
      statement.bind(2, number)
      statement.bind(3, reason)
      statement.bind(4, amount)
      try statement.run()
    case .people(let change):
      let statement = try RawStatement(
        db, "INSERT INTO day_people (day, change, n) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n")
      statement.bind(1, day.number)
      statement.bind(2, change.rawValue)
      statement.bind(3, amount)
      try statement.run()
    }
  }

  /// Adds to one column. The names come from here, never from outside.
  private static func write(
    _ db: Database, _ table: String, _ key: String, _ column: String, _ id: Int64, _ amount: Int64, _ day: DayNumber
  ) throws {
    let statement = try RawStatement(
      db,
      """
      INSERT INTO \(table) (day, \(key), \(column)) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET \(column) = \(column) + excluded.\(column)
      """)
    statement.bind(1, day.number)
    statement.bind(2, id)
    statement.bind(3, amount)
    try statement.run()
  }
}

/// What one transaction adds to the sums by day.
struct DayTally: Sendable {
  private struct Key: Hashable {
    var day: DayNumber
    var fact: DayFact
  }

  private var sums: [Key: Int64] = [:]
  private var zone: TimeZone?

  mutating func add(_ db: Database, _ fact: DayFact, _ amount: Int64, at: Moment) throws {
    let zone = try zone ?? DayFigures.zone(db)
    self.zone = zone
    sums[Key(day: DayNumber(at, in: zone), fact: fact), default: 0] += amount
  }

  func write(_ db: Database) throws {
    for (key, amount) in sums where amount != 0 { try DayFigures.write(db, key.fact, amount, key.day) }
  }
}
