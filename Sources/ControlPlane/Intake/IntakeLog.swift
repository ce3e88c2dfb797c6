package import TenantRuntime

/// Receives where a row is, or why there is none, on the log's thread: it must not block.
package typealias IntakeAnswer = @Sendable (Result<Int64, Refusal>) -> Void

/// The durable append log of what was answered for, as the rest of the control plane uses it. `Intake` keeps it in a file of this node.
package protocol IntakeLog: SendClaimLog {
  /// Ids are this log's own: a tenant's file that has applied rows of another one begins anew.
  var instance: String { get }
  func canTake() async -> Bool
  func close() throws

  // MARK: Append

  /// Takes an event; the answer comes once its row is on disk.
  func append(_ event: IntakeEvent, tenant: String, then answer: @escaping IntakeAnswer)
  /// Many at once, in one commit with whatever else waits.
  func append(_ events: [IntakeEvent], tenant: String) async throws -> [Int64]

  // MARK: Read and trim

  /// Tenants whose files may not have all that was answered for them.
  var waitingTenants: [String] { get }
  /// The last row of a tenant: 0 when none waits.
  func last(of tenant: String) -> Int64
  /// - Parameter limit: of events; a single row may hold more.
  func rows(of tenant: String, after id: Int64, atMost limit: Int) async throws -> [(id: Int64, event: IntakeEvent)]
  /// The tenant's file has these on disk.
  func trim(_ tenant: String, upTo id: Int64)
  /// The last id that was given.
  var highestID: Int64 { get }
  /// Ids that are given from now on are higher.
  func raiseIDs(above id: Int64) async throws

  // MARK: What restored files are given

  /// Those behind a row, in their order.
  func revocations(of tenant: String, after id: Int64) async throws -> [Revocation]
  /// The same without those whose rows still wait.
  func appliedRevocations(of tenant: String, after id: Int64) async throws -> [Revocation]
  func claims(of tenant: String, after number: Int64) async throws -> [SendClaim]
  /// - Parameter all: also of campaigns that go on.
  func notes(of tenant: String, all: Bool) async throws -> [CampaignNote]
  /// To whom a text went, as its claim says.
  func phone(ofJob job: Int64, of tenant: String) async throws -> PhoneNumber?
  func forgetWords(of numbers: [PersonNumber], tenant: String) async throws
  func sweep(before end: Moment) async throws
}

extension IntakeLog {
  package func append(_ event: IntakeEvent, tenant: String) async throws -> Int64 {
    try await withCheckedThrowingContinuation { continuation in
      append(event, tenant: tenant) { continuation.resume(with: $0) }
    }
  }
}
