import Synchronization

/// Readings of the file that many viewers ask for at once. However many ask, each is made at most once in a pause, and all who ask meanwhile
/// have the same one. Nobody is given one that began before the last change they have seen: they wait for the next.
final class SharedReadings: Sendable {
  private typealias Reading = Task<any Sendable, any Error>

  private struct Entry {
    /// The last one that has begun, what it cannot be older than, and when.
    var begun: (reading: Reading, changes: Int, at: ContinuousClock.Instant)?
    /// The one that waits for its time.
    var next: Reading?
  }

  private let entries = Mutex<[String: Entry]>([:])
  private let pause: Duration
  private let most: Int

  init(pause: Duration = .seconds(1), most: Int = 32) { (self.pause, self.most) = (pause, most) }

  /// - Parameters:
  ///   - name: what is read.
  ///   - changes: grows with each change of what is read.
  func value<Value: Sendable>(
    _ name: String, changes: @escaping @Sendable () -> Int, _ read: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let seen = changes()
    let reading: Reading? = entries.withLock { entries in
      if let begun = entries[name]?.begun, begun.changes >= seen { return begun.reading }
      if let next = entries[name]?.next { return next }
      guard entries[name] != nil || makeRoom(in: &entries) else { return nil }
      let start = entries[name]?.begun.map { $0.at + pause }
      let next = Reading { try await self.make(name, from: start, changes, read) }
      entries[name, default: Entry()].next = next
      return next
    }
    // A name is of one type.
    guard let reading, let value = try await reading.value as? Value else { return try await read() }
    return value
  }

  private func make(
    _ name: String, from start: ContinuousClock.Instant?, _ changes: @Sendable () -> Int,
    _ read: @Sendable () async throws -> any Sendable
  ) async throws -> any Sendable {
    if let start { try await Task.sleep(until: start) }
    entries.withLock { entries in
      guard let own = entries[name]?.next else { return }
      entries[name] = Entry(begun: (own, changes(), .now), next: nil)
    }
    do { return try await read() } catch {
      entries.withLock { $0[name]?.begun = nil }
      throw error
    }
  }

  /// The one that nobody has asked for the longest time goes.
  private func makeRoom(in entries: inout [String: Entry]) -> Bool {
    guard entries.count >= most else { return true }
    let idle = entries.filter { $0.value.next == nil }.min { left, right in
      guard let left = left.value.begun?.at, let right = right.value.begun?.at else { return left.value.begun == nil }
      return left < right
    }
    guard let idle else { return false }
    entries[idle.key] = nil
    return true
  }
}
