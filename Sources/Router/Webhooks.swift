import ControlPlane
import Foundation
import Hummingbird
import Logging
import TenantRuntime

/// Twilio's door. A webhook is routed by number, its signature checked over the configured address, kept in the intake, then answered.
/// Whatever fails before the signature holds writes nothing.
struct Webhooks: Sendable {
  let house: ControlPlane
  private static let mostBytes = 64 << 10
  private static let oldestCallback: Int64 = 14 * 86_400

  private struct Delivery {
    let form: [(String, String)]
    let raw: String
    let query: [String: String]
    subscript(name: String) -> String? { form.last { $0.0 == name }?.1 }
    func phone(_ name: String) -> PhoneNumber? { self[name].flatMap { PhoneNumber(e164: $0) } }
  }

  func inbound(_ request: Request) async throws -> Response {
    let delivery = try await read(request)
    guard let from = delivery.phone("From"), let to = delivery.phone("To"), let sid = delivery["MessageSid"],
      Self.isSID(sid)
    else {
      throw Refusal.invalid("From, To, MessageSid", "are required")
    }
    let byService = delivery["MessagingServiceSid"].flatMap { house.routing.tenantOfService[$0] }
    guard let key = house.routing.tenantOfNumber[to] ?? byService, let tenant = house.routing.tenants[key] else {
      throw Refusal.notFound("This number is not routed here.")
    }
    try verify(request, delivery, tenant)
    let now = house.now()
    let body = delivery["Body"] ?? ""
    let keyword: Keyword? =
      switch delivery["OptOutType"] {
      case "STOP": .stop
      case "START": .start
      default: Keyword(body: body)
      }
    let action: Revocation.Action? = keyword == .stop ? .optOut : keyword == .start ? .optIn : nil
    let revocation = action.map { Revocation(phone: from, action: $0, method: "keyword", evidence: body, at: now) }
    try await house.accept(
      .inbound(
        InboundText(
          sid: sid, from: from, to: to, body: body, mediaCount: Int(delivery["NumMedia"] ?? "") ?? 0,
          revocation: revocation, at: now,
          raw: delivery.raw)),
      tenant: key)
    return Response(status: .noContent)
  }

  func status(_ request: Request) async throws -> Response {
    let delivery = try await read(request)
    guard let sid = delivery["MessageSid"], Self.isSID(sid), let status = delivery["MessageStatus"],
      status.utf8.count <= 40
    else {
      throw Refusal.invalid("MessageSid, MessageStatus", "are required")
    }
    let byService = delivery["MessagingServiceSid"].flatMap { house.routing.tenantOfService[$0] }
    guard let key = delivery.phone("From").flatMap({ house.routing.tenantOfNumber[$0] }) ?? byService,
      let tenant = house.routing.tenants[key]
    else { throw Refusal.notFound("This number is not routed here.") }
    guard delivery.query["tenant"] == key else {
      throw Refusal.forbidden("This callback is not of this number's tenant.")
    }
    try verify(request, delivery, tenant)
    let now = house.now()
    guard let issued = delivery.query["issued"].flatMap({ Int64($0) }),
      let job = delivery.query["job"].flatMap({ Int64($0) }),
      let attempt = delivery.query["attempt"].flatMap({ Int64($0, radix: 16) })
    else { throw Refusal.invalid("query", "is not of one of our callbacks") }
    guard now.milliseconds / 1000 - issued <= Self.oldestCallback else {
      throw Refusal.gone("This callback is too old.")
    }
    try await house.accept(
      .status(
        StatusReport(
          sid: sid, status: status, errorCode: Int(delivery["ErrorCode"] ?? "") ?? 0, jobID: job, attempt: attempt,
          to: delivery.phone("To"), from: delivery.phone("From"), at: now, raw: delivery.raw)),
      tenant: key)
    return Response(status: .noContent)
  }

  private func read(_ request: Request) async throws -> Delivery {
    let body = try await request.collected(most: Self.mostBytes)
    let raw = String(buffer: body)
    let query = decodeForm(request.uri.query ?? "")
    return Delivery(form: decodeForm(raw), raw: raw, query: Dictionary(query, uniquingKeysWith: { _, last in last }))
  }

  private func verify(_ request: Request, _ delivery: Delivery, _ tenant: Routing.Tenant) throws {
    let query = request.uri.query.map { "?" + $0 } ?? ""
    guard let signature = request.headers[.init("X-Twilio-Signature")!],
      TwilioSignature.isValid(
        signature, url: house.configuration.publicURL + request.uri.path + query, form: delivery.form,
        tokens: tenant.tokens)
    else { throw Refusal.forbidden("The signature does not hold.") }
  }

  private static func isSID(_ text: String) -> Bool {
    (2...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 122) }
  }
}
