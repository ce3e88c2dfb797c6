/// Draws operations from the seed. Remembers only what it has drawn, so that a list does not hang on what the server answers.
struct Draw {
  private var chance: Chance
  private var markers: [[String]] = [[], [], []]
  private var audiences: [[String]] = [[], [], []]
  private var copies: [[Int]] = [[], [], []]
  private var nextMarker = 1
  private var nextCopy = 0
  private var texts = 0
  /// What most often follows what was drawn.
  private var soon: [Operation] = []
  /// Kinds that are left out, as long as what they find is known and not mended.
  private let without: Set<String>
  static let kinds = [
    "traps", "import-opt-outs", "restores", "replays", "moves", "audiences", "json", "prices", "purposes", "faults",
    "kills", "budgets",
    "late-21610", "erasures",
  ]

  init(seed: UInt64, without: Set<String>) {
    chance = Chance(seed: seed)
    self.without = without
  }

  /// What has the same place in the list, and does nothing that is known to break a promise.
  private func allowed(_ operation: Operation) -> Operation {
    switch operation {
    case .importPeople(let tenant, let people, _, let tag, let isHostile) where without.contains("import-opt-outs"):
      return .importPeople(tenant: tenant, people: people, optOut: [], tag: tag, isHostile: isHostile)
    case .restore, .putBack: return without.contains("restores") ? .clock(seconds: 1) : operation
    case .replay: return without.contains("replays") ? .clock(seconds: 1) : operation
    case .merge, .changeNumber: return without.contains("moves") ? .clock(seconds: 1) : operation
    case .deleteAudience: return without.contains("audiences") ? .clock(seconds: 1) : operation
    case .campaignBudget, .budget: return without.contains("budgets") ? .clock(seconds: 1) : operation
    case .deleteContact(let tenant, let person, _) where without.contains("erasures"):
      return .deleteContact(tenant: tenant, person: person, erases: false)
    case .disk: return without.contains("faults") ? .clock(seconds: 1) : operation
    case .kill: return without.contains("kills") ? .clock(seconds: 1) : operation
    case .consent(let tenant, let person, let isGrant, let purpose, let ago)
    where without.contains("purposes") && (purpose != nil || ago > 0):
      return .consent(tenant: tenant, person: person, isGrant: isGrant, purpose: nil, secondsAgo: 0)
    default: return operation
    }
  }

  mutating func weather() -> Weather {
    var weather = Weather()
    if chance.happens(300) { (weather.lostAfter, weather.lostBefore) = (150, 80) }
    if chance.happens(200) { weather.undelivered = 350 }
    if chance.happens(200) { weather.refused = 200 }
    if chance.happens(200) { weather.slow = 400 }
    if chance.happens(300), !without.contains("prices") { weather.otherPrice = 300 }
    if without.contains("json") { weather.asJSON = 0 }
    if without.contains("late-21610") { weather.optedOutLate = 0 }
    return weather
  }

  /// What every run begins with: people to text.
  mutating func beginning() -> [Step] {
    (0..<World.tenants.count).map { tenant in
      let people = (0..<People.count).filter { _ in chance.happens(700) }
      return Step(
        operation: .importPeople(tenant: tenant, people: people, optOut: [], tag: "one", isHostile: false), pieces: nil)
    }
  }

  mutating func step() -> Step {
    let operation = allowed(soon.isEmpty || chance.happens(300) ? draw() : soon.removeFirst())
    return Step(operation: operation, pieces: chance.happens(350) ? chance.below(60) : nil)
  }

  private mutating func person() -> Int { chance.below(People.count) }
  private mutating func people(_ most: Int) -> [Int] { (0..<1 + chance.below(most)).map { _ in person() } }

  private mutating func draw() -> Operation {
    let tenant = chance.below(3)
    switch chance.below(100) {
    case ..<18: return clock()
    case ..<38: return campaigning(tenant)
    case ..<58: return talking(tenant)
    case ..<72: return peopling(tenant)
    case ..<86: return operating(tenant)
    default: return restoring(tenant)
    }
  }

  private mutating func clock() -> Operation {
    .clock(seconds: chance.one(of: [1, 5, 30, 30, 300, 300, 3_600, 3_600, 6 * 3_600, 86_400, 3 * 86_400]))
  }

  private mutating func campaigning(_ tenant: Int) -> Operation {
    guard let marker = markers[tenant].isEmpty ? nil : chance.one(of: Array(markers[tenant].suffix(3))),
      !chance.happens(350)
    else { return campaign(tenant) }
    switch chance.below(10) {
    case ..<5: return .launch(tenant: tenant, marker: marker)
    case 5:
      return chance.happens(300)
        ? .unschedule(tenant: tenant, marker: marker) : .pauseCampaign(tenant: tenant, marker: marker)
    case 6: return .resumeCampaign(tenant: tenant, marker: marker)
    case 7:
      return chance.happens(300)
        ? .cancelCampaign(tenant: tenant, marker: marker) : .resend(tenant: tenant, marker: marker)
    case 8: return .resend(tenant: tenant, marker: marker)
    default:
      return .campaignBudget(tenant: tenant, marker: marker, micros: chance.one(of: [nil, 0, 16_600, 41_500, 83_000]))
    }
  }

