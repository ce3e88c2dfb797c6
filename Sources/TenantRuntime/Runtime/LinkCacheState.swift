import Synchronization

/// What the router knows of one tenant's links without its file: which slugs there are, how its pages look, and when what it remembers
/// of targets is no longer true. It outlives the open file.
///
/// Filled when the file is opened, changed after the commit that changes a link. Slugs are never taken away: one that was given is not
/// given again. Anyone who reads targets from the file notes `version` before, and believes them as long as it stays: a change that is
/// committed meanwhile makes what was read stale from birth.
package final class LinkCacheState: Sendable {
  /// So many slugs a tenant may have, all of them in memory.
  package static let mostSlugs = 5_000

  private struct State: Sendable {
    /// Codes of links by slug; nil before the file was first open.
    var slugs: [String: Int64]?
    var page = LinkPage()
  }

  package enum Answer: Equatable {
    case code(Int64)
    case none
    /// The file has not been open since the program started.
    case notKnownYet
  }

  /// Of this process; tells one tenant's cached targets from another's.
  package let id: UInt64
  private static let ids = Atomic<UInt64>(0)
  private let versions = Atomic<UInt64>(0)
  private let state = Mutex(State())

  /// Called at every change, for caches of targets elsewhere. Must not block.
  private let onChange: @Sendable () -> Void

  package init(onChange: @escaping @Sendable () -> Void = {}) {
    self.onChange = onChange
    id = Self.ids.add(1, ordering: .relaxed).newValue
  }

  package var version: UInt64 { versions.load(ordering: .acquiring) }
  package var page: LinkPage { state.withLock { $0.page } }
  package var isFilled: Bool { state.withLock { $0.slugs != nil } }

  package func find(_ slug: Slug) -> Answer {
    state.withLock { state in
      guard let slugs = state.slugs else { return .notKnownYet }
      return slugs[slug.text].map(Answer.code) ?? .none
    }
  }

  func fill(slugs: [String: Int64], page: LinkPage) {
    state.withLock { state in
      state.slugs = slugs
      state.page = page
    }
    changed()
  }

  func add(slugs: [String: Int64]) { state.withLock { $0.slugs?.merge(slugs) { _, new in new } } }

  func setPage(_ page: LinkPage) {
    state.withLock { $0.page = page }
    changed()
  }

  /// A link, or something its target is made from, is other than before.
  func changed() {
    versions.add(1, ordering: .releasing)
    onChange()
  }
}
