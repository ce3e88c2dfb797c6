import ControlPlane
import Foundation
import Hummingbird
import TenantRuntime

/// `/api/v1/admin`: the platform's own addresses, for platform keys.
enum AdminRoutes {
  static let all: [Route<ControlPlane>] = [
    Route(.get, "tenants", needs: .readTenants, list),
    Route(.post, "tenants", needs: .editTenants, create),
    Route(.get, "tenants/:key", needs: .readTenants, show),
    Route(.post, "tenants/:key/pause", needs: .editTenants) { call in
      try await change(call) { .pause(key: $0, reason: $1) }
    },
    Route(.post, "tenants/:key/resume", needs: .editTenants) { call in
      try await change(call) { key, _ in .resume(key: key) }
    },
    Route(.post, "tenants/:key/suspend", needs: .editTenants) { call in
      try await change(call) { .suspend(key: $0, reason: $1) }
    },
    Route(.post, "tenants/:key/reinstate", needs: .editTenants) { call in
      try await change(call) { key, _ in .reinstate(key: key) }
    },
    Route(.post, "tenants/:key/numbers", needs: .editTenants, addNumber),
    Route(.post, "tenants/:key/hosts", needs: .editTenants, addHost),
    Route(.post, "tenants/:key/link-keys", needs: .editTenants) { call in
      try await perform(call) { .rotateLinkKey(key: $0) }
    },
    Route(.get, "kill-switch", needs: .readTenants) { call in call.subject.killSwitch.response() },
    Route(.put, "kill-switch", needs: .editTenants, putKillSwitch),
  ]

  @Sendable private static func putKillSwitch(_ call: Call<ControlPlane>) async throws -> Response {
    var fields = try await call.fields()
    let on = fields.bool("on")
    if on == nil, !fields.has("on") { fields.fail("on", "is required: true or false") }
    let reason = fields.text("reason", most: 500) ?? ""
    try fields.finish()
    return try await call.subject.perform(
      .setKillSwitch(on: on ?? true, reason: reason), actor: call.actor.name
    ).response()
  }

  @Sendable private static func list(_ call: Call<ControlPlane>) async throws -> Response {
    let tenants = call.subject.routing.tenants.values.sorted { $0.key < $1.key }
    return JSON.object([("data", .list(tenants.map(ControlPlane.json))), ("next_cursor", nil)]).response()
  }

  @Sendable private static func show(_ call: Call<ControlPlane>) async throws -> Response {
    ControlPlane.json(try call.subject.tenant(call.parameters.get("key") ?? "")).response()
  }

  @Sendable private static func create(_ call: Call<ControlPlane>) async throws -> Response {
    var fields = try await call.fields()
    let key = fields.requiredText("key", most: 39)
    let name = fields.requiredName("name", most: 200)
    let email = fields.requiredText("owner_email", most: 320)
    let zone = fields.text("time_zone", most: 64) ?? "UTC"
    let sid = fields.text("twilio_sid", most: 64)
    let token = fields.text("twilio_token", most: 200)
    if token?.isEmpty == true { fields.fail("twilio_token", "is empty") }
    if (sid == nil) != (token == nil) { fields.fail("twilio_token", "and twilio_sid come together") }
    try fields.finish()
    let sealed = try token.map { try call.subject.secret.seal(Array($0.utf8)) }
    return try await call.subject.perform(
      .createTenant(key: key, name: name, ownerEmail: email, timeZone: zone, twilioSID: sid, sealedToken: sealed),
      actor: call.actor.name
    ).response(status: .created)
  }

  @Sendable private static func addNumber(_ call: Call<ControlPlane>) async throws -> Response {
    var fields = try await call.fields()
    let number = fields.text("number", most: 20).flatMap { PhoneNumber(e164: $0) }
    if number == nil { fields.fail("number", "must be an E.164 number like +14155550123") }
    let rate = fields.double("rate", in: 0.01...100_000)
    let cap = fields.int("daily_cap", in: 0...1_000_000_000)
    let warmUp = fields.text("warm_up", most: 4)
    let service = fields.text("messaging_service", most: 64)
    let brand = fields.name("brand", most: 100)
    try fields.finish()
    guard let number else { throw Refusal.invalid("number", "is required") }
    return try await perform(call) {
      .addNumber(
        key: $0,
        number: NumberChange(
          number: number, rate: rate, dailyCap: cap, warmUp: warmUp, messagingService: service, brand: brand))
    }
  }

  @Sendable private static func addHost(_ call: Call<ControlPlane>) async throws -> Response {
    var fields = try await call.fields()
    let host = fields.requiredText("host", most: 253)
    try fields.finish()
    return try await perform(call) { .addHost(key: $0, host: host) }
  }

  private static func perform(_ call: Call<ControlPlane>, _ command: (String) -> Command) async throws -> Response {
    try await call.subject.perform(command(call.parameters.get("key") ?? ""), actor: call.actor.name)
      .response(status: .created)
  }

  private static func change(
    _ call: Call<ControlPlane>, _ command: (String, String) -> Command
  ) async throws -> Response {
    var fields = try await call.fields()
    let reason = fields.text("reason", most: 500) ?? ""
    try fields.finish()
    let wanted = command(call.parameters.get("key") ?? "", reason)
    do { return try await call.subject.perform(wanted, actor: call.actor.name).response() } catch let failure
      as ControlFailure
    {
      throw Refusal.conflict(failure.description)
    }
  }
}
