import Dispatch
import Synchronization
import Testing

@testable import TenantRuntime

@Suite struct SharesTests {
  @Test func aKeyAndATenantAndAllHaveNoMoreThanTheirPlaces() {
    let slots = Slots(all: 7, ofTenant: 4, ofKey: 3)
    func take(_ count: Int, _ tenant: String, _ key: String) -> [Slot] {
      (0..<count).compactMap { _ in slots.take(tenant: tenant, key: key) }
    }
    var held = take(9, "acme", "one")
    #expect(held.count == 3)
    held += take(9, "acme", "two")
    #expect(held.count == 4)
    // A key of the same name is another tenant's.
    held += take(9, "other", "one")
    #expect(held.count == 7)
    #expect(take(9, "third", "one").isEmpty)
    held.removeFirst()
    #expect(take(9, "third", "one").count == 1)
  }

  @Test func aPlaceIsFreeAgainWhenNobodyHoldsIt() {
    let slots = Slots(all: 1, ofTenant: 1, ofKey: 1)
    var slot = slots.take(tenant: "acme", key: "one")
    #expect(slot != nil && slots.take(tenant: "acme", key: "one") == nil)
    slot = nil
    #expect(slots.take(tenant: "acme", key: "one") != nil)
  }

  @Test(.timeLimit(.minutes(5))) func namesThatNeverResolveLeaveAThreadToWhoHasNoneAndNoneToWhoHasFour() async {
    let gate = DispatchSemaphore(value: 0)
    let asked = Mutex(0)
    let resolver = Resolver { host in
      asked.withLock { $0 += 1 }
      if host.hasPrefix("silent") { gate.wait() }
      return .failed(host)
    }
    var silent: [Task<Resolver.Answer, Never>] = []
    for asker in 0..<8 {
      for name in 0..<4 {
        silent.append(Task { await resolver.addresses(of: "silent\(asker)-\(name)", for: "\(asker)") })
      }
      // Until all of its questions are open, or have found no thread.
      while asked.withLock({ $0 }) < min(4 * (asker + 1), 16 + max(0, asker - 3)), !Task.isCancelled {
        await Task.yield()
      }
    }
    #expect(await resolver.addresses(of: "more", for: "0") == .busy)
    #expect(await resolver.addresses(of: "quick", for: "newcomer") == .failed("quick"))
    for _ in 0..<64 { gate.signal() }
    for task in silent { _ = await task.value }
  }
}
