import ControlPlane
import TenantRuntime
import TestKit
import Testing

@testable import Router

/// What is launched is what was looked at, at a time that is still to come.
@Suite struct CampaignLaunchTests {
  private let folder = try! TestFolder()

  private func draft(_ site: ServedSite, _ key: String, _ more: [(String, JSON)] = []) async -> String {
    _ = try? await site.controlPlane.perform(
      .addNumber(key: "acme", number: NumberChange(number: PhoneNumber(e164: "+14155550100")!)), by: .command("test"))
    let made = await site.ask(
      "POST", "tenants/acme/campaigns", key: key,
      .object([("name", "Sale"), ("body", "Hello"), ("audience", ["all": true]), ("numbers", ["+14155550100"])] + more))
    #expect(made.status == 201, "\(made)")
    return "tenants/acme/campaigns/\(made.json["id"]?.int ?? 0)"
  }

  @Test func aDraftWhoseTimeHasPassedIsNotSentAtOnce() async throws {
    try await ServedSite.run(folder) { site in
      let key = try await site.key("acme", .owner)
      let at = Moment.now().advanced(bySeconds: 3_600)
      let path = await draft(site, key, [("send_at", .moment(at))])
      site.goAhead(seconds: 86_400)
      let refused = await site.ask("POST", path + "/launch", key: key)
      #expect(refused.status == 422 && refused.json["errors"]?.list?.first?["field"] == "send_at", "\(refused)")
      #expect(await site.ask("PATCH", path, key: key, ["send_at": nil]).status == 202)
      #expect(await site.ask("POST", path + "/launch", key: key).status == 202)
    }
  }

  @Test func aDraftThatSomebodyElseHasChangedIsNotLaunchedByWhoLookedBefore() async throws {
    try await ServedSite.run(folder) { site in
      let key = try await site.key("acme", .owner)
      let path = await draft(site, key)
      let seen = await site.client.answer("GET", "/api/v1/" + path, key: key, session: nil, body: "")
      #expect(seen?.status == 200)
      #expect(await site.ask("PATCH", path, key: key, ["body": "Something else"]).status == 202)
      let late = await site.client.ask(
        "POST", String(path.dropFirst("tenants/acme/".count)) + "/launch", key: key, nil, ifMatch: "\"what was seen\"")
      #expect(late.status == 412)
      #expect(await site.ask("GET", path, key: key).json["state"] == "draft")
    }
  }

  @Test func aPageThatLiesOpenKeepsNoSessionAlive() async throws {
    try await ServedSite.run(folder) { site in
      let sessions = site.controlPlane.signIn.signedIn
      let open = try await site.session("acme", .owner, "open@host.test")
      let used = try await site.session("acme", .owner, "used@host.test")
      let begun = Moment.now()
      for hour in 1...13 {
        let at = begun.advanced(bySeconds: Int64(hour) * 3_600)
        let looks = try await sessions.caller(open, in: "acme", at: at, isUse: false)
        #expect((looks != nil) == (hour < 12), "hour \(hour)")
        #expect(try await sessions.caller(used, in: "acme", at: at) != nil, "hour \(hour)")
      }
    }
  }
}
