import GRDB
import Synchronization
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct PriceReaderTests {
  private let folder = try! TestFolder()

  /// Nothing listens where the provider should be.
  @Test func aDayThatCannotBeReadHoldsUpNoOtherAndIsGivenUpInTheEnd() async throws {
    let clock = Mutex(Moment(iso8601: "2026-11-23T17:00:00Z")!)
    let file = try folder.tenantFile("acme")
    let runtime = try TestRuntime.open(
      file, folder, twilio: Lease.TwilioAccount(accountSID: "AC" + String(repeating: "a", count: 32), token: "t"),
      now: { clock.withLock { $0 } })
    let first = clock.withLock { $0 }
    try file.writeNow { db in
      for (day, number) in [(1, "+14155550100"), (2, "+14155550101")] as [(Int64, String)] {
        try PriceReader.begin(db, day: day, number: PhoneNumber(e164: number)!, at: first)
      }
    }
    var turns = 0
    while case let left = try count(file), left > 0 {
      guard turns < 200 else { return #expect(left == 0, "still tried") }
      turns += 1
      switch try await runtime.takeTurn(.pricing) {
      case .now: continue
      case .at(let next):
        let now = clock.withLock { $0 }
        #expect(next > now)
        clock.withLock { $0 = next }
      case .whenNudged: #expect(try count(file) == 0)
      }
    }
    let days = (clock.withLock { $0 }.milliseconds - first.milliseconds) / 86_400_000
    #expect((10...13).contains(days) && turns > 20, "\(days) days, \(turns) turns")
  }

  private func count(_ file: SQLiteFile) throws -> Int {
    try file.readNow { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM price_reads") ?? 0 }
  }
}
