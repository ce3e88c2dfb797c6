import Foundation
import GRDB
import Logging
import TenantRuntime

/// A number goes from one tenant to another, with its pace, caps and brand, what it has sent today and where it stands with the carriers.
///
/// - No text of the old tenant begins from it behind the answer; what was claimed for it and has not begun is queued again.
/// - Reports of texts that had gone out name their tenant and still reach it (`Routing.tenant(named:from:service:)`).
/// - What people write to it is the new tenant's from the answer on: also a STOP that answers an older text. Where the provider still has the
///   number in the old tenant's account, whose signature it brings, it is that tenant's. What was answered before stays where it was kept.
extension NumberRoutes {
  func move(_ number: PhoneNumber, from key: String, to other: String, _ doing: Doing) async throws -> JSON {
    let (from, to) = (try directory.tenant(key), try directory.tenant(other))
    guard key != other else { throw Refusal.conflict("\(number) is of \(key) already.") }
    guard to.state != .archived else { throw Refusal.conflict("Tenant \(other) is archived.") }
    let now = directory.now()
    // Opened before anything stops: what cannot be opened says nothing of the number, and keeps it from nobody.
    if from.isOpenable {
      do { try await open.with(key) { _ in } } catch {
        logger.warning(
          "A number's day is not known to its next tenant", metadata: ["tenant": "\(key)", "error": "\(error)"])
      }
    }
    let closedHere = memory.gate(of: key).leave(number: number)
    clients.http.recheck(key)
    do {
      let standing = try await standing(of: number, key)
      try await directory.file.write { db in try Self.move(db, number, from: from, to: to, standing, doing, at: now) }
    } catch {
      if closedHere { memory.gate(of: key).take(number: number) }
      throw error
    }
    memory.gate(of: other).take(number: number)
    try await directory.routing.refresh()
    for key in [key, other] { try await reconcile(key) }
    // It may have been the new tenant's before; where it was stopped by the provider it stays so.
    await open.peek(other)?.agree(onNumber: number)
    scheduler.wake(other, .sending)
    return ["number": .phone(number), "tenant": .text(other)]
  }

  /// Read behind the closed gate: no text of the old tenant is claimed for it that would not count. Nil: its file is closed.
  private func standing(of number: PhoneNumber, _ key: String) async throws -> String? {
    guard let file = await open.peek(key)?.file,
      let standing = try? await file.read({ db in try NumberStanding.read(db, number) })
    else { return nil }
    return String(decoding: try JSONEncoder().encode(standing), as: UTF8.self)
  }

  /// A messaging service is its account's: it goes along within the account alone.
  private static func move(
    _ db: Database, _ number: PhoneNumber, from: Routing.Tenant, to: Routing.Tenant, _ standing: String?,
    _ doing: Doing, at: Moment
  ) throws {
    try db.execute(
      sql: """
        INSERT INTO former_number_routes (number, tenant_key, messaging_service, moved_at)
        SELECT number, tenant_key, messaging_service, ? FROM number_routes WHERE number = ? AND tenant_key = ?
        ON CONFLICT (number, tenant_key) DO UPDATE SET messaging_service = excluded.messaging_service, moved_at = excluded.moved_at
        """, arguments: [at, number, from.key])
    guard db.changesCount > 0 else { throw Refusal.conflict("\(number) is not a number of tenant \(from.key).") }
    try db.execute(
      sql: """
        UPDATE number_routes SET tenant_key = ?1, added_at = ?2, messaging_service = CASE WHEN ?3 THEN messaging_service END,
        standing = ?5 WHERE number = ?4
        """, arguments: [to.key, at, from.twilio?.accountSID == to.twilio?.accountSID, number, standing])
    try doing.note(db, from.key, detail: "\(number) to \(to.key)")
    try doing.note(db, to.key, detail: "\(number) from \(from.key)")
  }
}
