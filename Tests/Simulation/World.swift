import CSimulation
import ControlPlane
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import TenantRuntime

@testable import SimulatedRouter

/// What a request of the API was answered.
struct APIAnswer: @unchecked Sendable {
  var status: Int
  var text: String
  var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:] }
  var isGood: Bool { (200..<300).contains(status) }
}

/// The server, its data folder, and the ways in from outside. A server that is killed is left where it stands; the next one has a copy of what
/// was on the disk at that instant.
final class World: @unchecked Sendable {
  static let tenants = ["acme", "blue", "coral"]
  static let publicURL = "https://rh.test"

  let root: String
  let provider: Provider
  let watch = Watch()
  private(set) var generation = 0
  private(set) var controlPlane: ControlPlane?
  private var providerClient: ProviderClient?
  private var receivers: ReceiverClient?
  private var fastPath: FastPathSite?
  private var respond: (@Sendable (Request, RoundhouseContext) async throws -> Response)?
  var keys: [String: String] = [:]
  private(set) var isCrashed = false
  private(set) var crashes = 0
  private var losesPower = false
  var begins: (HTTPCall) -> Void = { _ in }
  var ends: (HTTPCall, HTTPOutcome) -> Void = { _, _ in }
  let logger: Logger

  init(root: String, provider: Provider) {
    self.root = root
    self.provider = provider
    let watch = watch
    logger = Logger(label: "simulation") { _ in WatchingLog(watch: watch) }
    current = self
    Machine.neverRests = { watch.fail("the server goes round in circles: 25,000 pieces of work within an hour") }
    Machine.isHalted = { [unowned self] in isCrashed || watch.broken != nil }
  }

  var folder: String { "\(root)/\(generation)" }
  /// Its last digit tells whose it is.
  static func number(_ tenant: Int, _ index: Int = 0) -> String { "+141555502\(index)\(tenant)" }
  static func account(_ tenant: Int) -> String { "AC" + String(repeating: "\(tenant + 1)", count: 32) }
  static func token(_ tenant: Int) -> String { "token\(tenant)" }
  static func linkHost(_ tenant: Int) -> String { "go-\(tenants[tenant]).test" }

  // MARK: Begin and end

