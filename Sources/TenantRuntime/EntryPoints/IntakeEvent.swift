package import Foundation
import GRDB
import Logging
import Synchronization

/// One thing that was answered for, as the intake keeps it and the tenant's file applies it.
package enum IntakeEvent: Sendable, Equatable, Codable {
  case inbound(InboundText)
  case status(StatusReport)
  /// Of one tenant, as they came together; never none.
  case hits([LinkHit])
  case revocation(Revocation)
  /// A row that cannot be read: a bug of ours, or a damaged file. It is set aside and holds nobody up.
  case unreadable(Data)

  /// As the intake stores it: reports and hits, of which there are most, as a line; the rest as JSON.
  package func stored() throws -> [UInt8] {
    switch self {
    case .status(let report): report.line(after: UInt8(ascii: "S"))
    case .hits(let hits): Self.stored(hits)
    case .inbound, .revocation, .unreadable: Array(try JSONEncoder().encode(self))
    }
  }

  package static func stored(_ hits: [LinkHit]) -> [UInt8] { HitBatch.write(hits, after: UInt8(ascii: "H")) }

  package init(stored bytes: [UInt8]) {
    if bytes.first == UInt8(ascii: "S"), let report = StatusReport(line: bytes.dropFirst()) {
      self = .status(report)
    } else if bytes.first == UInt8(ascii: "H"), let hits = HitBatch.read(bytes.dropFirst()) {
      self = .hits(hits)
    } else {
      self = (try? JSONDecoder().decode(IntakeEvent.self, from: Data(bytes))) ?? .unreadable(Data(bytes))
    }
  }

  /// Its machine word.
  package var word: String {
    switch self {
    case .inbound: "inbound"
    case .status: "status"
    case .hits: "hits"
    case .revocation: "revocation"
    case .unreadable: "unreadable"
    }
  }

  /// What may wait to be applied while more comes (`TurnQueue` in the control plane).
  package enum Kind: Int, Sendable {
    case clicks, reports
    /// What people have written or decided, of which there is little.
    case texts
  }

  package var kind: Kind {
    switch self {
    case .hits: .clicks
    case .status: .reports
    case .inbound, .revocation, .unreadable: .texts
    }
  }

  package var isHits: Bool { kind == .clicks }

  /// How many things it says.
  package var count: Int { if case .hits(let hits) = self { hits.count } else { 1 } }

  /// Each by itself.
  private var parts: [IntakeEvent] { if case .hits(let hits) = self { hits.map { .hits([$0]) } } else { [self] } }

  /// Whether a power cut must not take its effect back.
  var needsDurableCommit: Bool {
    switch self {
    case .inbound(let text): text.revocation != nil
    case .revocation: true
    case .status, .hits, .unreadable: false
    }
  }

  /// What this says about who may be texted.
  package var revocation: Revocation? {
    switch self {
    case .inbound(let text): text.revocation
    case .revocation(let revocation): revocation
    case .status, .hits, .unreadable: nil
    }
  }

  /// Whom the webhook handler may have held back because of it.
  var phone: PhoneNumber? {
    switch self {
    case .inbound(let text): text.from
    case .revocation(let revocation): revocation.phone
    case .status, .hits, .unreadable: nil
    }
  }

  /// The webhook handler has held the person back from the moment of its answer; the file sees no reason to: the same text had come before.
  func isStaleBlock(_ db: Database) throws -> Bool { try revocation?.isStaleBlock(db) ?? false }

  /// One row that the schema refuses is our bug: it is kept, whole, and does not hold up those behind it. A full disk does.
  func applyOrKeep(
    _ db: Database, id: Int64, _ networks: Networks, _ effects: inout Effects, _ logger: Logger
  ) throws {
    for part in parts {
      do {
        // What a refused one has begun is not kept.
        var tried = effects
        try db.inSavepoint {
          try part.apply(db, id: id, networks, &tried, logger)
          effects = tried
          return .commit
        }
      } catch let error as DatabaseError where error.onlyRecurs {
        logger.error(
          "An event of the intake was refused by the schema and is kept", metadata: ["row": "\(id)", "kind": "\(word)"])
        try part.keep(db, id: id, because: error.message ?? "")
      }
    }
  }

  private func keep(_ db: Database, id: Int64, because error: String) throws {
    try db.execute(
      sql: "INSERT INTO refused_events (intake_id, kind, event, error) VALUES (?, ?, ?, ?)",
      arguments: [id, word, String(decoding: try JSONEncoder().encode(self), as: UTF8.self), error])
  }

  func apply(
    _ db: Database, id: Int64, _ networks: Networks, _ effects: inout Effects, _ logger: Logger
  ) throws {
    // What people have written publishes its events at once.
    if kind == .texts { try effects.events.write(db) }
    switch self {
    case .inbound(let text): try text.apply(db, &effects)
    case .status(let report): try report.apply(db, &effects)
    case .hits(let hits): try LinkHit.apply(hits, db, networks, &effects)
    case .revocation(let revocation): try Consent.apply(db, revocation, &effects)
    case .unreadable:
      logger.error("A row of the intake cannot be read and is kept", metadata: ["row": "\(id)"])
      try keep(db, id: id, because: "cannot be read")
    }
  }
}

