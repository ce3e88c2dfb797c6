import ControlPlane
import Crypto
import Dispatch
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Synchronization
import TenantRuntime

/// Twilio's webhooks, on the connection's event loop. A webhook is routed by number, its signature checked over the configured address, kept
/// in the intake, then answered. Whatever fails before the signature holds writes nothing.
struct Webhooks: Sendable {
  let controlPlane: ControlPlane
  private let refusals = RefusalLimiter()
  private let recent = RecentTokens()
  private let strays = EventCount()
  /// What a person wrote is read here, for longer than an event loop may be held.
  private static let reader = DispatchQueue(label: "inbound-reader")
  private static let unsigned = Refusal.forbidden("The signature does not hold.")
  private static let oldestCallback: Int64 = 14 * 86_400

  init(controlPlane: ControlPlane) { self.controlPlane = controlPlane }

  typealias Kind = WebhookKind

  /// A request of the provider's, read but not yet believed.
  private struct Delivery {
    let form: FormBody
    /// In the form's encoding, whatever it came in.
    let raw: String
    let query: FormBody
    /// GET and JSON are signed by their address alone.
    let isForm: Bool
  }

  func judge(_ kind: Kind, _ request: FastPathRequest) -> FastPathVerdict {
    do {
      let delivery = try read(request)
      return switch kind {
      case .inbound: try inbound(request, delivery)
      case .status: try status(request, delivery)
      }
    } catch { return .answer(refused(error, request)) }
  }

  private func refused(_ error: any Error, _ request: FastPathRequest) -> FastPathResponse {
    guard let refusal = error as? Refusal else { return Refusal.unavailable("Try again.").fastPathResponse }
    return refusals.counted(refusal, address: request.client.address).fastPathResponse
  }

  private func inbound(_ request: FastPathRequest, _ delivery: Delivery) throws -> FastPathVerdict {
    guard let to = delivery.form.phone("To"), let sid = delivery.form["MessageSid"], Self.isSID(sid),
      let sender = delivery.form["From"], sender.utf8.count <= 64
    else { throw Refusal.invalid("From, To, MessageSid", "are required") }
    let tenant = try signer(request, delivery, try receiver(to, delivery.form["MessagingServiceSid"]), to)
    // A short code or a word is nobody who could be answered, texted or opted out; what it wrote is kept.
    let person = PhoneNumber(person: sender)
    let from = person ?? PhoneNumber(sender: sender)
    let controlPlane = controlPlane
    return once(request, sid, tenant: tenant.key, on: Self.reader) {
      let (words, languages) = controlPlane.memory.gate(of: tenant.key).words
      let body = delivery.form["Body"] ?? ""
      let read = person == nil ? "" : body
      return .inbound(
        InboundText(
          sid: sid, from: from, to: to, body: body,
          mediaCount: delivery.form["NumMedia"].flatMap { UInt8($0) }.map(Int.init) ?? 0,
          reading: .init(
            body: read, optOutType: person == nil ? nil : delivery.form["OptOutType"], words: words,
            languages: languages),
          at: controlPlane.now(), raw: delivery.raw, sender: person == nil ? sender : nil))
    }
  }

  private func status(_ request: FastPathRequest, _ delivery: Delivery) throws -> FastPathVerdict {
    guard let sid = delivery.form["MessageSid"], Self.isSID(sid), let status = delivery.form["MessageStatus"],
      status.utf8.count <= 40
    else { throw Refusal.invalid("MessageSid, MessageStatus", "are required") }
    let tenant = try sender(delivery)
    try verify(request, delivery, tenant)
    let now = controlPlane.now()
    guard let issued = delivery.query["issued"].flatMap({ Int64($0) }),
      let job = delivery.query["job"].flatMap({ Int64($0) }),
      let attempt = delivery.query["attempt"].flatMap({ Int64($0, radix: 16) })
    else { throw Refusal.invalid("query", "is not of one of our callbacks") }
    guard (now.milliseconds / 1000 - Self.oldestCallback...now.milliseconds / 1000 + 86_400).contains(issued) else {
      throw Refusal.gone("This callback is too old.")
    }
    guard let report = StatusReport(form: delivery.form, jobID: job, attempt: attempt, at: now, raw: delivery.raw)
    else { throw Refusal.invalid("MessageStatus", "is required") }
    return once(request, sid + status, tenant: tenant.key) { .status(report) }
  }

