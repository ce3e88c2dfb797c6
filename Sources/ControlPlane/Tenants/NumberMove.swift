import GRDB
import TenantRuntime

/// A number goes from one tenant to another, with its pace, caps and brand.
///
/// - No text of the old tenant begins from it behind the answer; what was claimed for it and has not begun is queued again.
/// - Reports of texts that had gone out name their tenant and still reach it (`Routing.tenant(named:from:service:)`).
/// - What people write to it is the new tenant's from the answer on: also a STOP that answers an older text. What was answered before stays
///   where it was kept.
extension ControlPlane {
  func moveNumber(_ number: PhoneNumber, from key: String, to other: String, _ doing: Doing) async throws -> JSON {
    let (from, to) = (try tenant(key), try tenant(other))
    guard key != other else { throw Refusal.conflict("\(number) is of \(key) already.") }
    guard to.state != .archived else { throw Refusal.conflict("Tenant \(other) is archived.") }
    let now = now()
    let closedHere = gate(of: key).pause(number: number)
    http.recheck(key)
    do { try await file.write { db in try Self.move(db, number, from: from, to: to, doing, at: now) } } catch {
      if closedHere { gate(of: key).resume(number: number) }
      throw error
    }
    try await refreshRouting()
    for key in [key, other] { try await reconcileNumbers(of: key) }
    // It may have been the new tenant's before.
    gate(of: other).resume(number: number)
    await open.peek(other)?.nudge(.sending)
    return ["number": .phone(number), "tenant": .text(other)]
  }

  /// A messaging service is its account's: it goes along within the account alone.
  private static func move(
    _ db: Database, _ number: PhoneNumber, from: Routing.Tenant, to: Routing.Tenant, _ doing: Doing, at: Moment
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
        UPDATE number_routes SET tenant_key = ?1, added_at = ?2, messaging_service = CASE WHEN ?3 THEN messaging_service END
        WHERE number = ?4
        """, arguments: [to.key, at, from.twilio?.accountSID == to.twilio?.accountSID, number])
    try doing.note(db, from.key, detail: "\(number) to \(to.key)")
    try doing.note(db, to.key, detail: "\(number) from \(from.key)")
  }

  /// An open file is told at once, another one when it is opened.
  func reconcileNumbers(of key: String) async throws {
    guard let runtime = await open.peek(key) else { return }
    let (numbers, now) = (try tenant(key).numbers, now())
    try await runtime.file.write { db in try SendingNumber.reconcile(db, with: numbers, at: now) }
    runtime.nudge(.sending)
  }
}
