import ControlPlane
import TenantRuntime
import TestKit
import Testing

/// Reports through HTTP: who may read them, what is refused, and that each is a file as well.
@Suite struct ReportTests {
  private let folder = try! TestFolder()

  @Test func aReportIsItsTenantsAlone() async throws {
    try await ServedSite.run(folder) { site in
      let client = site.client
      let (viewer, other) = (try await site.key("acme", .viewer), try await site.key("other", .owner))
      let made = await client.ask(
        "POST", "contacts", key: try await site.key("acme", .owner), ["phone": "+14158675309"])
      #expect(made.status == 201, "\(made)")
      for name in ["days", "people", "numbers", "links", "costs"] {
        let report = await client.ask("GET", "reports/\(name)", key: viewer)
        #expect(report.status == 200, "\(name) \(report)")
        if name != "links" { #expect(report.json["time_zone"] == "UTC") }
        let file = await client.answer("GET", "/api/v1/tenants/acme/reports/\(name).csv", key: viewer)
        #expect(file?.status == 200 && file?.text.isEmpty == false, "\(name)")
        #expect(await client.ask("GET", "reports/\(name)", of: "acme", key: other).status == 404)
        #expect(await client.answer("GET", "/api/v1/tenants/acme/reports/\(name).csv", key: other)?.status == 404)
        #expect(await client.answer("GET", "/api/v1/tenants/acme/reports/\(name)", key: nil)?.status == 401)
      }
      let days = await client.ask("GET", "reports/days", key: viewer)
      #expect(days.json["days"]?.list?.count == 30)
      let people = await client.ask("GET", "reports/people", key: viewer)
      #expect(people.json["days"]?.list?.last?["contacts"] == 1 && people.json["total"]?["added"] == 1)
      let others = await client.ask("GET", "reports/people", of: "other", key: other)
      #expect(others.json["total"]?["added"] == 0)
    }
  }

  @Test func whatIsNoPeriodIsRefusedByItsField() async throws {
    try await ServedSite.run(folder) { site in
      let (client, key) = (site.client, try await site.key("acme", .viewer))
      let wrong: [(String, Set<String>)] = [
        ("days?from=soon", ["from"]), ("days?from=2026-11-02&to=2026-11-01", ["from"]),
        ("people?from=2020-01-01&to=2026-01-01", ["from"]), ("costs.csv?to=2026-02-30", ["to"]),
        ("numbers?since=2026-02-03", ["since"]), ("links?limit=0", ["limit"]), ("links?cursor=abc", ["cursor"]),
        ("links.csv?from=1", ["from"]), ("days?from=2026-11-01&from=2026-11-02", ["from"]),
        ("campaigns", ["id"]), ("campaigns?id=1", ["id"]), ("campaigns?id=1&id=1", ["id"]),
        ("campaigns?id=1&id=x", ["id"]), ("campaigns?id=0&id=1", ["id"]),
        ("campaigns.csv?" + (1...11).map { "id=\($0)" }.joined(separator: "&"), ["id"]),
      ]
      for (path, fields) in wrong {
        let answer = await client.ask("GET", "reports/\(path)", key: key)
        #expect(answer.status == 422 && answer.json.errorFields == fields, "\(path) \(answer)")
      }
      #expect(await client.ask("GET", "reports/campaigns?id=1&id=2", key: key).status == 404)
    }
  }

  @Test func campaignsStandSideBySide() async throws {
    try await ServedSite.run(folder) { site in
      let client = site.client
      let (key, other) = (try await site.key("acme", .owner), try await site.key("other", .owner))
      for name in ["One, first", "Two"] {
        #expect(await client.ask("POST", "campaigns", key: key, ["name": .text(name)]).status == 201)
      }
      let compared = await client.ask("GET", "reports/campaigns?id=2&id=1", key: key)
      let rows = compared.json["campaigns"]?.list ?? []
      #expect(rows.map { $0["name"] } == ["Two", "One, first"] && rows.map { $0["audience"] } == [0, 0])
      let file = await client.answer("GET", "/api/v1/tenants/acme/reports/campaigns.csv?id=2&id=1", key: key)
      #expect(file?.text.contains("1,\"One, first\",draft,") == true, "\(file as Any)")
      #expect(await client.ask("GET", "reports/campaigns?id=2&id=1", of: "other", key: other).status == 404)
    }
  }
}