  /// Unsigned or unhashed, a body is not even read.
  private func read(_ request: FastPathRequest) throws -> Delivery {
    guard request.header("x-twilio-signature") != nil else { throw Self.unsigned }
    let query = FormBody(request.query.utf8)
    if request.method == .GET {
      return Delivery(form: query, raw: String(request.query), query: query, isForm: false)
    }
    let isJSON = request.header("content-type")?.lowercased().hasPrefix("application/json") ?? false
    let raw = isJSON ? try Self.form(ofJSON: request.body, query) : String(buffer: request.body)
    let form = isJSON ? FormBody(raw.utf8) : FormBody(request.body.readableBytesView)
    if form.isTooLong { throw Refusal.invalid("", "may have at most \(FormBody.mostFields) parameters") }
    return Delivery(form: form, raw: raw, query: query, isForm: !isJSON)
  }

  /// A JSON body, as the form with the same members: whatever reads it later reads one format. It is signed by its hash, which the
  /// address carries.
  private static func form(ofJSON body: ByteBuffer, _ query: FormBody) throws -> String {
    var hash = SHA256()
    body.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
    let hex = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    guard query["bodySHA256"]?.lowercased() == hex else {
      throw Refusal.forbidden("The body is not the one that was signed.")
    }
    guard let members = (try? JSON(parsing: body.readableBytesView, bounds: .flat))?.members else {
      throw Refusal.invalid("", "the body is not a flat JSON object of at most \(FormBody.mostFields) members")
    }
    return FormBody.encoded(
      members.compactMap { name, value in
        value == .null ? nil : (name, value.text ?? value.serialized)
      })
  }

  /// By the number that was texted; by its messaging service where that is one tenant's.
  private func receiver(_ number: PhoneNumber, _ service: String?) throws -> Routing.Tenant {
    let routing = controlPlane.routing
    if let tenant = routing.tenantOfNumber[number] ?? service.flatMap({ routing.tenantOfService[$0] }) { return tenant }
    // Nobody else has it since: what people answer waits until the tenant is back, their STOPs above all.
    if let tenant = routing.awayOfNumber[number] { return tenant }
    throw stray(.notFound("This number is not routed here."))
  }

  private func sender(_ delivery: Delivery) throws -> Routing.Tenant {
    do {
      return try controlPlane.routing.tenant(
        named: delivery.query["tenant"], from: delivery.form.phone("From"),
        service: delivery.form["MessagingServiceSid"])
    } catch Refusal.notFound(let reason) { throw stray(.notFound(reason)) }
  }

  private func stray(_ refusal: Refusal) -> Refusal {
    // Not which: a sender that is not believed yet may write any person's number there.
    if let times = strays.note() {
      controlPlane.logger.notice(
        "Webhooks name a number or service that is nobody's here", metadata: ["times": "\(times)"])
    }
    return refusal
  }

  /// A number that has moved to another tenant may still be in the account of the one before: then what people write to it comes with that
  /// account's signature, and is that tenant's, whose texts they answer.
  private func signer(
    _ request: FastPathRequest, _ delivery: Delivery, _ tenant: Routing.Tenant, _ number: PhoneNumber
  ) throws -> Routing.Tenant {
    if isSigned(request, delivery, tenant) { return tenant }
    let former = controlPlane.routing.formerOfNumber[number]?.first { isSigned(request, delivery, $0) }
    guard let former else { throw Self.unsigned }
    return former
  }

