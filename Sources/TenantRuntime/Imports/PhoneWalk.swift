import GRDB

/// Walks a phone-ordered table beside phone-ordered rows: a few steps where they lie close, a new search where they do not.
struct PhoneWalk {
  private let statement: RawStatement
  private var phone: Int64 = -1
  private var ended = false
  private static let patience = 8

  /// `sql` selects from a table `WHERE phone >= ?` in phone order; its first column is the phone.
  init(_ db: Database, _ sql: String) throws { statement = try RawStatement(db, sql) }

  /// The statement standing on the row of this phone, if there is one. Phones must be asked in rising order.
  mutating func find(_ wanted: Int64) throws -> RawStatement? {
    if ended { return nil }
    var steps = 0
    while phone < wanted {
      if phone < 0 || steps == Self.patience {
        statement.reset()
        statement.bind(1, wanted)
        steps = 0
      }
      steps += 1
      guard try statement.step() else {
        ended = true
        statement.reset()
        return nil
      }
      phone = statement.int(0)
    }
    return phone == wanted ? statement : nil
  }

  func end() { statement.reset() }
}
