import CSimulation
import ControlPlane
import Foundation
import TenantRuntime

/// What each operation does, and what the oracle believes once it is answered.
extension Simulator {
  func perform(_ operation: Operation) {
    switch operation {
    case .clock(let seconds): Machine.advance(milliseconds: Int64(seconds) * 1000)
    case .importPeople(let tenant, let people, let optOut, let tag, let isHostile):
      importPeople(tenant, people, optOut, tag, isHostile)
    case .contact, .deleteContact, .merge, .changeNumber: changePeople(operation)
    case .audience(let tenant, let name, let tag, let inside): makeAudience(tenant, name, tag, inside)
    case .deleteAudience(let tenant, let name):
      guard let id = audienceIDs[name] else { return }
      world.api("DELETE", "audiences/\(id)", of: tenant)
    case .campaign(let tenant, let marker, let plan): makeCampaign(tenant, marker, plan)
    case .launch, .unschedule, .pauseCampaign, .resumeCampaign, .cancelCampaign, .resend, .campaignBudget:
      changeCampaign(operation)
    case .budget(let tenant, let micros):
      world.api("PUT", "budget", of: tenant, json: ["daily_micros": micros ?? NSNull() as Any])
    case .text, .replay, .click, .unsubscribe, .doNotContact, .consent, .reply: speak(operation)
    case .kill(let writes, let losesPower): world.kill(after: writes, losesPower: losesPower)
    case .stop:
      world.stop()
      if watch.broken == nil, !world.isCrashed { restart() }
    case .disk(let after, let writes, let isFull):
      sim_disk_fail(Int64(after), Int64(writes), isFull ? 13 : 10)  // SQLITE_FULL, SQLITE_IOERR
      Machine.after(milliseconds: 120_000) { sim_disk_fail(0, 0, 0) }
    default: operate(operation)
    }
  }

  private func restart() {
    oracle.died()
    world.reopen()
  }

  // MARK: People

  private func importPeople(_ tenant: Int, _ people: [Int], _ optOut: [Int], _ tag: String, _ isHostile: Bool) {
    var rows = ["phone,first_name,opt_out"] + people.map { "\(People.phone($0)),P\($0)," }
    // Said in a row of its own, or in one that is rejected for something else.
    rows += optOut.map { "\(People.phone($0)),P\($0),yes" + (isHostile && $0 % 2 == 0 ? ",more" : "") }
    if isHostile {
      rows += [
        "not a number,x,", "\"+1 (415) 555-0100\",\"O, \"\"Q\"\"\",", "", ",,,,,", "\u{FEFF}12,é,no", "=1+1,\u{0},",
      ]
    }
    let (history, asked) = (oracle.history[tenant], oracle.asked)
    world.api("POST", "imports?mode=commit&tags=\(tag)", of: tenant, csv: rows.joined(separator: "\n") + "\n") {
      [unowned self] answer in
      guard let id = answer.json["id"] as? Int64 ?? (answer.json["id"] as? Int).map(Int64.init) else { return }
      imports.append((tenant, id, optOut, history, asked))
    }
  }

  /// Asks how imports with opt-outs have ended: from then on they hold.
  func lookAtImports() {
    for item in imports where !item.optOut.isEmpty && item.history == oracle.history[item.tenant] {
      world.api("GET", "imports/\(item.id)", of: item.tenant) { [unowned self] answer in
        switch answer.json["state"] as? String {
        case "completed":
          for person in item.optOut {
            let who = Oracle.Person(tenant: item.tenant, phone: People.phone(person))
            oracle.optedOut(who, nil, since: item.asked, by: "import")
          }
        case "failed" where !watch.isForgiving:
          watch.fail("an import with opt-outs has failed: \(answer.text.prefix(300))")
        default: return
        }
        imports.removeAll { $0.id == item.id && $0.tenant == item.tenant }
      }
    }
  }

  private func withContact(_ tenant: Int, _ person: Int, _ then: @escaping (Int) -> Void) {
    world.api("GET", "contacts?phone=\(Form.encode(People.phone(person)))", of: tenant) { answer in
      let first = (answer.json["data"] as? [[String: Any]])?.first
      if let id = first?["id"] as? Int { then(id) }
    }
  }

  private func changePeople(_ operation: Operation) {
    let asked = oracle.asked
    switch operation {
    case .contact(let tenant, let person):
      world.api("POST", "contacts", of: tenant, json: ["phone": People.phone(person), "first_name": "P\(person)"])
    case .deleteContact(let tenant, let person, let erases):
      withContact(tenant, person) { [unowned self] id in
        if erases {
          oracle.erased.insert(.init(tenant: tenant, phone: People.phone(person)))
          world.api("POST", "contacts/\(id)/erasure", of: tenant, json: [:])
        } else {
          world.api("DELETE", "contacts/\(id)", of: tenant)
        }
      }
    case .merge(let tenant, let person, let into):
      withContact(tenant, person) { [unowned self] id in
        withContact(tenant, into) { [unowned self] other in
          world.api("POST", "contacts/\(other)/merge", of: tenant, json: ["contact_id": id])
        }
      }
    case .changeNumber(let tenant, let person, let to):
      withContact(tenant, person) { [unowned self] id in
        let (old, new) = (Oracle.Person(tenant: tenant, phone: People.phone(person)), People.phone(to))
        let wasForbidden = oracle.forbidden[old]?.contains("all") ?? false
        world.api("PATCH", "contacts/\(id)", of: tenant, json: ["phone": new]) { [unowned self] answer in
          // The opt-out of a number holds for the one that takes its place.
          guard answer.isGood, wasForbidden else { return }
          oracle.optedOut(.init(tenant: tenant, phone: new), nil, since: asked, by: "change of number")
        }
      }
    default: return
    }
  }

