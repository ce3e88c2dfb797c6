import GRDB
import Hummingbird

enum ClickRoutes {
  private static let since = Field<Moment>.moment("since", about: "Leaves out hits from before it.")

  static let all: [Route<Runtime>] = [
    Route(
      .get, "links/rejudge", needs: .readReports, about: "How far the last judging again is",
      answers: [.ok(.rejudging)], rejudging),
    Route(
      .post, "links/rejudge", needs: .editCampaigns, about: "Judge stored hits again by the rules of today",
      body: .json([since]), answers: [.accepted(.rejudging)], rejudge),
    Route(
      .get, "links/:id/report", needs: .readReports, about: "A link in figures", answers: [.ok(.linkReport)], report),
    Route(
      .get, "links/:id/hits", needs: .readReports, about: "Requests of a link, bots too", query: .page,
      answers: [.page(.hit)], hits),
  ]

  @Sendable private static func report(_ call: Call<Runtime>) async throws -> Response {
    let id = try call.id(of: "link")
    return try await call.subject.file.read { db in try ClickReport.whole(db, link: id) }.response()
  }

  @Sendable private static func hits(_ call: Call<Runtime>) async throws -> Response {
    let (id, page) = (try call.id(of: "link"), try PageRequest(call))
    _ = try await call.subject.file.read { db in try ShortLink.find(db, id: id) }
    return try await call.subject.file.page(
      page, "\(StoredHit.select) WHERE h.short_link_id = ? AND h.id > ? ORDER BY h.id", [id, page.after],
      ClickReport.hit)
  }

  @Sendable private static func rejudging(_ call: Call<Runtime>) async throws -> Response {
    let newest = try await call.subject.file.read { db in try Rejudging.newest(db) }
    guard newest != .null else { throw Refusal.notFound("Nothing has been judged again yet.") }
    return newest.response()
  }

  @Sendable private static func rejudge(_ call: Call<Runtime>) async throws -> Response {
    var fields = try await call.fields()
    let since = fields.take(since)
    try fields.finish()
    return try await call.transact { change in try Rejudging.begin(change, since: since) }.response(status: .accepted)
  }
}
