import ControlPlane
import Foundation
import Hummingbird
import TenantRuntime

/// `/api/v1/admin`: the platform's own addresses, for platform keys.
enum AdminRoutes {
  static let reason = Field<String>.text("reason", most: 500, about: "Why.", example: "moving")
  private static let on = Field<Bool>.bool(
    "on", missing: "is required: true or false", about: "Whether every text is stopped.")
  private static let hostField = Field<String>.text(
    "host", most: 253, missing: "is required", about: "Verified by the operator's word.", example: "go.shop.example")

  static let all: [Route<ControlPlane>] =
    own + AdminLifeCycleRoutes.all + BackupRoutes.all + UserAdminRoutes.all + AdminKeyRoutes.all + AdminAuditRoutes.all

  private static let own: [Route<ControlPlane>] = [
    Route(.get, "tenants", needs: .readTenants, about: "Tenants", answers: [.page(.tenant)], list),
    Route(
      .post, "tenants", needs: .editTenants, about: "Make a tenant", body: .json(TenantFields.all),
      answers: [.created(.tenant)], create),
    Route(.get, "tenants/:key", needs: .readTenants, about: "One tenant", answers: [.ok(.tenant)], show),
    Route(
      .post, "tenants/:key/pause", needs: .editTenants, about: "Pause a tenant", body: .json([reason]),
      answers: [.ok(.tenant)]
    ) { call in
      try await change(call) { .pause(key: $0, reason: $1) }
    },
    Route(
      .post, "tenants/:key/resume", needs: .editTenants, about: "Resume a tenant", body: .json([reason]),
      answers: [.ok(.tenant)]
    ) { call in
      try await change(call) { key, _ in .resume(key: key) }
    },
    Route(
      .post, "tenants/:key/suspend", needs: .editTenants, about: "Suspend a tenant", body: .json([reason]),
      answers: [.ok(.tenant)]
    ) { call in
      try await change(call) { .suspend(key: $0, reason: $1) }
    },
    Route(
      .post, "tenants/:key/reinstate", needs: .editTenants, about: "Reinstate a tenant", body: .json([reason]),
      answers: [.ok(.tenant)]
    ) { call in
      try await change(call) { key, _ in .reinstate(key: key) }
    },
    Route(
      .post, "tenants/:key/numbers", needs: .editTenants, about: "Give a tenant a sending number, or change it",
      body: .json(NumberFields.all), answers: [.created(.numberGiven)], addNumber),
    Route(
      .post, "tenants/:key/hosts", needs: .editTenants, about: "Give a tenant a link host", body: .json([hostField]),
      answers: [.created(.hostGiven)], addHost),
    Route(
      .post, "tenants/:key/link-keys", needs: .editTenants, about: "Make a new key for a tenant's links",
      answers: [.created(.linkKeyMade)]
    ) { call in
      try await perform(call) { .rotateLinkKey(key: $0) }
    },
    Route(
      .get, "health", needs: .readFleet,
      about: "How this node stands: what waits, what fails, what is left of the disk",
      answers: [.ok(.health)]
    ) { call in try await call.subject.health().response() },
    Route(
      .get, "kill-switch", needs: .readTenants, about: "Whether every text of the platform is stopped",
      answers: [.ok(.platformKillSwitch)]
    ) { call in call.subject.commands.platformSwitch.json.response() },
    Route(
      .put, "kill-switch", needs: .editTenants, about: "Stop every text of the platform, or let them go on",
      body: .json([on, reason]), answers: [.ok(.platformKillSwitch)], putKillSwitch),
  ]

  @Sendable private static func putKillSwitch(_ call: Call<ControlPlane>) async throws -> Response {
    var fields = try await call.fields()
    let on = fields.take(on)
    let reason = fields.take(reason) ?? ""
    try fields.finish()
    return try await call.subject.perform(
      .setKillSwitch(on: on ?? true, reason: reason), by: call.caller
    ).response()
  }

  @Sendable private static func list(_ call: Call<ControlPlane>) async throws -> Response {
    let tenants = call.subject.routing.tenants.values.sorted { $0.key < $1.key }
    return JSON.object([("data", .list(tenants.map(\.json))), ("next_cursor", nil)]).response()
  }

  @Sendable private static func show(_ call: Call<ControlPlane>) async throws -> Response {
    try call.subject.tenant(call.parameters.get("key") ?? "").json.response()
  }

  @Sendable private static func create(_ call: Call<ControlPlane>) async throws -> Response {
    var fields = try await call.fields()
    let (key, name) = (fields.take(TenantFields.key) ?? "", fields.take(TenantFields.name) ?? "")
    let email = fields.take(TenantFields.ownerEmail) ?? ""
    let zone = fields.take(TenantFields.timeZone) ?? "UTC"
    let (sid, token) = (fields.take(TenantFields.twilioSID), fields.take(TenantFields.twilioToken))
    var settings: JSON?
    if let sent = fields.value("settings") {
      settings = sent
      do { try SettingsTemplate.check(sent) } catch Refusal.invalid(let errors) {
        for error in errors { fields.fail(error.field, error.message) }
      }
    }
    if token?.isEmpty == true { fields.fail("twilio_token", "is empty") }
    if (sid == nil) != (token == nil) { fields.fail("twilio_token", "and twilio_sid come together") }
    try fields.finish()
    let sealed = try token.map { try call.subject.directory.secret.seal(Array($0.utf8)) }
    return try await call.subject.perform(
      .createTenant(
        key: key, name: name, ownerEmail: email, timeZone: zone, twilioSID: sid, sealedToken: sealed,
        settings: settings?.serialized),
      by: call.caller
    ).response(status: .created)
  }

  @Sendable private static func addNumber(_ call: Call<ControlPlane>) async throws -> Response {
    var fields = try await call.fields()
    let number = fields.text("number", most: 20).flatMap { PhoneNumber(e164: $0) }
    if number == nil { fields.fail("number", "must be an E.164 number like +14155550123") }
    let rate = fields.double("rate", in: 0.01...100_000)
    let cap = fields.take(NumberFields.dailyCap)
    let warmUp = fields.take(NumberFields.warmUp)
    let service = fields.take(NumberFields.messagingService)
    let brand = fields.take(NumberFields.brand)
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
    let host = fields.take(hostField) ?? ""
    try fields.finish()
    return try await perform(call) { .addHost(key: $0, host: host) }
  }

  private static func perform(_ call: Call<ControlPlane>, _ command: (String) -> Command) async throws -> Response {
    try await call.subject.perform(command(call.parameters.get("key") ?? ""), by: call.caller)
      .response(status: .created)
  }

  static func change(
    _ call: Call<ControlPlane>, _ command: (String, String) -> Command
  ) async throws -> Response {
    var fields = try await call.fields()
    let reason = fields.take(reason) ?? ""
    try fields.finish()
    let wanted = command(call.parameters.get("key") ?? "", reason)
    do { return try await call.subject.perform(wanted, by: call.caller).response() } catch let failure
      as ControlFailure
    {
      throw Refusal.conflict(failure.description)
    }
  }
}
