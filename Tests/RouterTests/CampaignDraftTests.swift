import ControlPlane
import TenantRuntime
import TestKit
import Testing

/// Drafts, as people write them over HTTP.
@Suite struct CampaignDraftTests {
  private let folder = try! TestFolder()
  private static let number = PhoneNumber(digits: 14_155_550_100)!

  private static func serve(
    _ folder: TestFolder,
    _ body: @escaping @Sendable (TestClient, _ owner: String, _ other: String) async throws -> Void
  ) async throws {
    try await ServedSite.run(folder) { site in
      let client = site.client
      _ = try await site.controlPlane.perform(
        .addNumber(key: "acme", number: NumberChange(number: number)), by: .command("test"))
      let owner = try await site.key("acme", .owner)
      try await body(client, owner, try await site.key("other", .owner))
    }
  }

  @Test func aNameIsEnoughToKeepADraftAndNotToSendIt() async throws {
    try await Self.serve(folder) { client, key, other in
      let made = await client.ask("POST", "campaigns", key: key, ["name": "Spring"])
      #expect(made.status == 201 && made.json["state"] == "draft")
      let shown = await client.ask("GET", "campaigns/1", key: key).json
      #expect(shown["body"] == "" && shown["audience"] == .null && shown["numbers"] == [] && shown["exclude"] == [])
      #expect(shown["missing"] == ["body", "audience", "numbers"] && shown["misfire"]?["policy"] == "ask")
      for (path, body) in [("launch", nil), ("preview", [:]), ("test-sends", ["to": ["+14157000001"]])]
        as [(String, JSON?)]
      {
        let refused = await client.ask("POST", "campaigns/1/\(path)", key: key, body)
        #expect(refused.status == 422 && refused.json.errorFields == ["body", "audience", "numbers"], "\(path)")
      }
      #expect(await client.ask("PATCH", "campaigns/1", key: key, ["body": "Hi"]).status == 202)
      #expect(await client.ask("POST", "campaigns/1/launch", key: key).json.errorFields == ["audience", "numbers"])
      #expect(await client.ask("PATCH", "campaigns/1", of: "acme", key: other, ["name": "Mine"]).status == 404)
      let rest: JSON = ["audience": ["all": true], "numbers": ["+14155550100"]]
      #expect(await client.ask("PATCH", "campaigns/1", key: key, rest).status == 202)
      #expect(await client.ask("GET", "campaigns/1", key: key).json["missing"] == [])
      #expect(await client.ask("POST", "campaigns/1/launch", key: key).status == 202)
    }
  }

  @Test func everyMemberOfADraftCanBeChangedAndOnceLaunchedTheBudgetAlone() async throws {
    try await Self.serve(folder) { client, key, _ in
      let whole: JSON = [
        "name": "Spring", "body": "Hi https://shop.test/a", "audience": ["all": true], "numbers": ["+14155550100"],
      ]
      #expect(await client.ask("POST", "campaigns", key: key, whole).status == 201)
      let changes: [(String, JSON)] = [
        ("name", "Summer"), ("body", "Hello https://shop.test/b"), ("purpose", "informational"),
        ("audience", ["tag": "vip"]), ("exclude", [["tag": "quiet"], ["texted_days": 30]]), ("numbers", []),
        ("budget_micros", 5_000_000), ("send_at_local", "2099-01-01T09:00"), ("delivery", "at_least_once"),
        ("misfire", ["policy": "send_within", "minutes": 60]),
      ]
      for (name, value) in changes {
        let changed = await client.ask("PATCH", "campaigns/1", key: key, .object([(name, value)]))
        let shown = await client.ask("GET", "campaigns/1", key: key).json
        #expect(changed.status == 202 && shown[name] == value, "\(name): \(changed) \(shown[name] ?? .null)")
      }
      let quiet: JSON = ["quiet_hours": ["enabled": true, "start": "20:00", "end": "10:00"]]
      #expect(await client.ask("PATCH", "campaigns/1", key: key, quiet).status == 202)
      #expect(await client.ask("GET", "campaigns/1", key: key).json["quiet_hours"]?["start"] == "20:00")
      let links = await client.ask("GET", "links?campaign=1", key: key).json["data"]?.list ?? []
      #expect(links.compactMap { $0["target"]?.text } == ["https://shop.test/b"])
      // One time takes the other's place; null takes it away.
      #expect(await client.ask("PATCH", "campaigns/1", key: key, ["send_at": "2099-01-01T09:00:00Z"]).status == 202)
      let timed = await client.ask("GET", "campaigns/1", key: key).json
      #expect(timed["send_at"] == "2099-01-01T09:00:00.000Z" && timed["send_at_local"] == .null)
      let back: JSON = ["send_at": .null, "numbers": ["+14155550100"], "exclude": .null, "misfire": .null]
      #expect(await client.ask("PATCH", "campaigns/1", key: key, back).status == 202)
      #expect(await client.ask("GET", "campaigns/1", key: key).json["exclude"] == [])
      #expect(await client.ask("POST", "campaigns/1/launch", key: key).status == 202)
      for (name, value) in changes where name != "budget_micros" {
        #expect(await client.ask("PATCH", "campaigns/1", key: key, .object([(name, value)])).status == 409, "\(name)")
      }
      #expect(await client.ask("PATCH", "campaigns/1", key: key, ["budget_micros": 7_000_000]).status == 202)
    }
  }

