import Synchronization
import Testing

@testable import TenantRuntime

/// What many viewers look at while it changes.
@Suite struct SharedReadingsTests {
  /// Counts how often it is read, and reads the number of changes.
  private final class Source: Sendable {
    let changes = Atomic<Int>(0)
    let reads = Atomic<Int>(0)
    func read() -> Int {
      reads.add(1, ordering: .relaxed)
      return changes.load(ordering: .relaxed)
    }
  }

  private func look(_ shared: SharedReadings, _ source: Source, at name: String = "campaign") async throws -> Int {
    try await shared.value(name, changes: { source.changes.load(ordering: .relaxed) }) { source.read() }
  }

  @Test func howeverManyLookItIsReadOnceAndOnceMoreBehindAChange() async throws {
    let (shared, source) = (SharedReadings(pause: .milliseconds(50)), Source())
    for change in 0..<3 {
      source.changes.store(change, ordering: .relaxed)
      let seen = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<40 { group.addTask { try await look(shared, source) } }
        return try await group.reduce(into: [Int]()) { $0.append($1) }
      }
      // Nobody is shown less than they know of.
      #expect(seen == Array(repeating: change, count: 40))
      #expect(source.reads.load(ordering: .relaxed) == change + 1)
    }
  }

  @Test func twoReadingsBeginAPauseApart() async throws {
    let (shared, source) = (SharedReadings(pause: .milliseconds(200)), Source())
    _ = try await look(shared, source)
    let begun = ContinuousClock.now
    source.changes.store(1, ordering: .relaxed)
    #expect(try await look(shared, source) == 1)
    #expect(ContinuousClock.now - begun >= .milliseconds(150))
  }

  @Test func moreThanAreKeptAreReadAllTheSame() async throws {
    let (shared, source) = (SharedReadings(pause: .seconds(60), most: 2), Source())
    for round in 0..<2 {
      for name in ["a", "b", "c"] {
        let seen = try await look(shared, source, at: name)
        #expect(seen == 0, "\(round)")
      }
    }
    #expect(source.reads.load(ordering: .relaxed) == 6)
  }

  @Test func aReadingThatFailsIsMadeAnew() async throws {
    struct Failure: Error {}
    let shared = SharedReadings(pause: .milliseconds(1))
    await #expect(throws: Failure.self) { try await shared.value("a", changes: { 0 }) { () -> Int in throw Failure() } }
    #expect(try await shared.value("a", changes: { 0 }) { 7 } == 7)
  }
}
