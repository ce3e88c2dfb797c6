import ControlPlane
import TenantRuntime
import TestKit
import Testing

/// One box for everything that has a name.
@Suite struct FindTests {
  private let folder = try! TestFolder()

  private func serve(
    _ body: @escaping @Sendable (ServedSite, _ owner: String) async throws -> Void
  ) async throws {
    try await ServedSite.run(folder) { site in
      let (controlPlane, client) = (site.controlPlane, site.client)
      let number = PhoneNumber(digits: 14_155_550_100)!
      _ = try await controlPlane.perform(
        .addNumber(key: "acme", number: NumberChange(number: number)), by: .command("test"))
      let key = try await site.key("acme", .owner)
      let things: [(String, JSON)] = [
        ("contacts", ["phone": "+14158675309", "first_name": "Zoë", "last_name": "Spring", "email": "zoe@mail.test"]),
        ("campaigns", ["name": "Spring sale", "body": "https://shop.test/spring"]),
        ("campaigns", ["name": "100% off"]), ("audiences", ["name": "Spring people", "rule": ["tag": "spring"]]),
        ("templates", ["name": "Spring text", "body": "Hello"]),
      ]
      for (path, thing) in things { #expect(await client.ask("POST", path, key: key, thing).status == 201, "\(path)") }
      try await body(site, key)
    }
  }

  private static func kinds(_ answer: (status: Int, json: JSON)) -> [String] {
    (answer.json["data"]?.list ?? []).compactMap { $0["kind"]?.text }
  }

  @Test func aWordFindsAllKindsOfThings() async throws {
    try await serve { site, key in
      let client = site.client
      let all = await client.ask("GET", "find?q=SPRI", key: key)
      #expect(all.status == 200)
      #expect(Self.kinds(all) == ["contact", "campaign", "audience", "link", "template"], "\(all.json.serialized)")
      let contact = all.json["data"]?.list?.first
      #expect(contact?["title"] == "Zoë Spring" && contact?["detail"] == "+14158675309, zoe@mail.test")
      #expect(Self.kinds(await client.ask("GET", "find?q=zoe%20spring", key: key)) == ["contact"])
      #expect(Self.kinds(await client.ask("GET", "find?q=spring%20sale", key: key)) == ["campaign"])
      #expect(Self.kinds(await client.ask("GET", "find?q=summer", key: key)) == [])
      #expect(Self.kinds(await client.ask("GET", "find?q=100%25", key: key)) == ["campaign"])
    }
  }

  @Test func digitsFindNumbers() async throws {
    try await serve { site, key in
      let client = site.client
      let all = await client.ask("GET", "find?q=%2B1%20(415)", key: key)
      #expect(Self.kinds(all) == ["contact", "number"], "\(all.json.serialized)")
      #expect(all.json["data"]?.list?.last?["id"] == "+14155550100")
      #expect(Self.kinds(await client.ask("GET", "find?q=5309", key: key)) == ["contact"])
    }
  }

  @Test func whatACallerMayNotReadIsLeftOut() async throws {
    try await serve { site, key in
      let (controlPlane, client) = (site.controlPlane, site.client)
      for role in Role.tenantRoles {
        let by = try await site.key("acme", role)
        #expect(Self.kinds(await client.ask("GET", "find?q=spring", key: by)).count == 5, "\(role)")
      }
      let (narrow, text) = APIKey.make(tenant: "acme", scope: .chosen([.readCampaigns]), name: "narrow")
      _ = try await controlPlane.perform(.addKey(narrow), by: .command("test"))
      #expect(Self.kinds(await client.ask("GET", "find?q=spring", key: text)) == ["campaign", "template"])
      let other = try await site.key("other", .owner)
      #expect(await client.ask("GET", "find?q=spring", of: "acme", key: other).status == 404)
      #expect(Self.kinds(await client.ask("GET", "find?q=spring", of: "other", key: other)) == [])
    }
  }

  @Test func aQuestionWithoutAWordIsRefused() async throws {
    try await serve { site, key in
      let client = site.client
      for query in ["", "?q=", "?q=%25", "?q=" + String(repeating: "a", count: 201), "?q=a&limit=3"] {
        let answer = await client.ask("GET", "find" + query, key: key)
        #expect(answer.status == 422, "\(query): \(answer.json.serialized)")
      }
    }
  }
}
