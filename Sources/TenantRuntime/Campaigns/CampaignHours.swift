import GRDB

/// Hours that never meet hold everybody for ever: they are refused when they are set.
extension Campaign {
  /// Why a campaign's own quiet hours and the tenant's texting hours leave no minute of a day; nil when they do.
  static func neverMeets(_ quiet: QuietHours?, _ purpose: Purpose, _ hours: TenantHours) -> String? {
    let isAllowed = { (minute: Int) in
      !(quiet?.covers(minute) ?? false) && !(hours.quiet?.covers(minute) ?? false)
        && (purpose == .informational || (8 * 60..<21 * 60).contains(minute))
    }
    if (0..<1_440).contains(where: isAllowed) { return nil }
    guard let own = hours.quiet else { return "leave no minute of the legal 08:00 to 21:00" }
    return "and texting hours from \(QuietHours.text(own.end)) to \(QuietHours.text(own.start)) never meet"
  }

  /// Whether the tenant's new hours leave room for the law and for every campaign that is not over.
  static func meetHours(_ db: Database, _ hours: TenantHours, _ fields: inout Fields) throws {
    if neverMeets(nil, .marketing, hours) != nil {
      return fields.fail("texting_hours", "never meet the legal hours for marketing, 08:00 to 21:00")
    }
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT * FROM campaigns WHERE state NOT IN ('completed', 'cancelled') AND quiet_start IS NOT NULL"))
    for campaign in try rows.map(Campaign.init)
    where neverMeets(campaign.quiet, campaign.purpose, hours) != nil {
      let (start, end) = (QuietHours.text(campaign.quiet?.start ?? 0), QuietHours.text(campaign.quiet?.end ?? 0))
      fields.fail(
        "texting_hours",
        "never meet the hours of campaign \(campaign.id), \(campaign.name), which is quiet from \(start) to \(end); cancel it first"
      )
      return
    }
  }

  /// The tenant's hours have changed.
  static func lookAgain(_ db: Database) throws {
    try db.execute(
      sql: "UPDATE campaigns SET look_again_cursor = 0 WHERE state IN ('starting', 'running', 'paused')")
  }
}
