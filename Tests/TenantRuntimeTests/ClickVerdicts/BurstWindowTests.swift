import TenantRuntime
import Testing

@Suite struct BurstWindowTests {
  let window = BurstWindow()
  let here = IPAddress("203.0.113.9")!.network

  private func note(_ job: Int64, at seconds: Double, network: Network? = nil, tenant: String = "acme") -> Int {
    window.note(
      tenant: tenant, network: network ?? here, job: job, at: Moment(milliseconds: Int64(seconds * 1_000)))
  }

  @Test func distinctJobsOfOneNetworkAreCounted() {
    #expect(note(1, at: 0) == 1)
    #expect(note(2, at: 1) == 2)
    #expect(note(2, at: 2) == 2)
    #expect(note(3, at: 3) == 3)
  }

  @Test func aMinuteLaterAJobCountsNoMore() {
    _ = note(1, at: 0)
    _ = note(2, at: 30)
    #expect(note(3, at: 59.999) == 3)
    #expect(note(4, at: 60) == 3)
    #expect(note(5, at: 90) == 3)
    #expect(note(6, at: 500) == 1)
  }

  @Test func aJobSeenAgainStaysYoung() {
    _ = note(1, at: 0)
    _ = note(1, at: 50)
    #expect(note(2, at: 100) == 2)
  }

  @Test func neighboursInTheSameNetworkCountTogetherAndOthersApart() {
    _ = note(1, at: 0, network: IPAddress("203.0.113.1")!.network)
    #expect(note(2, at: 0, network: IPAddress("203.0.113.250")!.network) == 2)
    #expect(note(3, at: 0, network: IPAddress("203.0.114.1")!.network) == 1)
    _ = note(4, at: 0, network: IPAddress("2001:db8:1:aaaa::1")!.network)
    #expect(note(5, at: 0, network: IPAddress("2001:db8:1:bbbb::1")!.network) == 2)
  }

  @Test func tenantsAreCountedApart() {
    _ = note(1, at: 0)
    _ = note(2, at: 0)
    #expect(note(3, at: 0, tenant: "other") == 1)
  }

  @Test func itStaysWithinItsBounds() {
    for job in 0..<100 { _ = note(Int64(job), at: 0) }
    #expect(note(100, at: 0) == BurstWindow.mostJobs)
    for index in 0..<120_000 {
      let network = IPAddress(value: 0xFFFF_0000_0000 + UInt128(index) << 8).network
      _ = note(1, at: 1, network: network)
    }
    #expect(window.networks <= BurstWindow.mostNetworks)
    // The youngest are still known.
    #expect(note(2, at: 1, network: IPAddress(value: 0xFFFF_0000_0000 + UInt128(119_999) << 8).network) == 2)
  }

  @Test func aClockThatGoesBackLosesNothing() {
    _ = note(1, at: 100)
    #expect(note(2, at: 99) == 2)
  }

  @Test func aClockThatWasAheadMakesNoBurstOfVisitsThatAreMinutesApart() {
    for job in Int64(1)...3 { _ = note(job, at: 7_200) }
    for job in Int64(4)...9 { #expect(note(job, at: 3_600 + Double(job) * 600) == 1) }
  }
}
