import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct CampaignLookTests {
  private let folder = try! TestFolder()
  private let now = Moment(iso8601: "2026-11-23T17:00:00Z")!

  @Test func whoLaunchesWhatSomebodyElseHasChangedSinceThePreviewIsToldSo() async throws {
    let (file, now) = (try folder.tenantFile(), now)
    let runtime = try TestRuntime.open(file, folder, now: { now })
    let number = PhoneNumber(digits: 14_155_550_100)!
    try await file.write { db in
      try SendingNumber.reconcile(db, with: [SendingNumber(number: number, rate: 1, warmUp: "off")], at: now)
      _ = try Contact.upsert(
        db, phone: PhoneNumber(digits: 14_157_000_000)!, Contact.Values(), importID: nil, at: now)
      _ = try Campaign.create(
        db,
        Campaign.Draft(
          name: "Seen", body: "Hi", purpose: .informational, audience: .everyone, numbers: [number]), actor: "t",
        at: now)
    }
    let visit = Visit(
      call: Call(
        subject: runtime, caller: .command("test"),
        request: Request(
          head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/"),
          body: RequestBody(buffer: ByteBuffer())),
        parameters: Parameters(), logger: runtime.logger, lend: { body in try await body(runtime) }),
      words: Words(.en, zone: .gmt, now: now))
    let asked = try await CampaignLook.ask(visit, 1)
    // While the audience is looked through, somebody else saves another text.
    try await file.write { db in try db.execute(sql: "UPDATE campaigns SET body = 'Changed', name = 'Unseen'") }
    let launch = try await CampaignLaunchPage.page(visit, asked)
    let edit = try await file.read { [lease = runtime.lease] db in try CampaignEditPage(db, asked, visit, lease) }
    let (before, after) = (asked.tag, try await CampaignLook.ask(visit, 1).tag)
    #expect(before != after)
    for (tag, name, body) in [
      (launch.etag, launch.name, launch.look.phone?.body), (edit.etag, edit.name, edit.look.phone?.body),
    ] { #expect(tag == before && name == "Seen" && body == "Hi") }
    #expect(edit.texts.map(\.body) == ["Hi"])
  }
}