  private mutating func campaign(_ tenant: Int) -> Operation {
    var plan = Operation.Plan()
    if chance.happens(500) { plan.purpose = "informational" }
    if chance.happens(300) { plan.tag = chance.one(of: ["one", "two"]) }
    if chance.happens(250), !audiences[tenant].isEmpty { plan.audience = chance.one(of: audiences[tenant]) }
    plan.variants = chance.happens(250)
    plan.link = chance.happens(400)
    if chance.happens(300) { plan.budget = chance.one(of: [16_600, 41_500, 83_000]) }
    if chance.happens(250) { plan.sendAfter = chance.one(of: [60, 3_600, 2 * 86_400]) }
    let marker = "k\(nextMarker)"
    nextMarker += 1
    markers[tenant].append(marker)
    if chance.happens(800) { soon.append(.launch(tenant: tenant, marker: marker)) }
    if chance.happens(300) { soon.append(.clock(seconds: chance.one(of: [1, 5, 30]))) }
    if plan.sendAfter != nil, chance.happens(300) { soon.append(.unschedule(tenant: tenant, marker: marker)) }
    return .campaign(tenant: tenant, marker: marker, plan: plan)
  }

  private static let bodies = [
    "STOP", "stop", "Stop.", "START", "START", "UNSTOP", "HELP", "please stop texting me", "hello", "ok thanks 👍",
    "no más",
    "opt out", "yes", "é\u{0301}\u{200D}", "stop it now or else", "unsubscribe",
  ]

  private mutating func talking(_ tenant: Int) -> Operation {
    switch chance.below(12) {
    case ..<5:
      texts += 1
      let body = chance.happens(20) && !without.contains("traps") ? "dont t t t t" : chance.one(of: Self.bodies)
      return .text(tenant: tenant, person: person(), serial: texts, body: body)
    case ..<7: return .replay(serial: 1 + chance.below(max(texts, 1)))
    case 7: return .click(text: chance.below(200))
    case 8: return .unsubscribe(text: chance.below(200))
    case 9: return .doNotContact(tenant: tenant, people: people(3))
    case 10:
      nextMarker += 1
      return .reply(tenant: tenant, person: person(), marker: "r\(nextMarker)")
    default:
      return .consent(
        tenant: tenant, person: person(), isGrant: chance.happens(400),
        purpose: chance.one(of: [nil, "marketing", "informational"]), secondsAgo: chance.happens(250) ? 3_600 : 0)
    }
  }

  private mutating func peopling(_ tenant: Int) -> Operation {
    switch chance.below(10) {
    case ..<4:
      return .importPeople(
        tenant: tenant, people: people(8), optOut: chance.happens(400) ? people(2) : [],
        tag: chance.one(of: ["one", "two"]), isHostile: chance.happens(300))
    case 4: return .contact(tenant: tenant, person: person())
    case 5: return .deleteContact(tenant: tenant, person: person(), erases: chance.happens(400))
    case 6: return .merge(tenant: tenant, person: person(), into: person())
    case 7: return .changeNumber(tenant: tenant, person: person(), to: person())
    case 8:
      nextMarker += 1
      let inside = audiences[tenant].isEmpty || chance.happens(500) ? nil : chance.one(of: audiences[tenant])
      audiences[tenant].append("a\(nextMarker)")
      return .audience(tenant: tenant, name: "a\(nextMarker)", tag: chance.one(of: ["one", "two"]), inside: inside)
    default:
      guard !audiences[tenant].isEmpty else { return .contact(tenant: tenant, person: person()) }
      return .deleteAudience(tenant: tenant, name: chance.one(of: audiences[tenant]))
    }
  }

  private mutating func operating(_ tenant: Int) -> Operation {
    switch chance.below(14) {
    case 0:
      soon.append(.resumeTenant(tenant: tenant))
      return .pauseTenant(tenant: tenant)
    case 1, 2: return .resumeTenant(tenant: tenant)
    case 3:
      soon.append(.reinstate(tenant: tenant))
      return .suspend(tenant: tenant)
    case 4: return .reinstate(tenant: tenant)
    case 5: return .killSwitch(tenant: tenant, isOn: chance.happens(400))
    case 6: return .killSwitch(tenant: tenant, isOn: false)
    case 7: return .platformSwitch(isOn: chance.happens(300))
    case 8: return .budget(tenant: tenant, dailyMicros: chance.one(of: [nil, 24_900, 83_000]))
    case 9: return .addNumber(tenant: tenant, dailyCap: chance.one(of: [nil, 3, 500]))
    case 10: return chance.happens(500) ? .stop : .platformSwitch(isOn: false)
    case 11: return .disk(after: chance.below(40), writes: 1 + chance.below(30), isFull: chance.happens(500))
    default: return .kill(afterWrites: chance.happens(300) ? 0 : 1 + chance.below(60), losesPower: chance.happens(500))
    }
  }

  private mutating func restoring(_ tenant: Int) -> Operation {
    switch chance.below(10) {
    case ..<2:
      nextCopy += 1
      copies[tenant].append(nextCopy)
      return .backup(tenant: tenant, copy: nextCopy)
    case 2:
      nextCopy += 1
      copies[tenant].append(nextCopy)
      return .copyFile(tenant: tenant, copy: nextCopy)
    case 3:
      nextCopy += 1
      copies[tenant].append(nextCopy)
      soon.append(.copyFile(tenant: tenant, copy: nextCopy))
      if chance.happens(400) { soon.append(.putBack(tenant: tenant, copy: chance.one(of: copies[tenant]))) }
      soon.append(.resumeTenant(tenant: tenant))
      return .pauseTenant(tenant: tenant)
    case 4: return .resumeTenant(tenant: tenant)
    case 5, 6: return .unfence(tenant: tenant)
    default:
      guard !copies[tenant].isEmpty else { return .resumeTenant(tenant: tenant) }
      let copy = chance.one(of: copies[tenant])
      return chance.happens(500) ? .putBack(tenant: tenant, copy: copy) : .restore(tenant: tenant, copy: copy)
    }
  }
}
