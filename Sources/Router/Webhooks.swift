import ControlPlane
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import TenantRuntime

/// Twilio's door. A webhook is routed by number, its signature checked over the configured address, kept in the intake, then answered.
/// Whatever fails before the signature holds writes nothing.
struct Webhooks: Sendable {
  let house: ControlPlane
  private let refusals = RefusalLimiter()
  private let recent = RecentTokens()
  private static let mostBytes = 64 << 10
  private static let oldestCallback: Int64 = 14 * 86_400
  private static let signatureHeader = HTTPField.Name("X-Twilio-Signature")!
  private static let tokenHeader = HTTPField.Name("I-Twilio-Idempotency-Token")!

  init(house: ControlPlane) { self.house = house }

  /// A request of the provider's, read but not yet believed.
  private struct Delivery {
    let form: FormBody
    let raw: ByteBuffer
    let query: FormBody
    /// GET and JSON are signed by their address alone.
    let isForm: Bool
  }

  func inbound(_ request: Request, address: String) async throws -> Response {
    try await refusals.counting(address) {
      let delivery = try await read(request)
      guard let to = delivery.form.phone("To"), let sid = delivery.form["MessageSid"], Self.isSID(sid),
        let sender = delivery.form["From"], sender.utf8.count <= 64
      else { throw Refusal.invalid("From, To, MessageSid", "are required") }
      let tenant = try route(to, delivery.form)
      try verify(request, delivery, tenant)
      // A short code or a word is nobody who could be answered or texted.
      guard let from = PhoneNumber(e164: sender) else { return Response(status: .noContent) }
      return try await once(request, sid) {
        let now = house.now()
        let body = delivery.form["Body"] ?? ""
        let (words, languages) = house.gate(of: tenant.key).words
        let text = InboundText(
          sid: sid, from: from, to: to, body: body, mediaCount: Int(delivery.form["NumMedia"] ?? "") ?? 0,
          reading: .init(body: body, optOutType: delivery.form["OptOutType"], words: words, languages: languages),
          at: now, raw: String(buffer: delivery.raw))
        try await house.accept(.inbound(text), tenant: tenant.key)
      }
    }
  }

  func status(_ request: Request, address: String) async throws -> Response {
    try await refusals.counting(address) {
      let delivery = try await read(request)
      guard let sid = delivery.form["MessageSid"], Self.isSID(sid), let status = delivery.form["MessageStatus"],
        status.utf8.count <= 40
      else { throw Refusal.invalid("MessageSid, MessageStatus", "are required") }
      let tenant = try route(delivery.form.phone("From"), delivery.form)
      guard delivery.query["tenant"] == tenant.key else {
        throw Refusal.forbidden("This callback is not of this number's tenant.")
      }
      try verify(request, delivery, tenant)
      let now = house.now()
      guard let issued = delivery.query["issued"].flatMap({ Int64($0) }),
        let job = delivery.query["job"].flatMap({ Int64($0) }),
        let attempt = delivery.query["attempt"].flatMap({ Int64($0, radix: 16) })
      else { throw Refusal.invalid("query", "is not of one of our callbacks") }
      guard (now.milliseconds / 1000 - Self.oldestCallback...now.milliseconds / 1000 + 86_400).contains(issued) else {
        throw Refusal.gone("This callback is too old.")
      }
      return try await once(request, sid + status) {
        guard
          let report = StatusReport(
            form: delivery.form, jobID: job, attempt: attempt, at: now, raw: String(buffer: delivery.raw))
        else { throw Refusal.invalid("MessageStatus", "is required") }
        try await house.accept(.status(report), tenant: tenant.key)
      }
    }
  }

  private func read(_ request: Request) async throws -> Delivery {
    let query = FormBody((request.uri.query ?? "").utf8)
    let raw = try await request.collected(most: Self.mostBytes)
    if request.method == .get {
      return Delivery(form: query, raw: ByteBuffer(string: request.uri.query ?? ""), query: query, isForm: false)
    }
    let isJSON = request.headers[.contentType]?.lowercased().hasPrefix("application/json") ?? false
    let form = isJSON ? try Self.fields(ofJSON: raw, query) : FormBody(raw.readableBytesView)
    if form.isTooLong { throw Refusal.invalid("", "may have at most \(FormBody.mostFields) parameters") }
    return Delivery(form: form, raw: raw, query: query, isForm: !isJSON)
  }

  /// A JSON body is signed by its hash, which the address carries.
  private static func fields(ofJSON raw: ByteBuffer, _ query: FormBody) throws -> FormBody {
    let hash = SHA256.hash(data: Array(raw.readableBytesView)).map { String(format: "%02x", $0) }.joined()
    guard query["bodySHA256"]?.lowercased() == hash else {
      throw Refusal.forbidden("The body is not the one that was signed.")
    }
    guard let members = (try? JSON(parsing: raw.readableBytesView))?.members else {
      throw Refusal.invalid("", "the body is not a JSON object")
    }
    let unreserved = CharacterSet.alphanumerics
    return FormBody(
      members.prefix(FormBody.mostFields).map { name, value in
        "\(name.addingPercentEncoding(withAllowedCharacters: unreserved) ?? "")="
          + ((value.text ?? value.serialized).addingPercentEncoding(withAllowedCharacters: unreserved) ?? "")
      }.joined(separator: "&").utf8)
  }

  private func route(_ number: PhoneNumber?, _ form: FormBody) throws -> Routing.Tenant {
    let routing = house.routing
    let service = form["MessagingServiceSid"]
    guard
      let key = number.flatMap({ routing.tenantOfNumber[$0] }) ?? service.flatMap({ routing.tenantOfService[$0] }),
      let tenant = routing.tenants[key]
    else {
      // Which keys missed, for the operator: a number that is ours, not a person's.
      house.logger.notice(
        "A webhook names nobody here",
        metadata: ["number": "\(number?.description ?? "none")", "service": "\(service?.prefix(40) ?? "none")"])
      throw Refusal.notFound("This number is not routed here.")
    }
    return tenant
  }

  private func verify(_ request: Request, _ delivery: Delivery, _ tenant: Routing.Tenant) throws {
    let query = request.uri.query.map { "?" + $0 } ?? ""
    guard let signature = request.headers[Self.signatureHeader],
      TwilioSignature.isValid(
        signature, url: house.configuration.publicURL + request.uri.path + query,
        form: delivery.isForm ? delivery.form : nil, tokens: tenant.tokens)
    else { throw Refusal.forbidden("The signature does not hold.") }
  }

  /// One event comes again with the same token: what is on disk already is answered at once.
  private func once(
    _ request: Request, _ event: String, _ take: () async throws -> Void
  ) async throws -> Response {
    let token = request.headers[Self.tokenHeader].map { $0 + event }
    if let token, recent.contains(token) { return Response(status: .noContent) }
    try await take()
    if let token { recent.insert(token) }
    return Response(status: .noContent)
  }

  private static func isSID(_ text: String) -> Bool {
    (2...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 122) }
  }
}
