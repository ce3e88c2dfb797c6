import ControlPlane
import Foundation
import Hummingbird
import TenantRuntime

/// What an operator changes of a tenant beyond its pauses: name, archive and end, quotas, provider account, numbers and hosts.
enum AdminLifeCycleRoutes {
  private static let confirm = Field<String>.text(
    "confirm", most: 39, missing: "is required: the tenant's key", about: "The tenant's key, once more.",
    example: "acme")
  private static let name = Field<String>.line(
    "name", most: 200, missing: "is required", about: "Of the business.", example: "Acme")
  private static let to = Field<String>.text(
    "to", most: 39, missing: "is required: a tenant's key", about: "The tenant that gets it.", example: "other")
  private static let dailyCap = Field<Int64>.int(
    "daily_cap", 1...1_000_000_000, missing: "is required", about: "Segments a day over all its numbers.",
    example: 2_000)

  static let all: [Route<ControlPlane>] = [
    Route(
      .patch, "tenants/:key", needs: .editTenants, about: "Rename a tenant; its key stays", body: .json([name]),
      answers: [.ok(.tenant)], rename),
    Route(
      .post, "tenants/:key/archive", needs: .editTenants,
      about: "Put a tenant away: its file stays, its numbers and hosts are free", body: .json([AdminRoutes.reason]),
      answers: [.ok(.tenant)], isDangerous: true
    ) { call in try await AdminRoutes.change(call) { .archive(key: $0, reason: $1) } },
    Route(
      .post, "tenants/:key/unarchive", needs: .editTenants, about: "Take an archived tenant into use again",
      answers: [.ok(.tenant)]
    ) { call in try await perform(call, .unarchive(key: key(call))) },
    Route(
      .post, "tenants/:key/delete", needs: .editTenants,
      about: "End a tenant: archived at once, deleted in 7 days, and kept until then if that is asked for",
      body: .json([confirm]), answers: [.ok(.tenant)], isDangerous: true, delete),
    Route(
      .post, "tenants/:key/keep", needs: .editTenants, about: "Keep a tenant that was to be deleted",
      answers: [.ok(.tenant)]
    ) { call in try await perform(call, .keep(key: key(call), asTenant: false)) },
    Route(
      .post, "tenants/:key/unfence", needs: .editTenants, about: "Let a restored tenant text again",
      answers: [.ok(.unfenced)]
    ) { call in try await perform(call, .unfence(key: key(call))) },
    Route(
      .get, "tenants/:key/quotas", needs: .readTenants, about: "What a tenant may use at most, and what it uses",
      answers: [.ok(.quotas)]
    ) { call in try await QuotaRequests.show(call, call.subject.commands.quotas, of: try tenant(call)) },
    Route(
      .put, "tenants/:key/quotas", needs: .editTenants, about: "Set quotas; null is none, what is left out stays",
      body: QuotaRequests.body, answers: [.ok(.quotaLimits)]
    ) { call in try await QuotaRequests.put(call, call.subject.commands.quotas, of: try tenant(call)) },
    Route(
      .get, "tenants/:key/twilio-account", needs: .readTenants, about: "A tenant's account, without its token",
      answers: [.ok(.twilioAccount)]
    ) { call in try await TwilioAccountRequests.show(call, call.subject.commands.twilio, of: try tenant(call)) },
    Route(
      .put, "tenants/:key/twilio-account", needs: .editTenants,
      about: "Set the account, or a new token; the former one of the same account stays accepted until it is dropped",
      body: TwilioAccountRequests.body, answers: [.ok(.twilioAccount)], isDangerous: true
    ) { call in try await TwilioAccountRequests.put(call, call.subject.commands.twilio, of: try tenant(call)) },
    Route(
      .delete, "tenants/:key/twilio-account/former-token", needs: .editTenants,
      about: "Accept the former token no longer", answers: [.none]
    ) { call in try await TwilioAccountRequests.dropFormer(call, call.subject.commands.twilio, of: try tenant(call)) },
    Route(
      .delete, "tenants/:key/numbers/:number", needs: .editTenants, about: "Take a number from a tenant",
      answers: [.none]
    ) { call in
      _ = try await perform(call, .removeNumber(key: try tenant(call), number: try number(call)))
      return Response(status: .noContent)
    },
    Route(
      .post, "tenants/:key/numbers/:number/move", needs: .editTenants,
      about: "Give a number to another tenant: what people write to it is theirs from now on", body: .json([to]),
      answers: [.ok(.numberMoved)], move),
    Route(
      .delete, "tenants/:key/hosts/:host", needs: .editTenants, about: "Take a link host from a tenant",
      answers: [.none]
    ) { call in
      _ = try await perform(call, .removeHost(key: try tenant(call), host: call.parameters.get("host") ?? ""))
      return Response(status: .noContent)
    },
    Route(
      .get, "brands", needs: .readTenants, about: "Registered brands, and the segments a day of each",
      answers: [.page(.knownBrand)]
    ) { call in
      JSON.object([("data", .list(try await call.subject.commands.numbers.brands())), ("next_cursor", nil)]).response()
    },
    Route(
      .put, "brands/:brand", needs: .editTenants, about: "A registered brand, whose segments a day its numbers share",
      body: .json([dailyCap]), answers: [.ok(.brand)], setBrand),
  ]

