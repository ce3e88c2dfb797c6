import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Whom the first campaign goes to.
@Suite struct CampaignFirstPageTests {
  @Test(arguments: [
    (tag: String?.none, people: 0, shown: "team", listed: 0, more: Int64(0)),
    ("team", 1, "team", 1, 0), ("Team", 1, "Team", 1, 0), ("TEAM", 20, "TEAM", 20, 0), ("team", 23, "team", 20, 3),
  ])
  func whoeverCarriesTheTagInAnySpellingIsCounted(
    _ tag: String?, people: Int, shown: String, listed: Int, more: Int64
  ) throws {
    let folder = try TestFolder()
    try folder.tenantFile().writeNow { db in
      for person in 0..<people {
        var values = Contact.Values()
        values.tags = [tag ?? ""]
        _ = try Contact.upsert(
          db, phone: PhoneNumber(digits: 14_157_000_000 + Int64(person))!, values, importID: nil,
          at: Moment(milliseconds: 0))
      }
      let team = try CampaignFirstPage.Team(db)
      #expect(team.tag == shown && team.first.count == listed && team.more == more)
    }
  }
}
