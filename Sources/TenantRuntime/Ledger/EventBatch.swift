import GRDB

/// Events of one transaction on their way into the file, several to a statement: an insert by itself spends more on the sequence, the
/// trigger and its own start than on the row. They get their ids in the order in which they came: what has the transaction's effects in
/// hand appends with them, and what has not comes after these are written.
struct EventBatch: Sendable {
  struct Line: Sendable {
    var kind: Event.Kind
    var at: Moment
    var phone: PhoneNumber?
    var campaign: Int64?
    var job: Int64?
    var data: String
  }

  private var lines: [Line] = []
  private static let most = 16
  private static let insert = "INSERT INTO events (at, type, phone, campaign_id, send_job_id, data) VALUES "
  private static let one = insert + "(?, ?, ?, ?, ?, ?)"
  private static let many = insert + Array(repeating: "(?, ?, ?, ?, ?, ?)", count: most).joined(separator: ", ")

  mutating func add(_ db: Database, _ line: Line) throws {
    lines.append(line)
    guard lines.count == Self.most else { return }
    try Self.write(db, Self.many, lines[...])
    lines.removeAll(keepingCapacity: true)
  }

  mutating func write(_ db: Database) throws {
    for index in lines.indices { try Self.write(db, Self.one, lines[index...index]) }
    lines.removeAll(keepingCapacity: true)
  }

  private static func write(_ db: Database, _ sql: String, _ lines: ArraySlice<Line>) throws {
    let statement = try RawStatement(db, sql)
    var column: Int32 = 1
    for line in lines {
      statement.bind(column, line.at.milliseconds)
      statement.bind(column + 1, line.kind.rawValue)
      statement.bind(column + 2, line.phone?.digits)
      statement.bind(column + 3, line.campaign)
      statement.bind(column + 4, line.job)
      statement.bind(column + 5, line.data)
      column += 6
    }
    try statement.run()
  }
}
