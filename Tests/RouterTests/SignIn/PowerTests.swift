import ControlPlane
import TenantRuntime
import TestKit
import Testing

@testable import Router

/// Who may give, take and end what: over HTTP, with two tenants.
@Suite struct PowerTests {
  let folder = try! TestFolder()
  private static let users = "tenants/acme/users"

  @Test func aTenantsAdminSignsNobodyOutWhoseSessionIsAnothersToo() async throws {
    try await ServedSite.run(folder) { site in
      let admin = try await site.session("acme", .admin)
      let eva = try await site.session("other", .owner, "eva@host.test")
      let invited = await site.ask("POST", Self.users, session: admin, ["email": "eva@host.test", "role": "viewer"])
      #expect(invited.status == 201)
      let path = "\(Self.users)/\(invited.json["id"]?.int ?? 0)"
      for role in ["agent", "viewer", "admin"] {
        #expect(await site.ask("PATCH", path, session: admin, ["role": .text(role)]).status == 200)
        #expect(await site.ask("GET", "tenants/other/contacts", session: eva).status == 200, "\(role)")
      }
      #expect(await site.ask("PATCH", path, session: admin, ["role": "viewer"]).status == 200)
      #expect(await site.ask("POST", "me/invitations/acme/accept", session: eva).status == 204)
      // A role holds from the next request on, in both directions.
      for (role, status) in [("admin", 200), ("viewer", 403), ("admin", 200)] {
        #expect(await site.ask("PATCH", path, session: admin, ["role": .text(role)]).status == 200)
        #expect(await site.ask("GET", Self.users, session: eva).status == status, "\(role)")
        #expect(await site.ask("GET", "tenants/other/contacts", session: eva).status == 200, "\(role)")
      }
    }
  }

  @Test func anIDInATenantTellsNothingOfOtherTenants() async throws {
    try await ServedSite.run(folder) { site in
      let (acme, other) = (try await site.key("acme", .owner), try await site.key("other", .owner))
      _ = try await site.session("other", .agent, "known@host.test")
      var ids: [Int64] = []
      for email in ["one@host.test", "known@host.test", "two@host.test"] {
        let made = await site.ask("POST", Self.users, key: acme, ["email": .text(email), "role": "agent"])
        ids.append(made.json["id"]?.int ?? 0)
      }
      #expect(ids.allSatisfy { $0 > 1 << 20 && $0 < 1 << 53 } && Set(ids).count == 3)
      let there = await site.ask("GET", "tenants/other/users", key: other).json["data"]?.list ?? []
      #expect(there.count == 2 && !there.contains { $0["id"]?.int == ids[1] })
      for id in ids {
        #expect(await site.ask("GET", "\(Self.users)/\(id)", key: acme).json["id"]?.int == id)
        for (method, path) in [("GET", ""), ("DELETE", ""), ("POST", "/suspend"), ("POST", "/resend")] {
          #expect(await site.ask(method, "tenants/other/users/\(id)\(path)", key: other).status == 404)
        }
      }
    }
  }

