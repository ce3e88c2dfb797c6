import GRDB
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct CampaignPreviewTests {
  let folder = try! TestFolder()
  let now = Moment(iso8601: "2026-11-23T17:00:00Z")!
  let number = PhoneNumber(digits: 14_155_550_100)!

  @Test func aPreviewSaysWhatTheClaimWillDo() async throws {
    let file = try folder.tenantFile()
    let (now, number) = (now, number)
    let lease = Lease(
      tenant: "acme", twilio: Lease.TwilioAccount(accountSID: "AC1", token: "t"), twilioAPI: "", publicURL: "",
      linkHosts: ["go.acme.test"], linkKeys: TestKeys.one, timeZone: "UTC")
    try await file.write { db in
      try SendingNumber.reconcile(db, with: [SendingNumber(number: number, rate: 100_000, warmUp: "off")], at: now)
      for (person, name) in ["Ada", "Zoë 😀", String(repeating: "a", count: 200), nil, "Out", "Quiet"].enumerated() {
        var values = Contact.Values()
        values.firstName = name
        if name == "Quiet" { values.tags = ["quiet"] }
        _ = try Contact.upsert(
          db, phone: PhoneNumber(digits: 14_157_000_000 + Int64(person))!, values, importID: nil, at: now)
      }
      try Consent.apply(
        db,
        Revocation(
          phone: PhoneNumber(digits: 14_157_000_004)!, action: .optOut, method: "api", evidence: "", at: now))
      try db.execute(
        sql: "INSERT INTO suppression_rules (kind, tag, created_by, created_at) VALUES ('tag', 'quiet', 't', 0)")
      var campaign = try Campaign.create(
        db,
        Campaign.Draft(
          name: "c", body: "Hi {{first_name}} https://example.com/sale", purpose: .informational, audience: .everyone,
          numbers: [number]), actor: "t", at: now)
      try campaign.launch(db, at: now)
    }
    let campaign = try await file.read { db in try Campaign.find(db, id: 1) }
    let preview = try await CampaignPreview.take(file, campaign, lease: lease, now: now)
    #expect(preview["audience"] == 6 && preview["exact"] == true)
    let runtime = try TestRuntime.open(file, folder)
    while try await runtime.takeTurn(.launching) == .now {}
    let block = try await file.write { db in
      try Claim.take(db, atMost: 200, lease: lease, turn: 0, now: now, random: { 4 })
    }
    #expect(preview["texted"] == .int(block.jobs.count))
    let (skips, cost, segments) = try await file.read { db in
      (
        try Report.reasons(db, campaign: 1, states: [.skipped]),
        try Int64.fetchOne(db, sql: "SELECT sum(micros) FROM costs") ?? 0,
        try String.fetchOne(
          db,
          sql:
            "SELECT group_concat(segments || ':' || n, ' ') FROM (SELECT segments, count(*) AS n FROM send_jobs WHERE state = 'sending' GROUP BY segments)"
        )
      )
    }
    #expect(preview["skipped_reasons"]?["content"] == skips["content"])
    #expect(preview["skipped_reasons"]?["opted_out"] == 1 && preview["skipped_reasons"]?["suppressed"] == 1)
    #expect(preview["cost_micros"] == .int(cost))
    #expect(segments == "1:2 2:1" && preview["segments"]?["1"] == 2 && preview["segments"]?["2"] == 1)
    #expect(preview["encodings"]?["UCS-2"] == 1 && preview["encodings"]?["GSM-7"] == 2)
    #expect(preview["samples"]?.list?.first?["body"] == "Hi Ada https://go.acme.test/xxxxxxxx")
  }

  @Test func onePersonsPreviewIsRefusedForSomebodyOutsideTheAudience() async throws {
    let file = try folder.tenantFile()
    let (now, number) = (now, number)
    let lease = Lease(
      tenant: "acme", twilio: nil, twilioAPI: "", publicURL: "", linkHosts: [],
      linkKeys: TestKeys.one, timeZone: "UTC")
    await #expect(throws: Refusal.invalid("contact_id", "is not in the audience of this campaign")) {
      let campaign = try await file.write { db in
        try SendingNumber.reconcile(db, with: [SendingNumber(number: number, rate: 1)], at: now)
        _ = try Contact.upsert(
          db, phone: PhoneNumber(digits: 14_157_000_000)!, Contact.Values(), importID: nil, at: now)
        return try Campaign.create(
          db,
          Campaign.Draft(
            name: "c", body: "Hi", purpose: .informational, audience: .tag("vip"), numbers: [number]), actor: "t",
          at: now)
      }
      _ = try await CampaignPreview.take(file, campaign, contact: 1, lease: lease, now: now)
    }
  }
}