  @Test func whatIsWrongInADraftIsNamed() async throws {
    try await Self.serve(folder) { client, key, _ in
      #expect(await client.ask("POST", "campaigns", key: key, ["name": "Spring"]).status == 201)
      let wrong: [(JSON, Set<String>)] = [
        (["name": ""], ["name"]), (["name": .null], ["name"]), (["body": "{{nobody_has_this}}"], ["body"]),
        (["numbers": ["+14155550199"]], ["numbers"]), (["numbers": ["1"]], ["numbers"]), ([:], ["budget_micros"]),
        (["exclude": [["tag": "a"], ["colour": "red"]]], ["exclude[1].colour"]), (["exclude": "vip"], ["exclude"]),
        (["exclude": [["id": 99]]], ["exclude[0]"]), (["exclude": [["texted": 99]]], ["exclude[0].texted"]),
        (["audience": ["id": 99]], ["audience"]), (["send_at": "2020-01-01T00:00:00Z"], ["send_at"]),
        (["send_at_local": "2099-02-30T09:00"], ["send_at_local"]),
        (["send_at_local": "2099-01-01"], ["send_at_local"]),
        (["send_at_local": "2020-01-01T09:00"], ["send_at_local"]),
        (["send_at": "2099-01-01T00:00:00Z", "send_at_local": "2099-01-01T09:00"], ["send_at_local"]),
        (["misfire": [:]], ["misfire.policy"]), (["misfire": ["policy": "send_within"]], ["misfire.minutes"]),
        (["misfire": ["policy": "ask", "minutes": 5]], ["misfire.minutes"]), (["colour": "red"], ["colour"]),
        (["misfire": ["policy": "send_within", "minutes": 10_081]], ["misfire.minutes"]),
      ]
      for (body, fields) in wrong {
        let answer = await client.ask("PATCH", "campaigns/1", key: key, body)
        #expect(
          answer.status == 422 && answer.json.errorFields == fields, "\(body.serialized): \(answer.json.serialized)")
      }
      let many = JSON.list(Array(repeating: ["tag": "a"], count: 21))
      #expect(await client.ask("PATCH", "campaigns/1", key: key, ["exclude": many]).json.errorFields == ["exclude"])
    }
  }

  @Test func aChangeIsForTheDraftThatWasSeen() async throws {
    try await Self.serve(folder) { client, key, _ in
      #expect(await client.ask("POST", "campaigns", key: key, ["name": "Spring"]).status == 201)
      #expect(await client.ask("PATCH", "campaigns/1", key: key, ["name": "Late"], ifMatch: "\"other\"").status == 412)
      #expect(await client.ask("DELETE", "campaigns/1", key: key, ifMatch: "\"other\"").status == 412)
      #expect(await client.ask("GET", "campaigns/1", key: key).json["name"] == "Spring")
    }
  }

  @Test func aCopyIsADraftThatSaysTheSameAndADraftCanBeDeleted() async throws {
    try await Self.serve(folder) { client, key, other in
      let whole: JSON = [
        "name": "Spring", "body": "Hi https://shop.test/a", "audience": ["all": true], "numbers": ["+14155550100"],
        "exclude": [["tag": "quiet"]], "send_at": "2099-01-01T09:00:00Z", "budget_micros": 5,
      ]
      #expect(await client.ask("POST", "campaigns", key: key, whole).status == 201)
      #expect(await client.ask("POST", "campaigns/1/launch", key: key).json["state"] == "scheduled")
      let copy = await client.ask("POST", "campaigns/1/duplicate", key: key)
      #expect(copy.status == 201 && copy.json["state"] == "draft" && copy.json["id"] == 2)
      let shown = await client.ask("GET", "campaigns/2", key: key).json
      for name in ["body", "audience", "numbers", "exclude", "budget_micros"] {
        #expect(shown[name] == whole[name], "\(name)")
      }
      #expect(shown["name"] == "Spring (copy)" && shown["send_at"] == .null)
      #expect(await client.ask("GET", "links?campaign=2", key: key).json["data"]?.list?.count == 1)
      #expect(await client.ask("DELETE", "campaigns/1", key: key).status == 409)
      #expect(await client.ask("DELETE", "campaigns/2", of: "acme", key: other).status == 404)
      #expect(await client.ask("POST", "campaigns/2/test-sends", key: key, ["to": ["+14157000001"]]).status == 202)
      #expect(await client.ask("DELETE", "campaigns/2", key: key).status == 204)
      #expect(await client.ask("GET", "campaigns/2", key: key).status == 404)
      #expect(await client.ask("GET", "links?campaign=2", key: key).json["data"] == [])
      let rows = await client.ask("GET", "audit-log", key: key).json["data"]?.list ?? []
      let actions = Set(rows.compactMap { $0["action"]?.text })
      #expect(actions.isSuperset(of: ["campaign.duplicate", "campaign.delete"]), "\(actions)")
    }
  }

  @Test func aScheduledCampaignIsADraftAgainForWhoMayLaunchAndNothingElseIs() async throws {
    try await Self.serve(folder) { client, key, other in
      let whole: JSON = [
        "name": "Spring", "body": "Hi", "audience": ["all": true], "numbers": ["+14155550100"],
        "send_at": "2099-01-01T09:00:00Z",
      ]
      #expect(await client.ask("POST", "campaigns", key: key, whole).status == 201)
      let path = "campaigns/1/unschedule"
      #expect(await client.ask("POST", path, key: key).status == 409)
      #expect(await client.ask("POST", "campaigns/1/launch", key: key).json["state"] == "scheduled")
      #expect(await client.ask("PATCH", "campaigns/1", key: key, ["send_at": "2098-01-01T09:00:00Z"]).status == 409)
      #expect(await client.ask("POST", path, of: "acme", key: other).status == 404)
      let back = await client.ask("POST", path, key: key)
      #expect(back.status == 202 && back.json["state"] == "draft")
      #expect(await client.ask("PATCH", "campaigns/1", key: key, ["send_at": "2098-01-01T09:00:00Z"]).status == 202)
      #expect(await client.ask("POST", "campaigns/1/launch", key: key).json["state"] == "scheduled")
      #expect(await client.ask("GET", "campaigns/1", key: key).json["send_at"] == "2098-01-01T09:00:00.000Z")
      #expect(await client.ask("POST", "campaigns/1/cancel", key: key).status == 202)
      #expect(await client.ask("POST", path, key: key).status == 409)
      #expect(await client.ask("POST", "campaigns/9/unschedule", key: key).status == 404)
      let rows = await client.ask("GET", "audit-log", key: key).json["data"]?.list ?? []
      #expect(rows.contains { $0["action"] == "campaign.unschedule" && $0["after"] == "draft" })
    }
  }

  @Test func aRuleIsCountedWithoutThoseWhoAreLeftOut() async throws {
    try await Self.serve(folder) { client, key, _ in
      for (phone, tag) in [("+14157000001", "a"), ("+14157000002", "b"), ("+14157000003", "c")] {
        #expect(
          await client.ask("POST", "contacts", key: key, ["phone": .text(phone), "tags": [.text(tag)]]).status == 201)
      }
      let question: JSON = ["rule": ["all": true], "exclude": [["tag": "a"], ["tag": "b"]]]
      #expect(await client.ask("POST", "audiences/preview", key: key, question).json["count"] == 1)
      let wrong: JSON = ["rule": ["all": true], "exclude": [["tag": 1]]]
      #expect(await client.ask("POST", "audiences/preview", key: key, wrong).json.errorFields == ["exclude[0].tag"])
    }
  }

  @Test func anAudienceThatADraftLeavesOutCannotBeDeleted() async throws {
    try await Self.serve(folder) { client, key, _ in
      let audience: JSON = ["name": "Regulars", "rule": ["tag": "vip"]]
      #expect(await client.ask("POST", "audiences", key: key, audience).status == 201)
      #expect(await client.ask("POST", "campaigns", key: key, ["name": "a", "exclude": [["id": 1]]]).status == 201)
      #expect(await client.ask("DELETE", "audiences/1", key: key).status == 409)
      #expect(await client.ask("DELETE", "campaigns/1", key: key).status == 204)
      #expect(await client.ask("DELETE", "audiences/1", key: key).status == 204)
    }
  }
}
