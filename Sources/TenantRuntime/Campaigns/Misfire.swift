import GRDB

/// What becomes of a scheduled campaign whose time has passed while it could not begin: the server was down, or its tenant parked.
package struct Misfire: Sendable, Equatable {
  package enum Policy: String, CaseIterable, Sendable {
    /// It is paused, and a person decides.
    case ask
    /// It begins all the same if no more than so many minutes have passed; else a person decides.
    case sendWithin = "send_within"
    /// It is cancelled.
    case skip
  }

  var policy = Policy.ask
  /// Of `sendWithin` alone.
  var minutes: Int64?

  static let mostMinutes: Int64 = 10_080
  /// A busy server may be as late as that.
  static let graceMinutes: Int64 = 5

  init(policy: Policy = .ask, minutes: Int64? = nil) {
    self.policy = policy
    self.minutes = minutes
  }

  init(_ row: Row) throws {
    guard let policy = Policy(rawValue: row["misfire"]) else { throw DatabaseError(message: "unknown misfire policy") }
    self.init(policy: policy, minutes: row["misfire_minutes"])
  }

  var json: JSON { ["policy": .text(policy.rawValue), "minutes": .optional(minutes)] }

  /// Whether it still begins by itself.
  func allows(due: Moment, now: Moment) -> Bool {
    now <= due.advanced(bySeconds: max(Self.graceMinutes, minutes ?? 0) * 60)
  }
}

extension Campaign {
  /// Scheduled campaigns whose time has come begin; those that are late go by their policy.
  static func beginDue(_ db: Database, zone: String, at: Moment) throws {
    let rows = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM campaigns WHERE state = 'scheduled' AND send_at <= ?"), arguments: [at])
    for var campaign in try rows.map(Campaign.init) {
      let due = campaign.due(zone: zone) ?? at
      if campaign.misfire.allows(due: due, now: at) {
        try db.execute(
          sql: "UPDATE campaigns SET state = 'starting', started_at = ? WHERE id = ?", arguments: [at, campaign.id])
      } else {
        let why = "its time, \(due.iso8601), passed while nothing could be sent"
        try campaign.missed(db, why, at: at)
      }
    }
  }

  /// A draft may lie until its time has passed: who launches it then means another time, or none.
  /// By people's own clocks it has passed once it has everywhere; where it has passed earlier, they are texted at once.
  func refusePast(at: Moment) throws {
    guard state == .draft, let due = sendAtLocal?.last ?? sendAt, !misfire.allows(due: due, now: at) else { return }
    throw Refusal.invalid(
      sendAtLocal == nil ? "send_at" : "send_at_local", "has passed: choose another time, or none to send at once")
  }

  /// By people's own clocks there is no one moment: that of the tenant's clock stands for it.
  private func due(zone: String) -> Moment? {
    guard let local = sendAtLocal else { return sendAt }
    return TimeZones.named(zone).map { local.moment(in: $0) } ?? local.last
  }

  private mutating func missed(_ db: Database, _ why: String, at: Moment) throws {
    guard misfire.policy == .skip else {
      return try Self.hold(db, id, "\(why); resume it to send it now", by: "schedule", at: at)
    }
    try cancel(db, at: at)
    try db.execute(
      sql: "UPDATE campaigns SET pause_reason = ?, paused_by = 'schedule' WHERE id = ?", arguments: [why, id])
    try Audit.append(db, call: "schedule", "campaign.cancel", "campaign:\(id)", after: why, at: at)
  }

  /// A campaign that cannot begin waits for a person, and stands in nobody's way.
  static func hold(_ db: Database, _ id: Int64, _ reason: String, by actor: String, at: Moment) throws {
    try db.execute(
      sql: "UPDATE campaigns SET state = 'paused', pause_reason = ?, paused_by = ? WHERE id = ?",
      arguments: [reason, actor, id])
    try Event.append(db, .campaignPaused, at: at, phone: nil, campaign: id, data: ["reason": .text(reason)])
    try Audit.append(db, call: actor, "campaign.pause", "campaign:\(id)", after: reason, at: at)
  }
}
