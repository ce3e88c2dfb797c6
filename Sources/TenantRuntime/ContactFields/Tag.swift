import Foundation
import GRDB

/// A word that contacts are gathered by. Two spellings are one tag when they differ in case alone, in any script; the first spelling is
/// shown. The marks that part tags in files are in no tag, so an export that is imported again makes the same tags.
enum Tag {
  static let longest = 100
  /// What parts tags in files.
  static let marks = ";,|"

  /// The tag a person names; nil when it is none.
  static func read(_ text: String?) -> String? { Name.read(text, most: longest, without: marks) }

  static let rule =
    "must be 1 to \(longest) characters, without control characters or " + marks.map(String.init).joined(separator: " ")

  /// `Été`, `été` and `ÉTÉ` alike; what differs in length between capitals and small letters (ß, ς), too.
  static func folded(_ name: String) -> String {
    name.uppercased().lowercased().precomposedStringWithCanonicalMapping
  }

  /// To be given the folded name.
  static let id = "(SELECT id FROM tags WHERE folded = ?)"

  /// The id of the tag, made if there is none.
  static func id(_ db: Database, _ name: String) throws -> Int64 {
    let folded = folded(name)
    let find = try db.cachedStatement(sql: "SELECT id FROM tags WHERE folded = ?")
    if let id = try Int64.fetchOne(find, arguments: [folded]) { return id }
    try db.execute(sql: "INSERT INTO tags (name, folded) VALUES (?, ?)", arguments: [name, folded])
    return db.lastInsertedRowID
  }

  /// As it is spelled already.
  static func spelled(_ db: Database, _ name: String) throws -> String {
    try String.fetchOne(
      db.cachedStatement(sql: "SELECT name FROM tags WHERE folded = ?"), arguments: [folded(name)]) ?? name
  }

  static func isOn(_ db: Database, _ contact: Int64, _ name: String) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM contact_tags WHERE contact_id = ? AND tag_id = \(id))"),
      arguments: [contact, folded(name)]) == true
  }
}

extension Fields {
  /// A tag that is named; nil when it is absent or wrong.
  mutating func tag(_ field: String) -> String? {
    guard let text = text(field, most: Tag.longest), !text.trimmed.isEmpty else { return nil }
    if let tag = Tag.read(text) { return tag }
    fail(field, Tag.rule)
    return nil
  }
}
