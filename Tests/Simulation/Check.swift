import CSimulation
import ControlPlane
import Foundation
import GRDB
import TenantRuntime

/// What the files must say, asked by the simulator's own SQL.
extension Simulator {
  private func read<Value: Sendable>(
    _ tenant: Int, _ body: @escaping @Sendable (Database) throws -> Value
  ) -> Value? {
    let result = world.wait { controlPlane in
      try await controlPlane.open.catchUp(World.tenants[tenant])
      return try await controlPlane.open.with(World.tenants[tenant]) { runtime in try await runtime.file.read(body) }
    }
    switch result {
    case .success(let value): return value
    case .failure(let error) where isEnd: watch.fail("\(World.tenants[tenant]) cannot be read at the end: \(error)")
    case nil where isEnd: watch.fail("\(World.tenants[tenant]) cannot be read at the end: no answer in a minute")
    default: break
    }
    return nil
  }

  /// While it runs: sums and rows agree.
  func checkFigures() {
    guard world.controlPlane != nil, !sim_disk_is_failing() else { return }
    lookAtImports()
    for tenant in World.tenants.indices where !paused.contains(tenant) && watch.broken == nil {
      let found = read(tenant) { db in
        try FiguresCheck(db).differences.map { "\($0.figure) \($0.key): kept \($0.kept), found \($0.found)" }
      }
      if let first = found?.first { watch.fail("figures of \(World.tenants[tenant]) differ from the rows: \(first)") }
    }
  }

  // MARK: The end

  /// Everything is opened again and left alone until nothing more is to come.
  func settle() {
    sim_disk_fail(0, 0, 0)
    world.cancelKill()
    Machine.run()
    if world.isCrashed { recoverForEnd() }
    if world.controlPlane == nil { world.reopen() }
    Machine.advance(milliseconds: 60_000)
    watch.isForgiving = false
    watch.forgive()
    perform(.platformSwitch(isOn: false))
    for tenant in World.tenants.indices {
      for operation in [
        Operation.resumeTenant(tenant: tenant), .reinstate(tenant: tenant), .unfence(tenant: tenant),
        .killSwitch(tenant: tenant, isOn: false), .budget(tenant: tenant, dailyMicros: nil),
        .addNumber(tenant: tenant, dailyCap: nil),
      ] {
        perform(operation)
        Machine.advance(milliseconds: 60_000)
      }
    }
    for day in 0..<8 where watch.broken == nil {
      resumeCampaigns(clearingBudgets: day == 0)
      lookAtImports()
      Machine.advance(milliseconds: 86_400_000)
    }
    lookAtImports()
    Machine.advance(milliseconds: 1_000)
  }

  private func recoverForEnd() {
    oracle.died()
    paused = []
    world.recover()
  }

  private func resumeCampaigns(clearingBudgets: Bool) {
    for (marker, campaign) in oracle.campaigns.sorted(by: { $0.key < $1.key }) {
      if clearingBudgets { perform(.campaignBudget(tenant: campaign.tenant, marker: marker, micros: nil)) }
      guard let id = campaign.id else { continue }
      world.api("GET", "campaigns/\(id)", of: campaign.tenant) { [unowned self] answer in
        guard answer.json["state"] as? String == "paused", answer.json["name"] as? String == marker else { return }
        perform(.resumeCampaign(tenant: campaign.tenant, marker: marker))
      }
      Machine.run()
    }
  }

  func checkEnd() {
    guard watch.broken == nil else { return }
    isEnd = true
    for tenant in World.tenants.indices where watch.broken == nil {
      checkFigures()
      checkCampaigns(tenant)
      checkLedger(tenant)
      checkOptOuts(tenant)
      checkInbound(tenant)
      checkTaps(tenant)
    }
  }

  private func checkCampaigns(_ tenant: Int) {
    guard
      let open = read(
        tenant,
        { db in
          try String.fetchAll(
            db,
            sql: """
              SELECT name || ' is ' || state || ', waiting for ' || ifnull(waiting_reason, 'nothing') FROM campaigns
              WHERE state IN ('scheduled', 'starting', 'running') OR (state = 'paused' AND paused_by NOT LIKE '%breaker%')
              UNION ALL SELECT 'text ' || id || ' is ' || state || ' for ' || ifnull(reason, 'no reason') FROM send_jobs
              WHERE state = 'sending' OR state = 'deferred'
              UNION ALL SELECT c.name || ' has ' || c.audience_size || ' people and ' || count(j.id) || ' texts' FROM campaigns c
              LEFT JOIN send_jobs j ON j.campaign_id = c.id AND j.superseded = 0
              GROUP BY c.id HAVING count(j.id) <> c.audience_size OR count(DISTINCT j.phone) <> count(j.id)
              """)
        })
    else { return }
    if let first = open.first { watch.fail("\(World.tenants[tenant]) does not come to rest: \(first)") }
  }

