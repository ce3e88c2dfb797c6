import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Figures of many campaigns at once, as lists show them.
@Suite struct CampaignFiguresTests {
  private let folder = try! TestFolder()

  /// Three campaigns: the first has no text yet, the third has many hours.
  private func town() throws -> SQLiteFile {
    let file = try folder.tenantFile()
    try file.writeNow { db in
      for campaign: Int64 in 1...3 {
        try db.execute(
          sql: """
            INSERT INTO campaigns (name, body, purpose, state, audience, numbers, created_by, created_at)
            VALUES ('c', 'b', 'marketing', 'running', '{"all":true}', '[]', 't', 0)
            """)
        guard campaign > 1 else { continue }
        try db.execute(
          sql: """
            INSERT INTO campaign_counts VALUES (?1, 0, 'delivered', '', 7), (?1, 1, 'delivered', '', 2), (?1, 0, 'skipped', 'opted_out', ?1);
            """, arguments: [campaign])
        for hour: Int64 in 0..<(campaign == 3 ? 2_000 : 3) {
          try db.execute(
            sql:
              "INSERT INTO campaign_figures VALUES (?1, ?2, 14155550100, 0, 'people', 2), (?1, ?2, 14155550101, 1, 'delivered', 3)",
            arguments: [campaign, hour * 3_600_000])
        }
      }
    }
    return file
  }

  @Test func aListSaysOfEachCampaignWhatItsReportSays() throws {
    try town().readNow { db in
      let list = try CampaignFigures.list(db, [3, 2, 1], summing: [.people, .delivered], within: nil)
      for campaign: Int64 in 1...3 {
        let (short, whole) = (try #require(list[campaign]), try CampaignFigures.read(db, campaign: campaign))
        #expect(short.states == whole.states && short.total == whole.total && short.isSummed)
        #expect(short.skipped.map(\.count) == whole.skipped.map(\.count))
        #expect(short.hours.isEmpty && short.numbers.isEmpty && short.variants.isEmpty)
      }
    }
  }

  @Test func whatThereIsNoTimeToSumIsSaidToBeUnknown() throws {
    try town().readNow { db in
      let list = try CampaignFigures.list(db, [3, 2, 1], summing: [.people], within: 0)
      #expect(list[3]?.isSummed == false && list[3]?.total.isEmpty == true)
      #expect(list[3]?.of(.delivered) == 9)
    }
  }
}