  @Test func whatGivesPowerAwayNeedsSomebodyWhoIsThere() async throws {
    try await ServedSite.run(folder) { site in
      let owner = try await site.session("acme", .owner)
      let root = try await site.session(nil, .platform)
      let invited = await site.ask("POST", Self.users, session: owner, ["email": "adam@host.test", "role": "admin"])
      let agent = await site.ask("POST", Self.users, session: owner, ["email": "agent@host.test", "role": "agent"])
      _ = try await site.session("acme", .admin, "away@host.test")
      let away = try await site.member("away@host.test", of: "acme")
      #expect(await site.ask("POST", "\(Self.users)/\(away)/suspend", session: owner).status == 200)
      let endpoint = await site.ask(
        "POST", "tenants/acme/webhook-endpoints", session: owner,
        ["url": "https://hooks.host.test/", "events": ["contact.created"]])
      #expect(invited.status == 201 && agent.status == 201)
      site.goAhead(seconds: 660)
      let ids = (invited.json["id"]?.int ?? 0, agent.json["id"]?.int ?? 0)
      let account: JSON = ["account_sid": .text("AC" + String(repeating: "1", count: 32)), "auth_token": "second"]
      let asks: [(method: String, path: String, session: String, body: JSON?)] = [
        ("POST", Self.users, owner, ["email": "x@host.test", "role": "admin"]),
        ("POST", Self.users, owner, ["email": "x@host.test", "role": "owner"]),
        ("PATCH", "\(Self.users)/\(ids.1)", owner, ["role": "admin"]),
        ("POST", "\(Self.users)/\(ids.0)/resend", owner, nil),
        ("POST", "\(Self.users)/\(away)/reinstate", owner, nil),
        ("POST", "tenants/acme/webhook-endpoints/\(endpoint.json["id"]?.int ?? 0)/rotate-secret", owner, nil),
        ("POST", "tenants/acme/support-grants", owner, ["hours": 1, "read_only": false]),
        ("PUT", "tenants/acme/twilio-account", owner, account),
        ("POST", "admin/tenants/acme/archive", root, ["reason": "x"]),
        ("PUT", "admin/tenants/acme/twilio-account", root, account),
      ]
      for ask in asks {
        let answer = await site.ask(ask.method, ask.path, session: ask.session, ask.body)
        #expect(
          answer.status == 403 && answer.json["type"] == "urn:roundhouse:unconfirmed",
          "\(ask.method) \(ask.path): \(answer.status)")
      }
      // What gives no power is no matter for that; nor are keys, where nobody is.
      #expect(
        await site.ask("POST", Self.users, session: owner, ["email": "y@host.test", "role": "agent"]).status == 201)
      #expect(await site.ask("PATCH", "\(Self.users)/\(ids.1)", session: owner, ["role": "viewer"]).status == 200)
      let key = try await site.key("acme", .owner)
      #expect(await site.ask("POST", Self.users, key: key, ["email": "z@host.test", "role": "admin"]).status == 201)
    }
  }

  @Test func nobodyEndsAStrongerKeyNorLetsInMoreThanTheyAre() async throws {
    try await ServedSite.run(folder) { site in
      let weak = try await site.key("acme", .chosen([.editAPIKeys, .readAPIKeys]))
      let strong = try await site.key("acme", .owner)
      let id = String(strong.split(separator: "_")[1])
      #expect(await site.ask("DELETE", "tenants/acme/api-keys/\(id)", key: weak).status == 403)
      #expect(await site.ask("GET", "tenants/acme/contacts", key: strong).status == 200)
      // As the owner's key, one of the platform, and the owner may.
      let other = try await site.key("acme", .chosen([.editAPIKeys]))
      let ownID = String(other.split(separator: "_")[1])
      #expect(await site.ask("DELETE", "tenants/acme/api-keys/\(ownID)", key: other).status == 204)
      let owner = try await site.session("acme", .owner)
      #expect(await site.ask("DELETE", "tenants/acme/api-keys/\(id)", session: owner).status == 204)
      let leaked = String(try await site.key("acme", .owner).split(separator: "_")[1])
      let platform = try await site.key(nil, .platform)
      #expect(await site.ask("DELETE", "admin/tenants/acme/api-keys/\(leaked)", key: platform).status == 204)

      let people = try await site.key("acme", .chosen([.editUsers]))
      for isReadOnly in [true, false] {
        let asked: JSON = ["hours": 1, "read_only": .bool(isReadOnly)]
        #expect(await site.ask("POST", "tenants/acme/support-grants", key: people, asked).status == 403)
        let admin = try await site.key("acme", .admin)
        #expect(await site.ask("POST", "tenants/acme/support-grants", key: admin, asked).status == 201)
      }
    }
  }

  @Test func nobodyTakesTheirOwnPlaceAway() async throws {
    try await ServedSite.run(folder) { site in
      let admin = try await site.session("acme", .admin, "adam@host.test")
      _ = try await site.session("acme", .owner)
      let own = try await site.member("adam@host.test", of: "acme")
      #expect(await site.ask("PATCH", "\(Self.users)/\(own)", session: admin, ["role": "viewer"]).status == 409)
      #expect(await site.ask("POST", "\(Self.users)/\(own)/suspend", session: admin).status == 409)
      #expect(await site.ask("GET", Self.users, session: admin).status == 200)
      let root = try await site.session(nil, .platform, "root@host.test")
      _ = try await site.session(nil, .platform, "second@host.test")
      let id = await site.ask("GET", "me", session: root).json["id"]?.int ?? 0
      #expect(await site.ask("PATCH", "admin/users/\(id)", session: root, ["platform_role": "support"]).status == 409)
      #expect(await site.ask("POST", "admin/users/\(id)/suspend", session: root).status == 409)
      // To leave is everybody's own word.
      #expect(await site.ask("DELETE", "\(Self.users)/\(own)", session: admin).status == 204)
    }
  }

  @Test func namesThatNobodySeesOrThatTurnTextRoundAreNone() async throws {
    try await ServedSite.run(folder) { site in
      let (owner, platform) = (try await site.session("acme", .owner), try await site.key(nil, .platform))
      for name in ["\u{2800}", "\u{3164}\u{3164}", "\u{200B}", "\u{202E}\u{202C}", "\u{301}", " \u{2060} "] {
        let body: JSON = ["name": .text(name)]
        for (path, session, key) in [
          ("tenants/acme/account", owner, nil), ("me", owner, nil), ("admin/tenants/acme", nil, platform),
        ] {
          let answer = await site.ask("PATCH", path, key: key, session: session, body)
          #expect(answer.status == 422, "\(path) \(name.unicodeScalars.map(\.value)): \(answer.status)")
        }
        await #expect(throws: Refusal.self) {
          try await site.controlPlane.perform(
            .createTenant(
              key: "made", name: name, ownerEmail: "o@made.test", timeZone: "UTC", twilioSID: nil, sealedToken: nil),
            by: .command("test"))
        }
      }
      await #expect(throws: Refusal.self) {
        try await site.controlPlane.perform(
          .createTenant(
            key: "made", name: "Acme \u{202E}emca", ownerEmail: "o@made.test", timeZone: "UTC", twilioSID: nil,
            sealedToken: nil), by: .command("test"))
      }
      for name in ["Café", "e\u{301}", "مدرسة", "🙂", "株式会社", "x"] {
        #expect(await site.ask("PATCH", "tenants/acme/account", session: owner, ["name": .text(name)]).status == 200)
      }
    }
  }
}