  private struct Job: Sendable {
    var id: Int64
    var state: String
    var cost: Int64
    var price: Int64?
  }

  /// What the provider has taken, the file knows; what the file says was taken, the provider has.
  private func checkLedger(_ tenant: Int) {
    guard
      let jobs = read(
        tenant,
        { db in
          try Row.fetchAll(
            db, sql: "SELECT id, sid, state, cost_micros, price_micros FROM send_jobs WHERE sid IS NOT NULL"
          ).map { row in
            (
              row["sid"] as String,
              Job(id: row["id"], state: row["state"], cost: row["cost_micros"], price: row["price_micros"])
            )
          }
        })
    else { return }
    let known = Dictionary(jobs, uniquingKeysWith: { first, _ in first })
    let texts = Dictionary(
      provider.ledger.filter { Oracle.tenant(ofNumber: $0.from) == tenant }.map { ($0.sid, $0) },
      uniquingKeysWith: { first, _ in first })
    for (sid, job) in jobs where texts[sid] == nil {
      return watch.fail(
        "\(World.tenants[tenant]) believes text \(job.id) was taken as \(sid); the provider has no such text")
    }
    for text in provider.ledger where Oracle.tenant(ofNumber: text.from) == tenant && isOfThisLife(text, tenant) {
      let said = "\(World.tenants[tenant])'s text \(text.sid) to \(text.to) [\(text.marker)]"
      guard let job = known[text.sid] else {
        return watch.fail("\(said) was taken by the provider; the file does not know")
      }
      if oracle.erased.contains(.init(tenant: tenant, phone: text.to)) { continue }
      if text.reported.contains(text.status), text.status != "queued", text.status != "sent", job.state != text.status {
        return watch.fail("\(said) is \(text.status), and was reported; the file says \(job.state)")
      }
      // The list is read to the end 74 hours after a number's first text of a day.
      if job.price == nil, job.cost > 0, job.cost != text.price, text.at < Machine.now - 6 * 86_400_000,
        oracle.history[tenant] == 0
      {
        return watch.fail("\(said) costs \(text.price), the file says \(job.cost); its price was never read")
      }
      if let price = job.price, price != text.price || job.cost != price {
        return watch.fail("\(said) costs \(text.price); the file says \(job.cost)")
      }
    }
  }

  /// The file's life has not changed since.
  private func isOfThisLife(_ text: ProviderText, _ tenant: Int) -> Bool {
    oracle.historyOf[text.sid] == oracle.history[tenant]
  }

  private func checkOptOuts(_ tenant: Int) {
    guard
      let blocked = read(
        tenant,
        { db in
          Set(try Int64.fetchAll(db, sql: "SELECT phone FROM do_not_contact").map { "+\($0)" })
        })
    else { return }
    for (person, purposes) in oracle.forbidden.sorted(by: { $0.key.phone < $1.key.phone })
    where person.tenant == tenant && purposes.contains("all") && !blocked.contains(person.phone) {
      return watch.fail("\(World.tenants[tenant]) has forgotten the opt-out of \(person.phone) \(oracle.way(person))")
    }
  }

  private func checkTaps(_ tenant: Int) {
    guard oracle.history[tenant] == 0, let answered = oracle.taps[tenant]?[0],
      let kept = read(tenant, { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM link_hits") ?? 0 })
    else { return }
    if kept < answered {
      watch.fail("\(World.tenants[tenant]) has answered for \(answered) taps on links and has \(kept)")
    }
  }

  private func checkInbound(_ tenant: Int) {
    guard
      let kept = read(
        tenant,
        { db in
          Set(try String.fetchAll(db, sql: "SELECT sid FROM webhook_events WHERE kind = 'inbound'"))
        })
    else { return }
    for (sid, key) in oracle.answered.sorted(by: { $0.key < $1.key })
    where key.tenant == tenant && key.history == oracle.history[tenant] && !kept.contains(sid) {
      return watch.fail("\(World.tenants[tenant]) has answered for the inbound text \(sid) and lost it")
    }
  }
}
