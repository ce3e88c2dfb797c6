import GRDB

/// What one transaction adds to the roll-ups, written once per row of theirs before it commits: of five hundred reports most add to the same
/// few rows.
struct FigureTally: Sendable {
  struct OfCampaign: Hashable {
    var campaign: Int64
    var hour: Moment
    var number: Int64
    var variant: Int64
    var figure: Figures.Figure
  }
  struct OfLink: Hashable {
    var link: Int64
    var hour: Moment
  }

  /// A row of `campaign_counts`.
  struct OfState: Hashable {
    var campaign: Int64
    var variant: Int64
    var state: SendJob.State
    var reason: String
  }

  private var states: [OfState: Int64] = [:]
  private var campaigns: [OfCampaign: Int64] = [:]
  private var links: [OfLink: LinkFigures] = [:]
  var days = DayTally()

  mutating func add(_ key: OfState, _ amount: Int64) { states[key, default: 0] += amount }
  mutating func add(_ key: OfCampaign, _ amount: Int64) { campaigns[key, default: 0] += amount }
  mutating func add(_ key: OfLink, _ change: LinkFigures) { links[key, default: LinkFigures()].add(change) }

  mutating func write(_ db: Database) throws {
    for (key, amount) in states where amount != 0 { try SendJob.count(db, key, amount) }
    for (key, amount) in campaigns where amount != 0 { try Figures.write(db, key, amount) }
    for (key, change) in links { try change.write(db, key) }
    try days.write(db)
    self = FigureTally()
  }
}

/// A row of `link_figures`, or what is added to it.
struct LinkFigures: Sendable {
  var (human, bot, unknown, people, first) = (0, 0, 0, 0, 0)

  mutating func add(_ figure: Figures.Figure, _ amount: Int) {
    switch figure {
    case .humanClicks: human += amount
    case .unknownClicks: unknown += amount
    default: bot += amount
    }
  }

  mutating func add(_ other: LinkFigures) {
    human += other.human
    bot += other.bot
    unknown += other.unknown
    people += other.people
    first += other.first
  }

  func write(_ db: Database, _ key: FigureTally.OfLink) throws {
    let statement = try RawStatement(
      db,
      """
      INSERT INTO link_figures (short_link_id, hour, human, bot, unknown, people, first_people) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET human = human + excluded.human, bot = bot + excluded.bot, unknown = unknown + excluded.unknown,
      people = people + excluded.people, first_people = first_people + excluded.first_people
      """)
    statement.bind(1, key.link)
    statement.bind(2, key.hour.milliseconds)
    for (column, amount) in [human, bot, unknown, people, first].enumerated() {
      statement.bind(Int32(3 + column), Int64(amount))
    }
    try statement.run()
  }
}