  private static func key(_ call: Call<ControlPlane>) -> String { call.parameters.get("key") ?? "" }

  private static func tenant(_ call: Call<ControlPlane>) throws -> String { try call.subject.tenant(key(call)).key }

  private static func number(_ call: Call<ControlPlane>) throws -> PhoneNumber {
    let text = (call.parameters.get("number") ?? "").removingPercentEncoding ?? ""
    guard let number = PhoneNumber(e164: "+" + text.drop { $0 == "+" || $0 == " " }) else {
      throw Refusal.notFound("There is no such number.")
    }
    return number
  }

  /// What cannot be done with a file as it lies is the operator's to read.
  private static func perform(_ call: Call<ControlPlane>, _ command: Command) async throws -> Response {
    do { return try await call.subject.perform(command, by: call.caller).response() } catch let failure
      as ControlFailure
    {
      throw Refusal.conflict(failure.description)
    }
  }

  @Sendable private static func rename(_ call: Call<ControlPlane>) async throws -> Response {
    var fields = try await call.fields()
    let name = fields.take(name) ?? ""
    try fields.finish()
    return try await perform(call, .rename(key: try tenant(call), name: name))
  }

  @Sendable private static func delete(_ call: Call<ControlPlane>) async throws -> Response {
    var fields = try await call.fields()
    let confirm = fields.take(confirm) ?? ""
    let key = try tenant(call)
    if confirm != key, fields.hasNoErrors(about: "confirm") {
      fields.fail("confirm", "must be the tenant's key, \(key)")
    }
    try fields.finish()
    return try await perform(call, .delete(key: key, confirm: confirm, asTenant: false))
  }

  @Sendable private static func move(_ call: Call<ControlPlane>) async throws -> Response {
    var fields = try await call.fields()
    let other = fields.take(to) ?? ""
    if !other.isEmpty, call.subject.routing.tenants[other] == nil { fields.fail("to", "is not a tenant") }
    try fields.finish()
    return try await perform(
      call, .moveNumber(key: try tenant(call), number: try number(call), other: other))
  }

  @Sendable private static func setBrand(_ call: Call<ControlPlane>) async throws -> Response {
    var fields = try await call.fields()
    let cap = fields.take(dailyCap)
    try fields.finish()
    let name = (call.parameters.get("brand") ?? "").removingPercentEncoding ?? ""
    return try await perform(call, .setBrand(name: name, dailyCap: cap ?? 0))
  }
}
