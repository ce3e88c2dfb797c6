import Synchronization

/// Counts the keys that have ended: whoever remembers keys forgets them when the count has moved.
package final class KeyChanges: Sendable {
  private let count = Atomic<Int>(0)

  package init() {}
  package var current: Int { count.load(ordering: .acquiring) }
  func haveEnded() { count.add(1, ordering: .releasing) }
}
