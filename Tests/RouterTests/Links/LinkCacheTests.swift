import TenantRuntime
import Testing

@testable import Router

@Suite struct LinkCacheTests {
  private let now = Moment(milliseconds: 1_800_000_000_000)

  private func key(_ code: Int64, book: UInt64 = 1) -> LinkCache.Key { .init(book: book, token: .own(code: code)) }

  private func open(_ target: String = "https://shop.test/", until: Moment? = nil, personal: Bool = false)
    -> LinkResolution
  {
    .open(OpenLink(target: target, expiresAt: until, isPersonal: personal))
  }

  @Test func anEntryIsOfOneTenantAndOneVersion() {
    let cache = LinkCache()
    cache.insert(key(1), open(), version: 7)
    #expect(cache.find(key(1), version: 7, at: now) == open())
    #expect(cache.find(key(1), version: 8, at: now) == nil)
    #expect(cache.find(key(1, book: 2), version: 7, at: now) == nil)
    #expect(cache.find(.init(book: 1, token: .link(job: 1, number: 0)), version: 7, at: now) == nil)
  }

  @Test func itClosesWhenTheLinkExpires() {
    let cache = LinkCache()
    cache.insert(key(1), open(until: now), version: 1)
    #expect(cache.find(key(1), version: 1, at: Moment(milliseconds: now.milliseconds - 1)) != .closed)
    #expect(cache.find(key(1), version: 1, at: now) == .closed)
  }

  @Test func whatAContactSaysAndWhatIsNothingIsNotKept() {
    let cache = LinkCache()
    cache.insert(key(1), open(personal: true), version: 1)
    cache.insert(key(2), .unknown, version: 1)
    cache.insert(key(3), .closed, version: 1)
    #expect(cache.find(key(1), version: 1, at: now) == nil)
    #expect(cache.find(key(2), version: 1, at: now) == nil)
    #expect(cache.find(key(3), version: 1, at: now) == .closed)
  }

  @Test func theNewestHalfIsAlwaysKnownAndTheOldestGoes() {
    let cache = LinkCache(most: 10)
    for code in Int64(0)..<25 { cache.insert(key(code), open(), version: 1) }
    let known = (Int64(0)..<25).filter { cache.find(key($0), version: 1, at: now) != nil }
    #expect(known == Array(10..<25))
  }
}