extension Runtime {
  /// The intake keeps a row until this file has it on disk; a busy tenant commits for that at least this often.
  private static let mostUntrimmed = 10_000

  /// Applies intake rows in order, all in one transaction with the new mark. Rows at or below the mark are passed over, so applying
  /// twice is impossible. Answers whether the mark is on disk.
  package func apply(_ rows: [(id: Int64, event: IntakeEvent)], intakeInstance: String) async throws -> Bool {
    guard let last = rows.last?.id else { return false }
    let (logger, networks) = (logger, dependencies.networks.now)
    let count = rows.reduce(0) { $0 + $1.event.count }
    let durable = untrimmed.add(count, ordering: .relaxed).newValue >= Self.mostUntrimmed
    let durability: Durability = durable || rows.contains { $0.event.needsDurableCommit } ? .durable : .replayable
    if durability == .durable { untrimmed.store(0, ordering: .relaxed) }
    let back = rows.filter { $0.event.revocation?.action == .optIn }.compactMap(\.event.revocation?.phone)
    let write = { (isolating: Bool) in
      try await self.transact(.worker("intake"), durability: durability) {
        change -> ([PhoneNumber: SendGate.Scopes], Set<Int64>) in
        let db = change.db
        change.effects.tally = FigureTally()
        let applied = try Identity.applied(db, of: intakeInstance)
        for row in rows where row.id > applied {
          change.effects.intakeRow = row.id
          if isolating {
            try row.event.applyOrKeep(db, id: row.id, networks, &change.effects, logger)
          } else {
            try row.event.apply(db, id: row.id, networks, &change.effects, logger)
          }
        }
        try db.cachedStatement(sql: "UPDATE identity SET intake_instance = ?, applied_intake_id = ?")
          .execute(arguments: [intakeInstance, max(applied, last)])
        // Not every grant lifts an opt-out: the file has decided.
        let allowed = try Dictionary(back.map { ($0, try Consent.allowed(db, $0)) }) { _, last in last }
        return (allowed, Set(try rows.filter { try $0.event.isStaleBlock(db) }.map(\.id)))
      }
    }
    let (allowed, empty): ([PhoneNumber: SendGate.Scopes], Set<Int64>)
    do { (allowed, empty) = try await write(false) } catch let error as DatabaseError
      where error.onlyRecurs
    {
      // One of them is refused: all once more, each by itself, so that only that one is set aside.
      (allowed, empty) = try await write(true)
    }
    appliedIntakeID.max(last, ordering: .relaxed)
    bulkCache.note(count, file)
    let hits = rows.reduce(0) { $0 + ($1.event.isHits ? $1.event.count : 0) }
    if hits > 0 {
      sweepIfDue()
      listHitsIfMany(hits)
    }
    for row in rows where empty.contains(row.id) { row.event.phone.map { gate.forget($0, id: row.id) } }
    for row in rows {
      if let revocation = row.event.revocation, revocation.action == .optIn {
        gate.optedIn(revocation.phone, allowed[revocation.phone] ?? [], id: row.id)
      }
    }
    return durability == .durable
  }
}
