import ControlPlane
import TenantRuntime
import TestKit
import Testing

@Suite struct TemplateTests {
  private let folder = try! TestFolder()

  @Test func aTextIsSavedShownChangedAndDeleted() async throws {
    try await ServedSite.run(folder) { site in
      let client = site.client
      let key = try await site.key("acme", .marketer)
      let other = try await site.key("other", .owner)
      let text: JSON = [
        "name": "Visit", "body": "Hi {{first_name|there}}, {{first_name|you}} at https://shop.test/{{email}}",
      ]
      let made = await client.ask("POST", "templates", key: key, text)
      #expect(made.status == 201 && made.json["fields"] == ["first_name", "email"], "\(made)")
      #expect(await client.ask("POST", "templates", key: key, ["name": "VISIT", "body": "b"]).status == 409)
      #expect(await client.ask("GET", "templates/1", of: "acme", key: other).status == 404)
      #expect(await client.ask("GET", "templates", of: "other", key: other).json["data"] == [])
      let changed = await client.ask("PATCH", "templates/1", key: key, ["body": "Hello"])
      #expect(changed.status == 200 && changed.json["name"] == "Visit" && changed.json["fields"] == [])
      #expect(await client.ask("PATCH", "templates/1", key: key, ["body": "Late"], ifMatch: "\"x\"").status == 412)
      #expect(await client.ask("DELETE", "templates/1", key: key).status == 204)
      #expect(await client.ask("GET", "templates/1", key: key).status == 404)
    }
  }

  @Test func aSavedTextKeepsToTheRulesOfCampaigns() async throws {
    try await ServedSite.run(folder) { site in
      let client = site.client
      let key = try await site.key("acme", .marketer)
      let wrong: [(JSON, Set<String>)] = [
        ([:], ["name", "body"]), (["name": "a", "body": " "], ["body"]), (["name": "a", "body": "{{shoe}}"], ["body"]),
        (["name": "a\nb", "body": "b"], ["name"]),
        (["name": "a", "body": .text(String(repeating: "x", count: 1601))], ["body"]),
        (["name": "a", "body": "{{unsubscribe_link}}"], ["body"]), (["name": "a", "body": "b", "text": "c"], ["text"]),
      ]
      for (body, fields) in wrong {
        let answer = await client.ask("POST", "templates", key: key, body)
        #expect(
          answer.status == 422 && answer.json.errorFields == fields, "\(body.serialized) \(answer.json.serialized)")
      }
    }
  }
}
