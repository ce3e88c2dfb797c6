import CSimulation
import ControlPlane
import Foundation
import TenantRuntime

/// One run: a world, its server, and what is done to it.
final class Simulator: @unchecked Sendable {
  let seed: UInt64
  let provider: Provider
  let world: World
  let oracle: Oracle
  var watch: Watch { world.watch }
  /// What was asked for under a name of ours, and the server's id of it.
  var audienceIDs: [String: Int64] = [:]
  var copies: [Int: (tenant: Int, path: String)] = [:]
  /// Inbound texts so far, to come again: the form and its tenant.
  var inbound: [Int: (tenant: Int, person: Int, body: String, form: [(String, String)])] = [:]
  var imports: [(tenant: Int, id: Int64, optOut: [Int], history: Int, asked: Int)] = []
  /// Tenants whose pause was answered and not taken back.
  var paused: Set<Int> = []
  private(set) var steps: [Step] = []
  /// Everything has been opened again: what cannot be read now is lost.
  var isEnd = false
  /// 2026-03-06 17:00 UTC: two days before the clocks go forward in the United States.
  static let start: Int64 = 1_772_816_400

  init(seed: UInt64, isVerbose: Bool) {
    self.seed = seed
    sim_begin(seed, Self.start * 1_000_000_000)
    _ = sim_disk_begin()
    let root = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    provider = Provider(seed: seed)
    let folder = "\(root)/roundhouse-simulation-\(getpid())"
    // A run that was killed leaves its folder behind; numbers of processes come again.
    try? FileManager.default.removeItem(atPath: folder)
    world = World(root: folder, provider: provider)
    oracle = Oracle(watch: world.watch, provider: provider)
    watch.isVerbose = isVerbose
    let (oracle, world) = (oracle, world)
    world.begins = { call in oracle.begins(call) }
    provider.accepted = { text in oracle.accepts(text) }
    provider.report = { [unowned self] text, status, code, asJSON in report(text, status, code, asJSON, tries: 4) }
    _ = world
  }

  func end() { if !watch.isVerbose { try? FileManager.default.removeItem(atPath: world.root) } }

  // MARK: Begin

  func begin(_ weather: Weather) {
    do { try world.open() } catch { return watch.fail("a new server does not open: \(error)") }
    provider.weather = Weather(
      refused: 0, lostAfter: 0, lostBefore: 0, overloaded: 0, failing: 0, unreachable: 0, undelivered: 0)
    for tenant in World.tenants.indices { provision(tenant) }
    provider.weather = weather
  }

  private func provision(_ tenant: Int) {
    let key = World.tenants[tenant]
    let (api, text) = APIKey.make(tenant: key, role: .owner, name: "simulation")
    let made = world.wait { controlPlane in
      let sealed = try controlPlane.directory.secret.seal(Array(World.token(tenant).utf8))
      _ = try await controlPlane.perform(
        .createTenant(
          key: key, name: key, ownerEmail: "o@\(key).test", timeZone: tenant == 1 ? "America/New_York" : "UTC",
          twilioSID: World.account(tenant), sealedToken: sealed), by: .command("simulation"))
      _ = try await controlPlane.perform(.addHost(key: key, host: World.linkHost(tenant)), by: .command("simulation"))
      guard let number = PhoneNumber(e164: World.number(tenant)) else { return }
      _ = try await controlPlane.perform(
        .addNumber(key: key, number: NumberChange(number: number, rate: 100, warmUp: "off")), by: .command("simulation")
      )
      _ = try await controlPlane.perform(.addKey(api), by: .command("simulation"))
    }
    world.keys[key] = text
    if case .success? = made { return }
    watch.fail("tenant \(key) cannot be made: \(String(describing: made))")
  }

  // MARK: Step by step

  /// Carries a step out; false when a promise is broken.
  func take(_ step: Step) -> Bool {
    steps.append(step)
    perform(step.operation)
    watch.isForgiving = watch.isForgiving || sim_disk_is_failing()
    if let pieces = step.pieces {
      Machine.run(atMost: pieces)
    } else {
      Machine.advance(milliseconds: 30)
    }
    if world.isCrashed { recover() }
    if watch.isForgiving, !sim_disk_is_failing(), step.pieces == nil {
      watch.isForgiving = false
      watch.forgive()
    }
    if steps.count % 8 == 0, step.pieces == nil { checkFigures() }
    return watch.broken == nil
  }

  private func recover() {
    oracle.died()
    paused = []
    world.recover()
  }

  /// A report of the provider's, tried again as its query asks for (`#rc=3&rp=all`).
  private func report(_ text: ProviderText, _ status: String, _ code: Int, _ asJSON: Bool, tries: Int) {
    guard tries > 0, let slash = text.callback.range(of: World.publicURL),
      let tenant = Oracle.tenant(ofNumber: text.from)
    else { return }
    var form = [
      ("MessageSid", text.sid), ("SmsSid", text.sid), ("MessageStatus", status), ("SmsStatus", status),
      ("AccountSid", text.account), ("From", text.from), ("To", text.to), ("ApiVersion", "2010-04-01"),
    ]
    if code != 0 { form.append(("ErrorCode", String(code))) }
    let asked = oracle.asked
    world.webhook(
      String(text.callback[slash.upperBound...]), form, token: World.token(tenant), asJSON: asJSON,
      event: "\(text.sid)-\(status)"
    ) { [unowned self] answer in
      if answer.isGood {
        text.reported.insert(status)
        if code == 21610 {
          oracle.optedOut(.init(tenant: tenant, phone: text.to), nil, since: asked, by: "21610 in a report")
        }
      } else if answer.status == 0 || answer.status >= 500 {
        Machine.after(milliseconds: 1_000) { [self] in report(text, status, code, asJSON, tries: tries - 1) }
      } else if answer.status != 410 {
        watch.fail("a report of \(text.sid) is answered \(answer.status): \(answer.text)")
      }
    }
  }
}
