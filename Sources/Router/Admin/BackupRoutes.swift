import ControlPlane
import Hummingbird
import TenantRuntime

/// `/api/v1/admin/backups`: copies of tenants' files in the data folder. Putting one back stays with the command line.
enum BackupRoutes {
  private static let tenant = Field<String>.text(
    "tenant", most: 39, missing: "is required: a tenant's key", about: "Whose file is copied.", example: "acme")

  static let all: [Route<ControlPlane>] = [
    Route(
      .get, "backups", needs: .readTenants, about: "Backups in the data folder, the newest first",
      query: .page + [QueryField("tenant", .text(most: 39, example: "acme"))], answers: [.page(.backup)]
    ) { call in
      let page = try PageRequest(call)
      let copies = try await call.subject.commands.backups.page(
        of: call.query("tenant"), behind: page.isFirst ? .max : page.after, atMost: page.limit + 1)
      return page.answer(copies.map { (id: $0.place, json: $0.json) })
    },
    Route(
      .post, "backups", needs: .editTenants, about: "Make a backup of a tenant's file; it is checked before it counts",
      body: .json([tenant]), answers: [.created(.backup)]
    ) { call in
      var fields = try await call.fields()
      let key = fields.take(tenant) ?? ""
      if !key.isEmpty, call.subject.routing.tenants[key] == nil { fields.fail("tenant", "is not a tenant") }
      try fields.finish()
      let (backups, place) = (call.subject.commands.backups, try call.subject.commands.backups.newPath(of: key))
      do { _ = try await call.subject.perform(.backup(key: key, to: place.path), by: call.caller) } catch let failure
        as ControlFailure
      {
        throw Refusal.conflict(failure.description)
      }
      return try await backups.find(key, place.name).json.response(status: .created)
    },
    Route(
      .post, "backups/:key/:backup/verify", needs: .editTenants,
      about: "Read a backup whole, as a restore would; 409 says why it cannot be put back", answers: [.ok(.backup)],
      repeats: .free
    ) { call in
      let backups = call.subject.commands.backups
      let copy = try await backups.find(call.parameters.get("key") ?? "", call.parameters.get("backup") ?? "")
      if let fault = try await backups.verify(copy, by: call.caller) {
        throw Refusal.conflict("This backup cannot be put back: \(fault)")
      }
      return copy.json.response()
    },
  ]
}
