import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// The box that answers while people type: what it finds, in whatever way it looks.
@Suite struct QuickSearchTests {
  private let folder = try! TestFolder()
  private static let now = Moment(milliseconds: 1_800_000_000_000)

  /// Six thousand people with one mail provider, so that its name is common; each hundredth is called Zoë.
  private func town() async throws -> SQLiteFile {
    let file = try folder.tenantFile()
    try await file.write { db in
      for person in 0..<6_000 as Range<Int64> {
        var values = Contact.Values()
        values.firstName = person % 100 == 0 ? "Zoë" : "P\(person)"
        values.email = "p\(person)@example.test"
        _ = try Contact.upsert(
          db, phone: PhoneNumber(digits: 14_157_000_000 + person)!, values, importID: nil, at: Self.now)
      }
      while try ContactSearch.indexSome(db) {}
    }
    return file
  }

  private static let cases: [(String, [Int64])] = [
    ("example", Array(1...8)), ("exampl", Array(1...8)), ("ZOE", [1, 101, 201, 301, 401, 501, 601, 701]),
    ("zoe exampl", [1, 101, 201, 301, 401, 501, 601, 701]), ("p5999 example", [6_000]), ("+1 415 700 5999", [6_000]),
    ("p599", [600, 5_991, 5_992, 5_993, 5_994, 5_995, 5_996, 5_997]), ("1415", Array(1...8)), ("exact", []),
    ("examples", []), ("example nobody", []), ("%", []), ("5999", [6_000]),
  ]

  @Test func commonWordsRareWordsAndBothAreFound() async throws {
    let file = try await town()
    for (typed, wanted) in Self.cases {
      let found = try file.readNow { db in try QuickSearch.contacts(db, typed, most: 8).map { $0["id"] as Int64 } }
      #expect(found == wanted, "\(typed)")
    }
  }

  /// In a file of a million, where every contact has the word, gathering first would take a quarter of a second.
  @Test func aCommonWordIsAskedForByItsIndexedBeginning() async throws {
    let file = try await town()
    let recorder = try StatementRecorder(file)
    _ = try file.readNow { db in try QuickSearch.contacts(db, "example", most: 8).count }
    #expect(try recorder.scans(file, besides: []) == [])
  }
}
