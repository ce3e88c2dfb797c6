import Foundation
import GRDB
import Synchronization
package import TenantRuntime

extension ControlPlane {
  private static let mostNamed = 100

  /// How this node stands, in figures that it has at hand.
  package func health() async throws -> JSON {
    let (turns, failures) = scheduler.standing
    let files = await open.counts
    let waiting = try await directory.file.read { db in
      try Row.fetchOne(
        db,
        sql: """
          SELECT (SELECT count(*) FROM mails) AS mails, (SELECT count(*) FROM mails WHERE tries > 0) AS retried,
          (SELECT count(*) FROM pending_commands WHERE outcome IS NULL) AS commands
          """
      ).map { (mails: $0.int("mails"), retried: $0.int("retried"), commands: $0.int("commands")) }
    }
    // Rows are kept until a file has them on disk; what an open one has applied does not wait.
    var behind: [String] = []
    for tenant in intake.waitingTenants.sorted() {
      let applied = await open.peek(tenant)?.appliedIntakeID.load(ordering: .relaxed) ?? 0
      if applied < intake.last(of: tenant) { behind.append(tenant) }
    }
    let disk = try FileManager.default.attributesOfFileSystem(forPath: configuration.data)
    func bytes(_ key: FileAttributeKey) -> JSON { .int((disk[key] as? NSNumber)?.int64Value ?? 0) }
    let failing = failures.sorted { ($0.key.tenant, $0.key.name) < ($1.key.tenant, $1.key.name) }
    return [
      "intake": [
        "writes": .bool(await intake.canTake()), "waiting_tenants": .int(behind.count),
        "waiting": .list(behind.prefix(Self.mostNamed).map { .text($0) }),
      ],
      "turns": ["ready": .int(turns.ready), "running": .int(turns.running), "timed": .int(turns.timed)],
      "failing": .list(
        failing.prefix(Self.mostNamed).map { turn, count in
          [
            "tenant": turn.tenant.isEmpty ? .null : .text(turn.tenant), "work": .text(turn.name),
            "failures": .int(count),
          ]
        }),
      "files": ["open": .int(files.open), "most": .int(files.most)],
      "mails": ["waiting": waiting?.mails ?? 0, "retried": waiting?.retried ?? 0],
      "commands_waiting": waiting?.commands ?? 0,
      "disk": ["free_bytes": bytes(.systemFreeSize), "size_bytes": bytes(.systemSize)],
      "sends_mail": .bool(configuration.mailServer != nil), "shares_limits": .bool(configuration.redisURL != nil),
    ]
  }
}