  func open() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let (providerClient, receivers) = (ProviderClient(provider), ReceiverClient(provider))
    providerClient.begins = { [unowned self] call in begins(call) }
    providerClient.heldBack = { [unowned self] call in watch.note("a call of \(call.turnKey) is not admitted") }
    providerClient.ends = { [unowned self] call, outcome in ends(call, outcome) }
    let controlPlane = try ControlPlane(
      .init(data: folder, publicURL: Self.publicURL, twilioAPI: "https://provider.test"), logger: logger,
      http: providerClient,
      guardedClient: receivers)
    let site = Site(controlPlane: controlPlane)
    let responder = site.router().buildResponder()
    respond = { request, context in try await responder.respond(to: request, context: context) }
    (self.controlPlane, self.providerClient, self.receivers, fastPath) = (
      controlPlane, providerClient, receivers, site.fastPath
    )
    Machine.start { await controlPlane.begin() }
  }

  /// A stop as the operator asks for it.
  func stop() {
    guard let controlPlane else { return }
    let ended = Flag()
    fastPath = nil
    respond = nil
    Machine.start {
      await controlPlane.shutDown()
      ended.set()
    }
    Machine.advance(milliseconds: 120_000, until: { ended.isSet })
    if !ended.isSet, !Machine.isHalted() { watch.fail("a graceful stop does not end within two minutes") }
    leave()
  }

  private func leave() {
    providerClient?.isDead = true
    receivers?.isDead = true
    sim_forget_house()
    (controlPlane, providerClient, receivers, fastPath, respond) = (nil, nil, nil, nil, nil)
  }

  /// The process ends now (`after` 0), or in the middle of that write from now.
  func kill(after operations: Int, losesPower: Bool) {
    guard controlPlane != nil, !isCrashed else { return }
    self.losesPower = losesPower
    if operations <= 0 { return crash() }
    sim_disk_crash_at(Int64(operations)) { current?.crash() }
  }

  func cancelKill() { sim_disk_crash_at(0) { current?.crash() } }

  /// What is on the disk at this instant is what the next server finds. The dead one may end its piece of work; nobody hears of it.
  private func crash() {
    guard controlPlane != nil, !isCrashed else { return }
    isCrashed = true
    crashes += 1
    providerClient?.isDead = true
    receivers?.isDead = true
    let next = "\(root)/\(generation + 1)"
    copy(folder, to: next)
    if losesPower { sim_disk_forget_unsynced(folder, next) }
  }

  private func copy(_ from: String, to: String) {
    let files = FileManager.default
    try? files.createDirectory(atPath: to, withIntermediateDirectories: true)
    for name in (try? files.subpathsOfDirectory(atPath: from)) ?? [] where !name.hasSuffix("-shm") {
      var isFolder: ObjCBool = false
      guard files.fileExists(atPath: "\(from)/\(name)", isDirectory: &isFolder) else { continue }
      if isFolder.boolValue {
        try? files.createDirectory(atPath: "\(to)/\(name)", withIntermediateDirectories: true)
      } else {
        try? files.copyItem(atPath: "\(from)/\(name)", toPath: "\(to)/\(name)")
      }
    }
  }

  /// After a crash: the next server, on what the disk has kept.
  func recover() {
    guard isCrashed else { return }
    leave()
    sim_disk_drop(folder)
    let old = folder
    generation += 1
    isCrashed = false
    try? FileManager.default.removeItem(atPath: old)
    watch.forgive()
    reopen()
  }

  func reopen() {
    do { try open() } catch { watch.fail("the server does not open again: \(error)") }
  }

  /// Waits in simulated time for a task of the server.
  func wait<Value: Sendable>(
    seconds: Int64 = 60, _ body: @escaping @Sendable (ControlPlane) async throws -> Value
  ) -> Result<Value, any Error>? {
    guard let controlPlane else { return nil }
    let box = Box<Result<Value, any Error>?>(nil)
    Machine.start {
      do { box.value = .success(try await body(controlPlane)) } catch { box.value = .failure(error) }
    }
    Machine.advance(milliseconds: seconds * 1000, until: { box.value != nil })
    return box.value
  }

  // MARK: Ways in

  /// What is answered by a server that lives then. Nobody hears a dead one.
  private func ifAlive(_ body: @escaping (APIAnswer) -> Void) -> (APIAnswer) -> Void {
    let mine = generation
    return { [unowned self] answer in if generation == mine, !isCrashed, controlPlane != nil { body(answer) } }
  }

  func api(
    _ method: String, _ path: String, of tenant: Int, json: [String: Any]? = nil, csv: String? = nil,
    then: @escaping (APIAnswer) -> Void = { _ in }
  ) {
    let key = Self.tenants[tenant]
    let body =
      csv
      ?? json.flatMap { try? JSONSerialization.data(withJSONObject: $0) }.map { String(decoding: $0, as: UTF8.self) }
    var headers = HTTPFields()
    headers[.authorization] = "Bearer \(keys[key] ?? "")"
    headers[.contentType] = csv == nil ? "application/json" : "text/csv"
    request(method, "rh.test", "/api/v1/tenants/\(key)/\(path)", headers, body ?? "", then: then)
  }

  /// Through Hummingbird's router, as what the fastPath providerClient does not answer.
  func request(
    _ method: String, _ host: String, _ path: String, _ headers: HTTPFields = HTTPFields(), _ body: String = "",
    then: @escaping (APIAnswer) -> Void
  ) {
    guard let respond else { return then(APIAnswer(status: 0, text: "")) }
    let request = Request(
      head: HTTPRequest(
        method: .init(method) ?? .get, scheme: "https", authority: host, path: path, headerFields: headers),
      body: RequestBody(buffer: ByteBuffer(string: body)))
    let reply = Box(ifAlive(then))
    let logger = logger
    Machine.start {
      let context = RoundhouseContext(
        source: ApplicationRequestContextSource(channel: EmbeddedChannel(), logger: logger))
      do {
        let response = try await respond(request, context)
        let collected = Collected()
        try await response.body.write(collected)
        let answer = APIAnswer(status: response.status.code, text: String(decoding: collected.bytes, as: UTF8.self))
        if !answer.isGood { logger.debug("\(method) \(path) is answered \(answer.status): \(answer.text.prefix(300))") }
        reply.value(answer)
      } catch { reply.value(APIAnswer(status: 500, text: "\(error)")) }
    }
  }

  /// Through the fastPath providerClient, as the provider's requests and people's taps on links come.
  func knock(
    _ method: HTTPMethod, _ host: String, _ uri: String, _ headers: [(String, String)] = [], body: String = "",
    then: @escaping (APIAnswer) -> Void
  ) {
    let then = ifAlive(then)
    guard let fastPath else { return then(APIAnswer(status: 0, text: "")) }
    var fields = HTTPHeaders(headers)
    fields.add(name: "host", value: host)
    let head = HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: fields)
    guard var asked = fastPath.read(FastPathHead(head), peer: "192.0.2.9") else {
      var other = HTTPFields()
      for (name, value) in headers { HTTPField.Name(name).map { other[$0] = value } }
      return request(method.rawValue, host, uri, other, body, then: then)
    }
    asked.body = ByteBuffer(string: body)
    let reply = Box(then)
    @Sendable func answered(_ response: FastPathResponse) -> APIAnswer {
      APIAnswer(status: Int(response.status.code), text: String(buffer: response.body))
    }
    switch fastPath.judge(asked) {
    case .answer(let response): then(answered(response))
    case .later(_, let begin): begin { response in reply.value(answered(response)) }
    case .keep(let hit, let tenant, let response):
      fastPath.keep(hit, of: tenant) { result in
        if case .failure = result {
          reply.value(APIAnswer(status: 503, text: ""))
        } else {
          reply.value(answered(response))
        }
      }
    case .pass:
      var other = HTTPFields()
      for (name, value) in headers { HTTPField.Name(name).map { other[$0] = value } }
      request(method.rawValue, host, uri, other, body, then: then)
    }
  }

  /// A webhook of the provider's, signed.
  func webhook(
    _ uri: String, _ form: [(String, String)], token: String, asJSON: Bool = false, event: String,
    then: @escaping (APIAnswer) -> Void
  ) {
    var (uri, body, signed) = (uri, Form.write(form), Self.publicURL + uri)
    if asJSON {
      let data =
        (try? JSONSerialization.data(withJSONObject: Dictionary(form, uniquingKeysWith: { $1 }), options: .sortedKeys))
        ?? Data()
      let hash = SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined()
      uri += (uri.contains("?") ? "&" : "?") + "bodySHA256=\(hash)"
      (body, signed) = (String(decoding: data, as: UTF8.self), Self.publicURL + uri)
    } else {
      signed += form.sorted { $0.0 < $1.0 }.map { $0.0 + $0.1 }.joined()
    }
    let code = HMAC<Insecure.SHA1>.authenticationCode(
      for: Data(signed.utf8), using: SymmetricKey(data: Data(token.utf8)))
    let headers = [
      ("x-twilio-signature", Data(code).base64EncodedString()), ("i-twilio-idempotency-token", event),
      ("content-type", asJSON ? "application/json" : "application/x-www-form-urlencoded; charset=UTF-8"),
    ]
    knock(.POST, "rh.test", uri, headers, body: body, then: then)
  }
}

/// The world that the disk tells of a crash.
nonisolated(unsafe) private var current: World?

final class Box<Value>: @unchecked Sendable {
  var value: Value
  init(_ value: Value) { self.value = value }
}

final class Flag: @unchecked Sendable {
  private(set) var isSet = false
  func set() { isSet = true }
}

final class Collected: ResponseBodyWriter, @unchecked Sendable {
  var bytes: [UInt8] = []
  func write(_ buffer: ByteBuffer) async throws { bytes += buffer.readableBytesView }
  func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
