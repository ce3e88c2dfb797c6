import GRDB
package import TenantRuntime

/// Stops every text of every tenant, or lets them go on.
package struct PlatformSwitch: Sendable {
  let directory: TenantDirectory
  let memory: TenantMemory
  let clients: OutboundClients
  let open: OpenTenants

  private var routing: Routing { directory.routing.current }

  /// The gates close before the row and open after it: no call begins behind the answer. Answers how many calls are still under way.
  func set(_ on: Bool, reason: String, _ doing: Doing) async throws -> JSON {
    var closedHere: [String] = []
    for key in routing.tenants.keys where on {
      if memory.gate(of: key).close(TenantMemory.platformSwitch) { closedHere.append(key) }
      clients.http.recheck(key)
    }
    let (now, before) = (directory.now(), routing.killSwitch?.reason ?? "off")
    do {
      try await directory.file.write { db in
        if on {
          try db.execute(
            sql:
              "INSERT INTO kill_switches VALUES ('platform', ?, ?, ?) ON CONFLICT (scope) DO UPDATE SET reason = excluded.reason, actor = excluded.actor",
            arguments: [reason, doing.caller.name, now])
        } else {
          try db.execute(sql: "DELETE FROM kill_switches")
        }
        try doing.note(db, "platform", before: before, detail: reason)
      }
    } catch {
      for key in closedHere { memory.gate(of: key).open(TenantMemory.platformSwitch) }
      throw error
    }
    try await directory.routing.refresh()
    // By what the row says now, not by what was asked: two may switch it at once.
    for key in routing.tenants.keys {
      if routing.killSwitch == nil {
        memory.gate(of: key).open(TenantMemory.platformSwitch)
      } else {
        memory.gate(of: key).close(TenantMemory.platformSwitch)
      }
    }
    if !on { await open.wakeTexts { _ in true } }
    return json
  }

  package var json: JSON {
    let inFlight = memory.callsInFlight
    let row = routing.killSwitch
    return [
      "on": .bool(row != nil), "reason": .optional(row?.reason), "actor": .optional(row?.actor),
      "since": .moment(row?.since), "calls_in_flight": .int(inFlight), "drained": .bool(inFlight == 0),
    ]
  }
}