  private func makeAudience(_ tenant: Int, _ name: String, _ tag: String, _ inside: String?) {
    let own: [String: Any] = ["tag": tag]
    let rule = inside.flatMap { audienceIDs[$0] }.map { ["any": [own, ["not": ["id": $0]]]] as [String: Any] } ?? own
    world.api("POST", "audiences", of: tenant, json: ["name": name, "rule": rule]) { [unowned self] answer in
      if let id = answer.json["id"] as? Int { audienceIDs[name] = Int64(id) }
    }
  }

  // MARK: Campaigns

  private func makeCampaign(_ tenant: Int, _ marker: String, _ plan: Operation.Plan) {
    var body = "[\(marker)] Hello {{first_name|there}}"
    if plan.link { body += " https://shop.test/\(marker)" }
    var json: [String: Any] = [
      "name": marker, "purpose": plan.purpose, "numbers": [World.number(tenant)], "audience": ["all": true],
    ]
    if plan.variants {
      json["variants"] = [
        ["name": "a", "body": body, "weight": 1], ["name": "b", "body": body + " B", "weight": 2],
      ]
    } else {
      json["body"] = body
    }
    if let tag = plan.tag { json["audience"] = ["tag": tag] }
    if let audience = plan.audience, let id = audienceIDs[audience] { json["audience"] = ["id": id] }
    if let budget = plan.budget { json["budget_micros"] = budget }
    if plan.purpose == "informational" { json["quiet_hours"] = ["enabled": false] }
    if let wait = plan.sendAfter {
      json["send_at"] = ProviderText.iso(Machine.seconds + Int64(wait))
      // Nobody is there to ask.
      json["misfire"] = ["policy": "send_within", "minutes": 10_080]
    }
    oracle.campaigns[marker] = .init(tenant: tenant, purpose: plan.purpose, budget: plan.budget.map(Int64.init))
    world.api("POST", "campaigns", of: tenant, json: json) { [unowned self] answer in
      guard let id = (answer.json["id"] as? Int).map(Int64.init) else { return }
      // A file put back from before a draft has never heard of it, and may give its number to this one.
      for (other, known) in oracle.campaigns where known.tenant == tenant && known.id == id {
        oracle.campaigns[other]?.id = nil
      }
      oracle.campaigns[marker]?.id = id
    }
  }

  private func changeCampaign(_ operation: Operation) {
    func ask(_ tenant: Int, _ marker: String, _ verb: String, _ then: @escaping (APIAnswer) -> Void = { _ in }) {
      guard let id = oracle.campaigns[marker]?.id else { return }
      world.api("POST", "campaigns/\(id)/\(verb)", of: tenant, json: [:], then: then)
    }
    let asked = oracle.asked
    switch operation {
    case .launch(let tenant, let marker):
      oracle.goOn(marker)
      ask(tenant, marker, "launch")
    case .unschedule(let tenant, let marker):
      ask(tenant, marker, "unschedule") { [unowned self] in if $0.isGood { oracle.takeBack(marker, since: asked) } }
    case .pauseCampaign(let tenant, let marker):
      ask(tenant, marker, "pause") { [unowned self] in if $0.isGood { oracle.closeCampaign(marker, since: asked) } }
    case .resumeCampaign(let tenant, let marker):
      oracle.openCampaign(marker)
      oracle.goOn(marker)
      ask(tenant, marker, "resume")
    case .cancelCampaign(let tenant, let marker):
      ask(tenant, marker, "cancel") { [unowned self] in if $0.isGood { oracle.closeCampaign(marker, since: asked) } }
    case .resend(let tenant, let marker):
      oracle.campaigns[marker]?.resends += 1
      ask(tenant, marker, "resend") { [unowned self] in
        if !$0.isGood, $0.status != 0 { oracle.campaigns[marker]?.resends -= 1 }
      }
    case .campaignBudget(let tenant, let marker, let micros):
      guard let campaign = oracle.campaigns[marker], let id = campaign.id else { return }
      // A cut holds once it is answered, a rise from when it is asked for.
      let new = micros.map(Int64.init)
      let isCut = new != nil && new ?? 0 < campaign.budget ?? .max
      if !isCut { oracle.campaigns[marker]?.budget = new }
      world.api("PATCH", "campaigns/\(id)", of: tenant, json: ["budget_micros": micros ?? NSNull() as Any]) {
        [unowned self] in
        if $0.isGood, isCut { oracle.campaigns[marker]?.budget = new }
      }
    default: return
    }
  }
}
