import TenantRuntime
import TestKit
import Testing

@Suite struct LinkKeysTests {
  let folder = try! TestFolder()

  @Test func theNewestMakesTokensWhateverTheOrder() {
    let keys = LinkKeys([TestKeys.key(1, since: 10), TestKeys.key(2, since: 30), TestKeys.key(3, since: 20)])
    #expect(keys.all.map { $0.bytes[0] } == [2, 3, 1])
  }

  @Test func aClockThatRunsBackDoesNotMakeAnOldKeyTheNewest() {
    let keys = TestKeys.keys(1, since: 1_000)
    let rotated = keys.rotated(at: Moment(milliseconds: 5))
    #expect(rotated.all.count == 2 && rotated.all[1].bytes == keys.newest.bytes)
  }

  @Test func aUnionKnowsBothSidesOnceAndTheNewestFour() {
    let ours = LinkKeys((1...4).map { TestKeys.key($0, since: Int64($0)) })
    let theirs = LinkKeys([TestKeys.key(4, since: 4), TestKeys.key(9, since: 9)])
    #expect(ours.union(theirs).all.map { $0.bytes[0] } == [9, 4, 3, 2])
    #expect(theirs.union(ours) == ours.union(theirs))
  }

  @Test func whatIsSealedReadsBackAndAnythingElseDoesNot() {
    let keys = LinkKeys([TestKeys.key(1, since: 1_800_000_000_000), TestKeys.key(2, since: 5)])
    #expect(LinkKeys(stored: keys.stored) == keys)
    #expect(LinkKeys(stored: []) == nil)
    #expect(LinkKeys(stored: Array(keys.stored.dropLast())) == nil)
  }

  @Test func theFileKeepsThem() async throws {
    let file = try folder.tenantFile()
    let keys = TestKeys.one.rotated(at: Moment(milliseconds: 7))
    try await file.write { db in try keys.write(db) }
    #expect(try await file.read { db in try LinkKeys.read(db) } == keys)
  }
}
