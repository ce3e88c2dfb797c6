import GRDB

/// Campaigns side by side.
struct CampaignComparePage: Page {
  static let template = "campaign-compare"

  struct Column: Sendable {
    let name: String
    let path: String
    let when: String
    let people: String
    let delivered: String
    let clicked: String
    let answered: String
    let left: String
    let cost: String
    let costPerClick: String
  }

  let title: String
  let columns: [Column]
  let hasColumns: Bool
  let choices: [Choice]
  let hasChoices: Bool
  /// Nil: fewer than two are no comparison.
  let csv: String?

  static let most = ComparisonReport.campaigns.upperBound

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    let ids = visit.call.request.queryForm.filter { $0.name == "id" }.compactMap { Int64($0.value) }.prefix(most)
    let base = "/t/\(visit.subject.lease.tenant)/campaigns"
    return try await visit.subject.file.read { db in
      let compared = try ids.map { id in try Campaign.find(db, id: id) }
      let sums = try CampaignFigures.list(db, Array(ids), summing: ComparisonReport.figures, within: nil)
      let columns = compared.compactMap { campaign in sums[campaign.id].map { column(campaign, $0, base, words) } }
      let rows = try Row.fetchAll(
        db.cachedStatement(sql: "SELECT id, name FROM campaigns WHERE state <> 'draft' ORDER BY id DESC LIMIT 100"))
      return CampaignComparePage(
        title: words("Compare campaigns"), columns: columns, hasColumns: !columns.isEmpty,
        choices: rows.map { row in
          let id: Int64 = row["id"]
          return Choice(String(id), row["name"], chosen: ids.contains(id) ? String(id) : nil)
        }, hasChoices: !rows.isEmpty,
        csv: ids.count < 2 || Set(ids).count < ids.count
          ? nil : "\(visit.api)/reports/campaigns.csv?" + ids.map { "id=\($0)" }.joined(separator: "&"))
    }
  }

  private static func column(
    _ campaign: Campaign, _ figures: CampaignFigures, _ base: String, _ words: Words
  ) -> Column {
    func sum(_ figure: Figures.Figure) -> Int64 { figures.total[figure] ?? 0 }
    let arrived = figures.of(.delivered)
    let people = sum(.people)
    return Column(
      name: campaign.name, path: "\(base)/\(campaign.id)",
      when: words.short(campaign.startedAt ?? campaign.createdAt), people: words.number(figures.audience),
      delivered: words.percent(arrived, of: figures.known), clicked: words.percent(people, of: arrived),
      answered: words.percent(sum(.replies), of: arrived), left: words.percent(sum(.optOuts), of: arrived),
      cost: words.money(sum(.costMicros)), costPerClick: people == 0 ? "–" : words.money(sum(.costMicros) / people))
  }
}
