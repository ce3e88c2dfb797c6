import GRDB

/// Whom a campaign may mean or leave out, as entries of a choice whose values are rules.
struct CampaignChoices {
  private let db: Database
  private let words: Words
  private static let most = 200

  init(_ db: Database, _ words: Words) { (self.db, self.words) = (db, words) }

  /// A rule as a form sends it, or a draft holds it. One that is not taken stays in the form, which is refused until somebody takes it out:
  /// left out without a word, it would let those be texted whom it excludes.
  func choice(_ text: String) throws -> Choice? {
    guard let json = try? JSON(parsing: text) else { return nil }
    return Choice(text, try name(AudienceRule(stored: json)), chosen: text)
  }

  /// - Parameter text: the one that is chosen, as a form sends it.
  func audiences(_ chosen: AudienceRule?, chosen text: String) throws -> [Choice] {
    var rules: [AudienceRule] = [.everyone]
    rules += try ids("SELECT id FROM audiences ORDER BY name").map(AudienceRule.saved)
    rules += try tags().map(AudienceRule.tag)
    rules += try ids("SELECT id FROM import_batches WHERE state = 'completed' AND mode = 'commit' ORDER BY id DESC")
      .prefix(20).map(
        AudienceRule.imported)
    if let chosen, !rules.contains(chosen) { rules.insert(chosen, at: 0) }
    return try rules.map { Choice($0.json.serialized, try name($0), chosen: text) }
  }

  func exclusions(besides known: Set<String>) throws -> [Choice] {
    var rules = try ids("SELECT id FROM audiences ORDER BY name").map(AudienceRule.saved)
    rules += try tags().map(AudienceRule.tag)
    rules += [1, 3, 7, 14, 30, 90].map { AudienceRule.texted(days: $0) }
    rules += try ids("SELECT id FROM campaigns WHERE state <> 'draft' ORDER BY id DESC").prefix(50).map {
      AudienceRule.engagement(.texted, campaign: $0)
    }
    return try rules.filter { !known.contains($0.json.serialized) }.map { Choice($0.json.serialized, try name($0)) }
  }

  private func ids(_ sql: String) throws -> [Int64] { try Int64.fetchAll(db, sql: sql + " LIMIT \(Self.most)") }
  private func tags() throws -> [String] {
    try String.fetchAll(db, sql: "SELECT name FROM tags ORDER BY folded LIMIT \(Self.most)")
  }

  func name(_ rule: AudienceRule) throws -> String {
    func named(_ table: String, _ column: String, _ id: Int64) throws -> String {
      try String.fetchOne(db, sql: "SELECT \(column) FROM \(table) WHERE id = ?", arguments: [id]) ?? "#\(id)"
    }
    switch rule {
    case .everyone: return words("Everybody")
    case .saved(let id): return try named("audiences", "name", id)
    case .tag(let tag): return words("Tag: {0}", tag)
    case .imported(let id):
      let file = try String.fetchOne(
        db.cachedStatement(sql: "SELECT json_extract(options, '$.name') FROM import_batches WHERE id = ?"),
        arguments: [id])
      return file.map { words("Import: {0}", $0) } ?? words("Import {0}", String(id))
    case .texted(let days): return words(days, one: "Texted in the last day", many: "Texted in the last {0} days")
    case .engagement(.texted, let id): return words("Got “{0}”", try named("campaigns", "name", id))
    default: return words.said(AudienceExplanation.words(rule))
    }
  }
}
