/// One thing that the world does to the server: whole in itself, so that a list of them can be run again with some left out.
enum Operation: Codable, Sendable {
  case clock(seconds: Int)
  case importPeople(tenant: Int, people: [Int], optOut: [Int], tag: String, isHostile: Bool)
  case contact(tenant: Int, person: Int)
  case deleteContact(tenant: Int, person: Int, erases: Bool)
  case merge(tenant: Int, person: Int, into: Int)
  case changeNumber(tenant: Int, person: Int, to: Int)
  case audience(tenant: Int, name: String, tag: String, inside: String?)
  case deleteAudience(tenant: Int, name: String)
  case campaign(tenant: Int, marker: String, plan: Plan)
  case launch(tenant: Int, marker: String)
  case unschedule(tenant: Int, marker: String)
  case pauseCampaign(tenant: Int, marker: String)
  case resumeCampaign(tenant: Int, marker: String)
  case cancelCampaign(tenant: Int, marker: String)
  case resend(tenant: Int, marker: String)
  case campaignBudget(tenant: Int, marker: String, micros: Int?)
  case budget(tenant: Int, dailyMicros: Int?)
  case text(tenant: Int, person: Int, serial: Int, body: String)
  case replay(serial: Int)
  case click(text: Int)
  case unsubscribe(text: Int)
  case doNotContact(tenant: Int, people: [Int])
  case consent(tenant: Int, person: Int, isGrant: Bool, purpose: String?, secondsAgo: Int)
  case reply(tenant: Int, person: Int, marker: String)
  case pauseTenant(tenant: Int)
  case resumeTenant(tenant: Int)
  case suspend(tenant: Int)
  case reinstate(tenant: Int)
  case killSwitch(tenant: Int, isOn: Bool)
  case platformSwitch(isOn: Bool)
  case backup(tenant: Int, copy: Int)
  case copyFile(tenant: Int, copy: Int)
  case putBack(tenant: Int, copy: Int)
  case restore(tenant: Int, copy: Int)
  case unfence(tenant: Int)
  case addNumber(tenant: Int, dailyCap: Int?)
  case kill(afterWrites: Int, losesPower: Bool)
  case stop
  case disk(after: Int, writes: Int, isFull: Bool)

  struct Plan: Codable, Sendable {
    var purpose = "marketing"
    var tag: String?
    var audience: String?
    var variants = false
    var link = false
    var budget: Int?
    var sendAfter: Int?
  }
}

/// An operation, and how much of the work that waits is done before the next one: nil, all that is ready.
struct Step: Codable, Sendable {
  var operation: Operation
  var pieces: Int?
}

extension Step: CustomStringConvertible {
  var description: String {
    let text = "\(operation)".replacing("Simulation.Operation.", with: "").replacing("Optional(", with: "(")
    return text + (pieces.map { " then \($0) pieces" } ?? "")
  }
}

/// Who is texted: few, so that things meet.
enum People {
  static let count = 12
  private static let areas = [415, 212, 808, 312]
  static func phone(_ person: Int) -> String {
    "+1\(areas[person % areas.count])55501" + (person < 10 ? "0" : "") + "\(person)"
  }
}
