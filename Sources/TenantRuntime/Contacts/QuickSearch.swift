import Foundation
import GRDB

/// The first contacts that a search finds, within milliseconds whatever was typed: for a box that answers while people type.
///
/// FTS5 reads a beginning of up to three letters row by row from an index of its own. For a longer one it first gathers all rows that match:
/// a quarter of a second for what each of a million contacts has, as a mail provider's name. So a long beginning that is common is asked for
/// by its first three letters, and the rows are looked at one by one; common as it is, it is soon met.
enum QuickSearch {
  private static let indexed = 3
  /// Fewer are gathered in a few milliseconds.
  private static let common = 5_000
  private static let mostMilliseconds = 20
  private static let mostIndexedFirst: Int64 = 200

  /// What was typed in a moment ago is found; what a large import has made is found once its worker has come to it.
  static func catchUp(_ runtime: Runtime) async throws {
    let missing = try await runtime.file.read { db in try ContactSearch.missing(db) }
    if (1...mostIndexedFirst).contains(missing) { try await ContactSearch.indexSome(runtime) }
  }

  static func contacts(_ db: Database, _ typed: String, most: Int) throws -> [Row] {
    var terms: [String] = []
    var common: [String] = []
    for word in ContactSearch.words(typed: typed) {
      let folded = fold(word)
      if folded.unicodeScalars.count > indexed, try isCommon(db, folded) {
        common.append(folded)
        terms.append("\"\(String(String.UnicodeScalarView(folded.unicodeScalars.prefix(indexed))))\"*")
      } else {
        terms.append("\"\(word)\"*")
      }
    }
    if terms.isEmpty { return [] }
    var found: [Row] = []
    _ = try Deadline.run(db, milliseconds: mostMilliseconds) {
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT c.id, c.phone, c.first_name, c.last_name, c.email, c.fields FROM contact_search
          CROSS JOIN contacts c ON c.id = contact_search.rowid WHERE contact_search MATCH ? ORDER BY contact_search.rowid
          """, arguments: [terms.joined(separator: " AND ")])
      while found.count < most, let row = try rows.next() {
        if has(row, wordsBeginningWith: common) { found.append(row.copy()) }
      }
    }
    return found
  }

  private static func isCommon(_ db: Database, _ word: String) throws -> Bool {
    let met = try Int.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT count(*) FROM (SELECT 1 FROM contact_search_words WHERE term >= ? AND term < ? LIMIT \(common))
          """), arguments: [word, word + "\u{10FFFF}"])
    return met ?? 0 >= common
  }

  private static func has(_ row: Row, wordsBeginningWith wanted: [String]) -> Bool {
    if wanted.isEmpty { return true }
    let words = fold(ContactSearch.words(row)).split { !$0.isLetter && !$0.isNumber }
    return wanted.allSatisfy { word in words.contains { $0.hasPrefix(word) } }
  }

  /// As the tokenizer does: without case and accents.
  private static func fold(_ text: String) -> String {
    text.folding(options: [.diacriticInsensitive, .caseInsensitive], locale: nil)
  }
}
