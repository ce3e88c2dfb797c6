import Logging
package import TenantRuntime

/// A runtime over a test's file whose dependencies answer nothing.
package enum TestRuntime {
  private static let client = CurlClient(connections: 4)

  private struct Nowhere: SendClaimLog, RevocationLog, SharedLimits {
    func append(_ claim: SendClaim, campaigns: [CampaignNote]) async throws {}
    func append(_ note: CampaignNote, tenant: String) async throws {}
    func append(_ revocations: [Revocation], tenant: String) async throws {}
    func forgetWords(of numbers: [PersonNumber], tenant: String) async throws {}
    func appendNews(_ optOuts: [Revocation], tenant: String) async throws {}
    func slots(account: String, wanted: Int, limit: Int) async -> Int { wanted }
    func take(brand: String, day: Int64, segments: Int64, cap: Int64) async -> Int64 { segments }
    func giveBack(brand: String, day: Int64, segments: Int64) async {}
    func used(brand: String, day: Int64) async -> Int64 { 0 }
  }

  package static func open(
    _ file: SQLiteFile, _ folder: TestFolder, twilio: Lease.TwilioAccount? = nil, linkHosts: [String] = [],
    now: @escaping @Sendable () -> Moment = { Moment.now() }, networks: KnownNetworks = KnownNetworks(),
    claims: (any SendClaimLog)? = nil, timeZone: String = "UTC", wake: @escaping @Sendable (Worker) -> Void = { _ in }
  ) throws -> Runtime {
    Runtime(
      file: file,
      lease: Lease(
        tenant: "acme", twilio: twilio, twilioAPI: "http://127.0.0.1:9", publicURL: "http://127.0.0.1",
        linkHosts: linkHosts,
        linkKeys: TestKeys.one, timeZone: timeZone),
      gate: SendGate(),
      dependencies: Dependencies(
        now: now, http: client, guarded: GuardedHTTP(client: client, rules: AddressRules()),
        claims: claims ?? Nowhere(),
        revocations: Nowhere(),
        limits: Nowhere(), networks: networks,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
      importLane: ImportLane(label: "test-import"), spool: folder.path, wake: wake)
  }
}
