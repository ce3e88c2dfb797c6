import GRDB

/// What people do to a campaign. Each is one transaction, with its audit row; what a worker or the log of claims must know is left in the
/// transaction's effects.
extension Campaign {
  /// What is to change. Nil stays as it is.
  struct Change: Sendable {
    /// Some nil takes the limit away. It changes until the campaign is over.
    var budget: Int64??
    /// A draft as it is to be, but for its budget.
    var draft: Draft?
  }

  static func create(_ change: Transaction, _ draft: Draft) throws -> Campaign {
    let campaign = try create(change.db, draft, actor: change.caller.name, at: change.now)
    try change.audit("campaign.create", campaign.subject, after: campaign.state.rawValue)
    return campaign
  }

  static func edit(_ change: Transaction, _ id: Int64, _ edit: Change) throws -> Campaign {
    var campaign = try find(change.db, id: id)
    if let budget = edit.budget {
      let former = campaign.budgetMicros
      try campaign.setBudget(change.db, micros: budget)
      // On the file's own lane: a claim before it is cut, one behind it has seen the new limit.
      change.gate.cut(budget.map { campaign.reservedMicros - $0 } ?? 0, campaign: id)
      try change.audit(
        "campaign.budget", campaign.subject, before: former.map { String($0) } ?? "none",
        after: budget.map { String($0) } ?? "none")
      change.effects.notes.append(CampaignNote(id: id, budget: budget ?? CampaignNote.noBudget, at: change.now))
      change.effects.awaitsPendingSends = true
      change.effects.wakes.insert(.sending)
    }
    if let draft = edit.draft {
      let before = campaign.draft.members
      try campaign.rewrite(change.db, draft, actor: change.caller.name, at: change.now, &change.effects)
      let changed = zip(before, campaign.draft.members).filter { $0.1 != $1.1 }
      try change.audit(
        "campaign.edit", campaign.subject, before: JSON.object(changed.map(\.0)).serialized,
        after: JSON.object(changed.map(\.1)).serialized)
    }
    return campaign
  }

  /// A new draft that says the same.
  static func duplicate(_ change: Transaction, _ id: Int64) throws -> Campaign {
    let rules = try BodyRules.read(change.db, change.lease)
    let copy = try find(change.db, id: id).copy(change.db, rules, actor: change.caller.name, at: change.now)
    try change.audit("campaign.duplicate", copy.subject, before: "campaign:\(id)", after: copy.state.rawValue)
    return copy
  }

  static func delete(_ change: Transaction, _ id: Int64) throws {
    let campaign = try find(change.db, id: id)
    try campaign.remove(change.db, actor: change.caller.name, at: change.now, &change.effects)
    try change.audit(
      "campaign.delete", campaign.subject, before: JSON.object(campaign.draft.members).serialized)
  }

  static func launch(_ change: Transaction, _ id: Int64) throws -> Campaign {
    try change.refuseMoreStorage()
    change.effects.wakes.insert(.launching)
    return try moving(change, id, "campaign.launch") { campaign in
      try campaign.refusePast(at: change.now)
      try campaign.launch(change.db, at: change.now)
    }
  }

  static func unschedule(_ change: Transaction, _ id: Int64) throws -> Campaign {
    try moving(change, id, "campaign.unschedule") { campaign in try campaign.unschedule(change.db) }
  }

  /// Within `transact(stopping:)`.
  static func pause(_ change: Transaction, _ id: Int64, reason: String) throws -> Campaign {
    try moving(change, id, "campaign.pause") { campaign in
      try campaign.pause(change.db, reason: reason, actor: change.caller.name)
    }
  }

  /// Within `transact(resuming:)`.
  static func resume(_ change: Transaction, _ id: Int64) throws -> Campaign {
    change.effects.wakes.formUnion([.launching, .sending])
    return try moving(change, id, "campaign.resume") { campaign in try campaign.resume(change.db, at: change.now) }
  }

  /// Within `transact(stopping:)`.
  static func cancel(_ change: Transaction, _ id: Int64) throws -> Campaign {
    change.effects.wakes.insert(.launching)
    return try moving(change, id, "campaign.cancel") { campaign in try campaign.cancel(change.db, at: change.now) }
  }

  /// Its failures once more; answers how many are planned.
  static func resend(_ change: Transaction, _ id: Int64) throws -> (campaign: Campaign, planned: Int64) {
    var campaign = try find(change.db, id: id)
    let planned = try campaign.resend(change.db, at: change.now)
    try change.audit("campaign.resend", campaign.subject, after: "\(planned)")
    change.effects.wakes.insert(.launching)
    return (campaign, planned)
  }

  private static func moving(
    _ change: Transaction, _ id: Int64, _ action: String, _ move: (inout Campaign) throws -> Void
  ) throws -> Campaign {
    var campaign = try find(change.db, id: id)
    let before = campaign.state.rawValue
    try move(&campaign)
    try change.audit(action, campaign.subject, before: before, after: campaign.state.rawValue)
    change.effects.notes.append(
      CampaignNote(id: id, state: campaign.state, launch: campaign.launches, at: change.now))
    return campaign
  }

  private var subject: String { "campaign:\(id)" }
}
