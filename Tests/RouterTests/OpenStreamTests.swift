import ControlPlane
import Synchronization
import TenantRuntime
import TestKit
import Testing

@testable import Router

/// An answer that is written by and by is for who may have it while it is written.
@Suite struct OpenStreamTests {
  let folder = try! TestFolder()

  @Test func aStreamEndsWithWhatLetItsReaderIn() async throws {
    try await ServedSite.run(folder) { site in
      let commands = site.controlPlane.commands
      let operate = Caller.command("test")
      let revoked = try await site.key("acme", .viewer)
      var sessions: [String: String] = [:]
      for name in ["removed", "suspended", "out", "ended"] {
        sessions[name] = try await site.session("acme", .viewer, "\(name)@host.test")
      }
      let owner = try await site.session("acme", .owner)
      let staff = try await site.session(nil, .platform, "staff@host.test")
      let root = try await site.session(nil, .platform, "root@host.test")
      let grant = await site.ask("POST", "tenants/acme/support-grants", session: owner, ["hours": 1])
      #expect(grant.status == 201)

      let ended = Ended()
      // All seats of the tenant but eight: when none is free, all streams are open.
      let seats = site.controlPlane.configuration.shares.streams
      let held = (0..<52).map { seats.take(tenant: "acme", key: "held \($0)") }
      defer { withExtendedLifetime(held) {} }
      let bystander = try await site.key("acme", .viewer)
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await Self.watch(site, "bystander", key: bystander, ended) }
        group.addTask { await Self.watch(site, "revoked", key: revoked, ended) }
        group.addTask { await Self.watch(site, "support", session: staff, ended) }
        group.addTask { await Self.watch(site, "other support", session: root, ended) }
        for (name, session) in sessions {
          group.addTask { await Self.watch(site, name, session: session, ended) }
        }
        await Self.wait { seats.take(tenant: "acme", key: "test") == nil }
        #expect(ended.names == [])
        do {
          _ = try await commands.perform(.revokeKey(id: Self.id(revoked)), by: operate)
          try await commands.members.remove(
            try await site.member("removed@host.test", of: "acme"), from: "acme", by: operate)
          _ = try await commands.members.setSuspended(
            true, try await site.member("suspended@host.test", of: "acme"), in: "acme", by: operate)
          #expect(await site.ask("DELETE", "me/sessions", session: sessions["ended"]).status == 204)
          let mine = await site.ask("GET", "me/sessions", session: sessions["out"]).json["data"]?.list?.first
          #expect(
            await site.ask("DELETE", "me/sessions/\(mine?["id"]?.text ?? "")", session: sessions["out"]).status == 204)
          // No longer staff; the other one is until the grant ends.
          let staffID = await site.ask("GET", "me", session: staff).json["id"]?.int ?? 0
          let demoted = await site.ask("PATCH", "admin/users/\(staffID)", session: root, ["platform_role": nil])
          #expect(demoted.status == 200)
        } catch { Issue.record(error) }
        await Self.wait { ended.names.count >= 5 }
        // To end all *other* sessions ends no stream of one's own.
        #expect(ended.names == ["revoked", "removed", "suspended", "out", "support"])
        let id = grant.json["id"]?.int ?? 0
        #expect(await site.ask("DELETE", "tenants/acme/support-grants/\(id)", session: owner).status == 204)
        await Self.wait { ended.names.count >= 6 }
        #expect(ended.names.isDisjoint(with: ["bystander", "ended"]) && ended.names.contains("other support"))
        _ = try? await commands.perform(.revokeKey(id: Self.id(bystander)), by: operate)
        _ = try? await commands.members.remove(
          try await site.member("ended@host.test", of: "acme"), from: "acme", by: operate)
      }
      #expect(ended.names.count == 8)
    }
  }

  private final class Ended: Sendable {
    private let known = Mutex<Set<String>>([])
    var names: Set<String> { known.withLock { $0 } }
    func add(_ name: String) { known.withLock { _ = $0.insert(name) } }
  }

  /// Machines under load are slow; what is wrong is said by what is expected behind it.
  private static func wait(_ isSo: () -> Bool) async {
    let begun = ContinuousClock.now
    while !isSo(), ContinuousClock.now - begun < .seconds(60) { try? await Task.sleep(for: .milliseconds(50)) }
  }

  private static func watch(
    _ site: ServedSite, _ name: String, key: String? = nil, session: String? = nil, _ ended: Ended
  ) async {
    let answer = await site.client.answer(
      "GET", "/api/v1/tenants/acme/inbox/events", key: key, session: session, within: .seconds(300))
    #expect(answer?.text.contains("event: ready") == true, "\(name): \(answer?.status ?? 0)")
    ended.add(name)
  }

  private static func id(_ key: String) -> String { String(key.split(separator: "_")[1]) }
}
