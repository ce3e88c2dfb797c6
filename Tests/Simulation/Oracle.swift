import TenantRuntime

/// What the server has promised so far, by plain dictionaries of the simulator's own, and whether it keeps it.
final class Oracle: @unchecked Sendable {
  struct Campaign {
    var tenant: Int
    var purpose: String
    var budget: Int64?
    var resends = 0
    /// The server's own, as it answered.
    var id: Int64?
  }

  /// A person of one tenant.
  struct Person: Hashable {
    var tenant: Int
    var phone: String
  }

  let watch: Watch
  let provider: Provider
  var campaigns: [String: Campaign] = [:]
  /// `all`, `marketing`, `informational`: what was answered to be forbidden.
  private(set) var forbidden: [Person: Set<String>] = [:]
  /// Opt-ins under way: whether an opt-out that is answered meanwhile comes before them nobody can say.
  private var lifting: [Person: Int] = [:]
  private var asks = 0
  /// By which way the last opt-out came.
  private var ways: [Person: String] = [:]
  func way(_ person: Person) -> String { "(\(ways[person] ?? ""); now life \(history[person.tenant]))" }
  private var lifted: [Person: Int] = [:]
  private var opened: [String: Int] = [:]
  /// Why nothing may begin, as answered: by tenant (-1: all), or by campaign.
  private var closed: [Int: Set<String>] = [:]
  private var closedCampaigns: Set<String> = []
  /// Scheduled once, drafts again.
  private var takenBack: Set<String> = []
  private var wentOn: [String: Int] = [:]
  /// Which life of its file a tenant is in: another one after each restore.
  var history: [Int] = [0, 0, 0]
  private var accepted: [String: [ProviderText]] = [:]
  /// The life of its tenant's file when a text was taken.
  private(set) var historyOf: [String: Int] = [:]
  private(set) var requests = 0
  /// Whose traces were deleted: late reports and prices find their texts no more (known, and left out here).
  var erased: Set<Person> = []
  /// Inbound texts that were answered for: whose, and in which life of the file.
  var answered: [String: (tenant: Int, history: Int)] = [:]
  /// Taps that were answered with a redirect, by tenant and life.
  var taps: [Int: [Int: Int]] = [:]

  init(watch: Watch, provider: Provider) {
    (self.watch, self.provider) = (watch, provider)
  }

  static func tenant(ofNumber number: String) -> Int? {
    guard number.hasPrefix("+141555502"), let tenant = number.last?.wholeNumberValue, tenant < World.tenants.count
    else {
      return nil
    }
    return tenant
  }

  // MARK: Who may be texted

  /// - Parameter since: what `asked` said when it was asked for: an opt-in asked for after that may have come first or last.
  func optedOut(_ person: Person, _ purpose: String?, since: Int, by way: String) {
    guard lifting[person, default: 0] == 0, lifted[person, default: 0] <= since else { return }
    forbidden[person, default: []].insert(purpose ?? "all")
    ways[person] = "\(way), life \(history[person.tenant]) of the file"
  }

  /// A moment, by what has been asked for so far.
  var asked: Int {
    asks += 1
    return asks
  }

  func liftBegins(_ person: Person, _ purpose: String?) {
    lifted[person] = asked
    lifting[person, default: 0] += 1
    guard let purpose else { return forbidden[person] = nil }
    forbidden[person]?.subtract(["all", purpose])
  }

  func liftEnds(_ person: Person) { lifting[person] = max(0, lifting[person, default: 0] - 1) }

  /// The person has another number, or is erased: nothing is said of the old one any more.
  func forget(_ person: Person) {
    lifted[person] = asked
    forbidden[person] = nil
  }

