import GRDB

/// One claimed block of texts, written outside the tenant's file before the first call, in enough detail that a file put back from an older
/// copy can mark all of it as sent (`design.md` 11, the fence): who, for which campaign, at what cost, on which day. No words.
package struct SendClaim: Sendable, Equatable, Codable {
  package struct Text: Sendable, Equatable, Codable {
    package var job: Int64
    package var attempt: Int64
    package var kind: SendJob.Kind
    package var campaign: Int64?
    package var phone: PhoneNumber
    package var tries: Int64
    package var variant: Int64?
    package var number: PhoneNumber
    package var segments: Int64
    package var cost: Int64

    package init(
      job: Int64, attempt: Int64, kind: SendJob.Kind, campaign: Int64?, phone: PhoneNumber, tries: Int64,
      variant: Int64?, number: PhoneNumber, segments: Int64, cost: Int64
    ) {
      self.job = job
      self.attempt = attempt
      self.kind = kind
      self.campaign = campaign
      self.phone = phone
      self.tries = tries
      self.variant = variant
      self.number = number
      self.segments = segments
      self.cost = cost
    }
  }

  package var tenant: String
  package var epoch: Int64
  package var number: Int64
  package var at: Moment
  /// Of the tenant's calendar, where its costs are booked (20261123).
  package var day: Int64
  /// The highest campaign id the file had given out: ids continue above it after a restore.
  package var highestCampaignID: Int64
  package var texts: [Text]

  package init(
    tenant: String, epoch: Int64, number: Int64, at: Moment, day: Int64, highestCampaignID: Int64, texts: [Text]
  ) {
    self.tenant = tenant
    self.epoch = epoch
    self.number = number
    self.at = at
    self.day = day
    self.highestCampaignID = highestCampaignID
    self.texts = texts
  }
}

/// What is known of a campaign outside its file: what it is, from its first claim on, and the last state that a person or the circuit breaker
/// has brought it to. Also of the tenant's kill switch and its numbers, as `paused` or `running`.
package struct CampaignNote: Sendable, Equatable {
  /// Of a campaign; 0: the kill switch; below: the digits of a number.
  package var id: Int64
  /// `CampaignRecord`; nil: as it was noted before.
  package var record: String?
  package var state: CampaignState?
  /// The launch that `state` is of, counted from 1; nil: as it was noted before. A file with an earlier one is older than the note, one with
  /// a later one newer.
  package var launch: Int64?
  /// What it may cost, as a person has set it last; `noBudget` where they took the limit away, nil: as it was noted before.
  package var budget: Int64?
  package var at: Moment

  static let noBudget = Int64.max
  /// The tenant's own budgets. No number is so short.
  static let (dailyBudget, monthlyBudget): (Int64, Int64) = (-1, -2)

  package init(
    id: Int64, record: String? = nil, state: CampaignState? = nil, launch: Int64? = nil, budget: Int64? = nil,
    at: Moment
  ) {
    self.budget = budget
    self.id = id
    self.record = record
    self.state = state
    self.launch = launch
    self.at = at
  }

  /// Nil: the limit is not raised.
  static func raised(_ id: Int64, from before: Int64?, to limit: Int64?, at: Moment) -> CampaignNote? {
    guard let before, (limit ?? .max) > before else { return nil }
    return CampaignNote(id: id, budget: limit ?? noBudget, at: at)
  }

  /// The limit that the file has. Nil: there is no such campaign.
  static func limit(_ db: Database, _ id: Int64, at: Moment) throws -> CampaignNote? {
    let column = id == dailyBudget ? "daily_micros" : "monthly_micros"
    let row =
      id > 0
      ? try Row.fetchOne(
        db.cachedStatement(sql: "SELECT budget_micros FROM campaigns WHERE id = ?"), arguments: [id])
      : try Row.fetchOne(db, sql: "SELECT \(column) FROM budgets")
    guard id < 0 || row != nil else { return nil }
    return CampaignNote(id: id, budget: (row?[0] as Int64?) ?? noBudget, at: at)
  }

  static func killSwitch(isOn: Bool, at: Moment) -> CampaignNote {
    CampaignNote(id: 0, state: isOn ? .paused : .running, at: at)
  }

  static func number(_ number: PhoneNumber, isPaused: Bool, at: Moment) -> CampaignNote {
    CampaignNote(id: -number.digits, state: isPaused ? .paused : .running, at: at)
  }

  /// States in which nothing of it goes on. A draft is what somebody has taken back.
  package static let stops: [CampaignState] = [.paused, .cancelled, .draft]
  var isStop: Bool { state.map(Self.stops.contains) ?? false }
}

package protocol SendClaimLog: Sendable {
  /// Returns once the claim, and what is new of its campaigns, is on disk.
  func append(_ claim: SendClaim, campaigns: [CampaignNote]) async throws
  func append(_ note: CampaignNote, tenant: String) async throws
}