  private func verify(_ request: FastPathRequest, _ delivery: Delivery, _ tenant: Routing.Tenant) throws {
    guard isSigned(request, delivery, tenant) else { throw Self.unsigned }
  }

  private func isSigned(_ request: FastPathRequest, _ delivery: Delivery, _ tenant: Routing.Tenant) -> Bool {
    guard let signature = request.header("x-twilio-signature"),
      TwilioSignature.isValid(
        signature, url: controlPlane.configuration.publicURL + request.uri, form: delivery.isForm ? delivery.form : nil,
        tokens: tenant.tokens),
      // A token speaks for its own account alone.
      delivery.form["AccountSid"].map({ $0 == tenant.twilio?.accountSID }) ?? true
    else { return false }
    return true
  }

  /// One event comes again with the same token: what is on disk already is answered at once.
  private func once(
    _ request: FastPathRequest, _ event: String, tenant: String, on queue: DispatchQueue? = nil,
    _ make: @escaping @Sendable () -> IntakeEvent
  ) -> FastPathVerdict {
    let (controlPlane, recent) = (controlPlane, recent)
    let token = request.header("i-twilio-idempotency-token").map {
      "\($0)\(event)\(controlPlane.memory.gate(of: tenant).restores)"
    }
    if let token, recent.contains(token) { return .answer(.noContent) }
    return .later(of: tenant) { done in
      let take: @Sendable () -> Void = {
        controlPlane.events.accept(make(), tenant: tenant) { refusal in
          if refusal == nil, let token { recent.insert(token) }
          done(refusal?.fastPathResponse ?? .noContent)
        }
      }
      if let queue { queue.async(execute: take) } else { take() }
    }
  }

  private static func isSID(_ text: String) -> Bool {
    (2...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 122) }
  }
}

/// X-Twilio-Signature: HMAC-SHA1 with the account's token over the configured address and, for forms, every distinct name and value.
enum TwilioSignature {
  /// - Parameter form: nil for GET and JSON, where the address alone is signed.
  static func isValid(_ signature: String, url: String, form: FormBody?, tokens: [TwilioToken]) -> Bool {
    guard let given = Data(base64Encoded: signature).map(Array.init) else { return false }
    func holds(_ address: String) -> Bool {
      let text = form?.signed(after: address) ?? Array(address.utf8)
      return tokens.contains { constantTimeEqual(given, $0.code(of: text)) }
    }
    return holds(url) || holds(otherSpelling(url))
  }

  /// Without its port, or with the usual one: the official helpers accept both.
  private static func otherSpelling(_ url: String) -> String {
    guard let slashes = url.range(of: "://") else { return url }
    let rest = url[slashes.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let path = rest.dropFirst(authority.count)
    let scheme = url[..<slashes.upperBound]
    if let colon = authority.lastIndex(of: ":") { return "\(scheme)\(authority[..<colon])\(path)" }
    return "\(scheme)\(authority)\(scheme == "https://" ? ":443" : ":80")\(path)"
  }
}

/// Idempotency tokens of events that are on disk: two generations, so that the newest half is always known.
final class RecentTokens: Sendable {
  private struct State: Sendable {
    var young: Set<String> = []
    var old: Set<String> = []
  }

  private let state = Mutex(State())
  private static let most = 50_000
  private static let longest = 250

  func contains(_ token: String) -> Bool {
    state.withLock { $0.young.contains(token) || $0.old.contains(token) }
  }

  func insert(_ token: String) {
    guard token.utf8.count <= Self.longest else { return }
    // Fifty thousand take long to free: event loops wait for this lock.
    var gone: Set<String> = []
    state.withLock { state in
      if state.young.count >= Self.most { (gone, state.old, state.young) = (state.old, state.young, []) }
      state.young.insert(token)
    }
    withExtendedLifetime(gone) {}
  }
}
