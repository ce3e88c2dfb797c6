import GRDB
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct ShortLinkTests {
  let folder = try! TestFolder()
  let now = Moment(milliseconds: 1_800_000_000_000)

  private func draft(_ target: String, slug: String? = nil) throws -> ShortLink.Draft {
    ShortLink.Draft(target: try LinkTarget(target), slug: slug.flatMap { Slug($0[...]) })
  }

  private func make(_ db: Database, _ target: String, slug: String? = nil) throws -> (link: ShortLink, effects: Effects)
  {
    var effects = Effects()
    let link = try ShortLink.create(
      db, try draft(target, slug: slug), keys: TestKeys.one, actor: "t", at: now, &effects)
    return (link, effects)
  }

  @Test func aNewSlugIsToldToTheRouter() throws {
    try folder.tenantFile().writeNow { db in
      let (link, effects) = try make(db, "https://shop.test/", slug: "Menu")
      #expect(effects.newSlugs == ["menu": link.code])
      #expect(try make(db, "https://shop.test/").effects.newSlugs.isEmpty)
    }
  }

  @Test func aSlugIsNotGivenTwiceAlsoWhenItsLinkIsDisabled() throws {
    try folder.tenantFile().writeNow { db in
      var effects = Effects()
      let link = try make(db, "https://shop.test/", slug: "menu").link
      _ = try link.edit(db, .init(isEnabled: false), actor: "t", at: now, &effects)
      #expect(throws: Refusal.self) { try make(db, "https://shop.test/", slug: "MENU") }
    }
  }

  @Test func aSlugSpelledLikeATokenThatIsOutIsRefused() throws {
    try folder.tenantFile().writeNow { db in
      // Of a link of its own that exists, in letters that a slug may have.
      let code = try #require((0...100_000).first { Slug(token($0)[...]) != nil })
      try db.execute(
        sql: """
          INSERT INTO short_links (code, target, created_by, created_at, updated_at) VALUES (?, 'https://shop.test/', 't', 0, 0)
          """, arguments: [code])
      #expect(throws: Refusal.self) { try make(db, "https://shop.test/", slug: token(code).lowercased()) }
      try db.execute(sql: "DELETE FROM short_links")
      #expect(try make(db, "https://shop.test/", slug: token(code).lowercased()).link.slug == token(code).lowercased())
    }
  }

  private func token(_ code: Int64) -> String { LinkToken.own(code: code).text(key: TestKeys.one.newest) }

  @Test func slugsAreBounded() throws {
    try folder.tenantFile().writeNow { db in
      for n in 0..<LinkCacheState.mostSlugs {
        try db.cachedStatement(
          sql: """
            INSERT INTO short_links (code, slug, target, created_by, created_at, updated_at)
            VALUES (?, ?, 'https://shop.test/', 't', 0, 0)
            """
        ).execute(arguments: [n, "slug-\(n)"])
      }
      #expect(throws: Refusal.self) { try make(db, "https://shop.test/", slug: "one-more") }
      #expect(try make(db, "https://shop.test/").link.slug == nil)
    }
  }

  @Test func aChangeIsKeptAndAnEditThatChangesNothingIsNone() throws {
    try folder.tenantFile().writeNow { db in
      let link = try make(db, "https://shop.test/", slug: "menu").link
      var effects = Effects()
      let same = ShortLink.Edit(target: try LinkTarget("https://shop.test/"), isEnabled: true)
      _ = try link.edit(db, same, actor: "t", at: now, &effects)
      #expect(!effects.linksChanged)
      let other = ShortLink.Edit(target: try LinkTarget("https://shop.test/2"))
      _ = try link.edit(db, other, actor: "ada", at: now, &effects)
      #expect(effects.linksChanged)
      let rows = try Row.fetchAll(db, sql: "SELECT * FROM short_link_changes")
      #expect(rows.count == 1 && rows[0]["actor"] == "ada")
      #expect(
        rows[0]["before"] == #"{"target":"https://shop.test/"}"#
          && rows[0]["after"] == #"{"target":"https://shop.test/2"}"#)
    }
  }

  @Test func aLinkEndsAtItsTimeToTheMillisecond() throws {
    try folder.tenantFile().writeNow { db in
      let link = try make(db, "https://shop.test/").link
      var effects = Effects()
      _ = try link.edit(db, .init(expiresAt: .some(now)), actor: "t", at: now, &effects)
      let token = LinkToken.own(code: try #require(link.code))
      let before = try ShortLink.resolve(db, token, at: Moment(milliseconds: now.milliseconds - 1))
      #expect(before == .open(OpenLink(target: "https://shop.test/", expiresAt: now, isPersonal: false)))
      #expect(try ShortLink.resolve(db, token, at: now) == .closed)
      #expect(try ShortLink.resolve(db, .page(job: link.code ?? 0), at: now) == .unknown)
    }
  }

  @Test func aHitOfALinkOfItsOwnIsKeptWithoutATextAndCountsInNoCampaign() async throws {
    let file = try folder.tenantFile()
    let runtime = try TestRuntime.open(file, folder)
    let (code, now) = (try await file.write { db in try make(db, "https://shop.test/").link.code ?? -1 }, now)
    let facts = HitFacts(method: "GET", userAgent: "WhatsApp/2", at: now)
    let hits = [code, code ^ 1].map { code in
      let (job, link) = LinkToken.own(code: code).hit
      return LinkHit(jobID: job, link: link, facts: facts)
    }
    _ = try await runtime.apply(
      hits.enumerated().map { (id: Int64($0.offset + 1), event: .hits([$0.element])) }, intakeInstance: "i")
    try await file.read { db in
      let rows = try Row.fetchAll(db, sql: "SELECT * FROM link_hits")
      #expect(rows.count == 1 && rows[0]["send_job_id"] == nil && rows[0]["verdict"] == "preview")
      #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM refused_events") == 0)
    }
  }
}
