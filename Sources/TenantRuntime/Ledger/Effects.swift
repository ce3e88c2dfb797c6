import GRDB
import Logging
import Synchronization

/// What a transaction has decided that memory outside the file, the log of claims, or a worker must know once it has committed.
/// `Runtime.transact` carries it out.
struct Effects: Sendable {
  /// Where figures are summed until the transaction ends; nil: each is written at once.
  var tally: FigureTally?
  var events = EventBatch()
  var hitLinks = KnownHitLinks()
  var clients = ClientDictionary()
  var pausedCampaigns: Set<Int64> = []
  var pausedNumbers: Set<PhoneNumber> = []
  /// The row of the intake that is being applied.
  var intakeRow: Int64?
  /// Whether what they wrote was an opt-out is decided, or never was a question: of what came up to this row of the intake. What they wrote
  /// since is another question.
  private(set) var endedReviews: [PhoneNumber: Int64] = [:]
  /// Opt-outs that the file alone has understood: the log that outlives it does not have them yet.
  private(set) var unlogged: [Unlogged] = []
  /// The provider refuses the whole account, with this code.
  var stopsTenant: Int?
  /// A text to one person has been planned.
  var hasTexts = false
  /// Something came with a text that is to be fetched.
  var hasMedia = false
  /// Links that have a slug, by it, with their codes.
  var newSlugs: [String: Int64] = [:]
  /// A link leads elsewhere than before, or nowhere.
  var linksChanged = false
  /// Open inboxes have something to read.
  var inbox = false
  /// Workers that have something to do now.
  var wakes: Set<Worker> = []
  /// What the log outside the file must know before this is answered (`ForgottenClaims`).
  var notes: [CampaignNote] = []
  /// The answer waits until no text is between its last look at the gate and the wire.
  var awaitsPendingSends = false
  /// The answer promises that the opt-outs among `unlogged` hold: they are logged before it.
  var logsBeforeAnswer = false
  private var knownEndpoints: Bool?

  /// Kept in the file until the log has it: a crash in between forgets nothing.
  mutating func log(_ db: Database, _ revocation: Revocation) throws {
    unlogged.append(try Unlogged.keep(db, revocation))
  }

  /// Whether anybody receives events: `OutboxWatch` must see them then. Asked once.
  mutating func hasEndpoints(_ db: Database) throws -> Bool {
    if let knownEndpoints { return knownEndpoints }
    let has = try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM webhook_endpoints WHERE enabled = 1)"))
    knownEndpoints = has
    return has ?? false
  }

  mutating func endReview(_ db: Database, _ phone: PhoneNumber) throws {
    endedReviews[phone] = try intakeRow ?? Identity.read(db)?.appliedIntakeID ?? 0
  }

  mutating func addStops(of other: Effects) {
    pausedCampaigns.formUnion(other.pausedCampaigns)
    pausedNumbers.formUnion(other.pausedNumbers)
  }

  /// What was summed until the transaction's end goes into the file.
  mutating func write(_ db: Database) throws {
    try tally?.write(db)
    try events.write(db)
    try clients.write(db)
  }
}
