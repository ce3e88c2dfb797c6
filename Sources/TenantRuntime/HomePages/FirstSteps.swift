import Foundation
import GRDB

/// What a new owner is led through: a number, people, a campaign to oneself, a name for links, a team. Each step leads to the page that does
/// it, can be put off, and is ticked once it is done.
struct FirstSteps: Sendable {
  struct Step: Sendable {
    let name: String
    let detail: String
    /// What is good to know of it, done or not.
    let note: String?
    let path: String
    let act: String
    let isDone: Bool
    /// What stays put off when it is put off as well, or taken up again.
    let others: [String]
    let value: String
    /// The one to do next.
    let isNext: Bool
  }

  let steps: [Step]
  /// Somebody is led: a step is neither done nor put off.
  let isShown: Bool
  let putOff: [Step]
  let hasPutOff: Bool
  let mayPutOff: Bool

  private struct Plan {
    var step: FirstStep
    var needs: Permission
    var name: String
    var detail: String
    var note: String?
    var path: String
    var act: String
    var isDone: Bool
  }

  /// The list of members is looked at only for who is led.
  static func asksForTeam(_ db: Database) throws -> Bool {
    let putOff = try TenantSettings.read(db).firstStepsPutOff
    return !putOff.contains(.team)
  }

  /// - Parameter members: nil: nobody knows, and it is not asked for.
  init(_ db: Database, _ visit: Visit<Runtime>, _ lease: Lease, members: Int?) throws {
    let words = visit.words
    let settings = try TenantSettings.read(db)
    let left = settings.firstStepsPutOff
    let plans = try Self.plans(db, lease, members: members, words).filter { visit.may($0.needs) }
    let open = plans.filter { !$0.isDone && !left.contains($0.step) }
    func step(_ plan: Plan) -> Step {
      Step(
        name: plan.name, detail: plan.detail, note: plan.note, path: "\(visit.base)/\(plan.path)", act: plan.act,
        isDone: plan.isDone, others: left.filter { $0 != plan.step }.map(\.rawValue), value: plan.step.rawValue,
        isNext: plan.step == open.first?.step)
    }
    steps = plans.filter { $0.isDone || !left.contains($0.step) }.map(step)
    putOff = plans.filter { !$0.isDone && left.contains($0.step) }.map(step)
    isShown = !open.isEmpty
    hasPutOff = !putOff.isEmpty
    mayPutOff = visit.may(.editSettings)
  }

  private static func plans(_ db: Database, _ lease: Lease, members: Int?, _ words: Words) throws -> [Plan] {
    func any(_ sql: String) throws -> Bool { try Bool.fetchOne(db, sql: "SELECT EXISTS (\(sql))") ?? false }
    let isRegistered = lease.twilio != nil
    var plans = [
      Plan(
        step: .number, needs: .readCampaigns, name: words("A number to text from"),
        detail: isRegistered
          ? words("Whoever runs this server gives you one; it warms up by itself.")
          : words(
            "First your account with Twilio: its SID and token. Then whoever runs this server gives you a number."),
        note: try note(db, lease, words), path: isRegistered ? "numbers" : "settings/account",
        act: isRegistered ? words("Numbers") : words("Enter the account"),
        isDone: try any("SELECT 1 FROM sending_numbers")),
      Plan(
        step: .people, needs: .runImports, name: words("Your people"),
        detail: words("Import a CSV or Excel file. You see what it would change first, and can undo it."),
        path: "imports/new", act: words("Import a file"), isDone: try any("SELECT 1 FROM contacts")),
      Plan(
        step: .campaign, needs: .launchCampaigns, name: words("A first campaign, to yourself"),
        detail: words("Your own phone, one text, and you have seen the whole way once before anybody else gets one."),
        path: "campaigns/first", act: words("Text yourself"),
        isDone: try any("SELECT 1 FROM campaigns WHERE state <> 'draft'")),
      Plan(
        step: .host, needs: .editSettings, name: words("A name for your links"),
        detail: words("Short links on your own domain are trusted and clicked more."), path: "settings/hosts",
        act: words("Link hosts"), isDone: !lease.linkHosts.isEmpty),
    ]
    if let members {
      plans.append(
        Plan(
          step: .team, needs: .editUsers, name: words("Your team"),
          detail: words("Who answers, who writes campaigns, who only looks: everybody signs in as themselves."),
          path: "settings/team", act: words("Invite somebody"), isDone: members > 1))
    }
    return plans
  }

  /// Test numbers of the provider, and a stand-in for it, text nobody.
  private static func note(_ db: Database, _ lease: Lease, _ words: Words) throws -> String? {
    let host = URL(string: lease.twilioAPI)?.host ?? ""
    if host != "twilio.com", !host.hasSuffix(".twilio.com") {
      return words("Texts go to a simulator of Twilio at {0}: nobody’s phone rings.", host)
    }
    let numbers = try PhoneNumber.fetchAll(
      db.cachedStatement(sql: "SELECT number FROM sending_numbers ORDER BY number LIMIT 20"))
    return !numbers.isEmpty && numbers.allSatisfy { $0.description.hasPrefix("+1500555000") }
      ? words("It is one of Twilio’s test numbers: nobody’s phone rings.") : nil
  }
}
