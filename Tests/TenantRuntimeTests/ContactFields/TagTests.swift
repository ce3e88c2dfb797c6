import Foundation
import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// One tag is one tag in every spelling of its case, at every door.
@Suite struct TagTests {
  private let driver = try! ImportDriver()

  private func tags() throws -> [String] {
    try driver.file.readNow { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT c.phone || ' ' || group_concat(t.name, ',') FROM contacts c JOIN contact_tags g ON g.contact_id = c.id
          JOIN tags t ON t.id = g.tag_id GROUP BY c.phone ORDER BY c.phone
          """)
    }
  }

  @Test func oneTagInAllItsCasesStaysOne() async throws {
    _ = try await driver.run(
      Array("Phone,Tags\n+14152681100,Été\n+14152681101,été;ÉTÉ\n+14152681102,E\u{301}te\u{301}\n".utf8))
    #expect(try tags() == ["14152681100 Été", "14152681101 Été", "14152681102 Été"])
    let (_, again) = try await driver.run(Array("Phone,Tags\n+14152681100,ÉTÉ\n".utf8))
    #expect(again.counts.unchanged == 1)
    let counted = try await driver.file.write { db in
      try (
        AudienceCount.take(db, .tag("été"), now: driver.now).count,
        SuppressionRule(kind: .tag, hours: nil, tag: "ÉTÉ", campaign: nil)
          .suppresses(db, phone: PhoneNumber(digits: 14_152_681_100)!, contact: 1, now: driver.now),
        Contact.addTag(db, "éTé", to: 1), Contact.removeTag(db, "ÉTÉ", from: 1)
      )
    }
    #expect(counted == (3, true, false, true))
    #expect(try tags().count == 2)
  }

  @Test(arguments: [("STRASSE", "straße"), ("ΟΔΟΣ", "οδος"), ("ΟΔΟΣ", "οδοσ"), ("VIP", "vip")])
  func letterCaseIsThatOfTheScript(_ one: String, _ other: String) { #expect(Tag.folded(one) == Tag.folded(other)) }

  @Test func anUndoTakesTheTagInWhateverCaseItWasGiven() async throws {
    _ = try await driver.run(Array("Phone,Tags\n+14152681100,Été\n+14152681101,\n".utf8), at: Moment(milliseconds: 1))
    let (_, second) = try await driver.run(
      Array("Phone,Tags\n+14152681101,été\n".utf8), at: Moment(milliseconds: 2))
    #expect(try tags().count == 2)
    try await driver.file.write { db in
      try ImportBatch.find(db, id: second.id).askUndo(db, at: Moment(milliseconds: 3))
    }
    _ = try await driver.finish(second.id)
    #expect(try tags() == ["14152681100 Été"])
  }

  @Test(arguments: ["a;b", "a,b", "a|b", "", " ", "a\nb", String(repeating: "a", count: 101)])
  func whatPartsTagsIsInNone(_ text: String) throws {
    #expect(Tag.read(text) == nil)
    #expect(throws: Refusal.self) { try AudienceRule(["tag": .text(text)], at: "rule") }
    var fields = try Fields(["tag": .text(text)])
    #expect(fields.tag("tag") == nil)
  }

  @Test func ofACellOfThousandsTheFirstTagsAreRead() {
    let names = TagList.names((0..<16_000).map { "é\($0)" }.joined(separator: ";"))
    #expect(names.count == 500 && names.first == "é0" && Set(names).count == 500)
  }

  @Test func aQuotedListMakesNoTagThatParts() {
    #expect(TagList.names("\"Fair, 2026\",VIP;\"a|b\"") == ["Fair 2026", "VIP", "a b"])
  }
}