  /// Answered; unless it was taken back after it was asked for.
  func close(_ tenant: Int, _ reason: String, since: Int) {
    guard opened["\(tenant) \(reason)", default: 0] <= since else { return }
    closed[tenant, default: []].insert(reason)
  }
  func wasOpened(_ tenant: Int, _ reason: String, since: Int) -> Bool {
    opened["\(tenant) \(reason)", default: 0] > since
  }
  func open(_ tenant: Int, _ reason: String) {
    opened["\(tenant) \(reason)"] = asked
    closed[tenant]?.remove(reason)
  }
  func closeCampaign(_ marker: String, since: Int) {
    if opened[marker, default: 0] <= since { closedCampaigns.insert(marker) }
  }
  func openCampaign(_ marker: String) {
    opened[marker] = asked
    closedCampaigns.remove(marker)
  }

  /// A scheduled campaign is a draft again, unless somebody has asked for it to go on since.
  func takeBack(_ marker: String, since: Int) {
    if wentOn[marker, default: 0] <= since { takenBack.insert(marker) }
  }
  func goOn(_ marker: String) {
    wentOn[marker] = asked
    takenBack.remove(marker)
  }

  /// What was under way in a server that died has no answer.
  func died() { lifting = [:] }

  /// A request to the provider begins now.
  func begins(_ call: HTTPCall) {
    guard call.method == "POST" else { return }
    requests += 1
    let form = Form.read(String(decoding: call.body + call.bodyEnd(), as: UTF8.self))
    guard let to = form["To"], let from = form["From"], let body = form["Body"],
      let tenant = Self.tenant(ofNumber: from)
    else { return watch.fail("a request that is no text of any tenant: \(form)") }
    let marker = ProviderText.marker(body)
    let said = "a request to \(to) for \(World.tenants[tenant]) [\(marker)] begins"
    let campaign = campaigns[marker]
    if call.turnKey != World.tenants[tenant] || !call.url.contains(World.account(tenant)) {
      watch.fail("\(said) from another tenant's number or account")
    }
    if let campaign, campaign.tenant != tenant { watch.fail("\(said), but it is of another tenant") }
    let person = Person(tenant: tenant, phone: to)
    let no = forbidden[person] ?? []
    if no.contains("all") { watch.fail("\(said) after an opt-out was answered \(way(person))") }
    if let campaign, no.contains(campaign.purpose) {
      watch.fail("\(said) after a revocation of \(campaign.purpose) was answered \(way(person))")
    }
    let reasons = (closed[tenant] ?? []).union(closed[-1] ?? [])
    if !reasons.isEmpty { watch.fail("\(said) though \(reasons.sorted().joined(separator: ", ")) was answered") }
    if takenBack.contains(marker) { watch.fail("\(said) after its campaign was made a draft again") }
    if closedCampaigns.contains(marker) { watch.fail("\(said) after its campaign's pause or end was answered") }
    checkBudget(
      marker, campaign, adding: ProviderText(sid: "", account: "", to: to, from: from, body: body, callback: "", at: 0))
  }

  private func checkBudget(_ marker: String, _ campaign: Campaign?, adding text: ProviderText) {
    guard let budget = campaign?.budget, provider.weather.otherPrice == 0 else { return }
    let spent = accepted.filter { $0.key.hasPrefix(marker + " ") }.values.joined().reduce(0) { $0 + $1.price }
    if spent + Int64(text.segments) * 8_300 > budget {
      watch.fail("[\(marker)] may cost \(budget), costs \(spent), and one more text begins")
    }
  }

  /// The provider has taken a text.
  func accepts(_ text: ProviderText) {
    guard let tenant = Self.tenant(ofNumber: text.from) else { return }
    historyOf[text.sid] = history[tenant]
    let marker = text.marker
    guard !marker.isEmpty else { return }
    let key = "\(marker) \(text.to)"
    let before = accepted[key] ?? []
    accepted[key, default: []].append(text)
    guard !before.isEmpty else { return }
    let resends = campaigns[marker]?.resends ?? 0
    if resends == 0 || !before.allSatisfy(\.hasFailed) {
      watch.fail(
        "\(text.to) is texted twice for [\(marker)] of \(World.tenants[tenant]): \(before[0].sid) (\(before[0].status)), \(text.sid)"
      )
    } else if before.count > resends {
      watch.fail("\(text.to) is texted \(before.count + 1) times for [\(marker)], sent again \(resends) times")
    }
  }
}
