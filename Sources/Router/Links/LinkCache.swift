import Synchronization
import TenantRuntime

/// Where tokens led when the file was last asked, over all tenants: two generations, so that the newest half is always known.
///
/// An entry is believed as long as its tenant's book has the version it was read under, and until the link expires. Targets made from a
/// contact's data are not kept: they change with the contact, and go with it.
final class LinkCache: Sendable {
  struct Key: Hashable {
    /// Of the tenant's `LinkCacheState`.
    var book: UInt64
    var token: LinkToken
  }

  private struct Entry {
    var resolution: LinkResolution
    var version: UInt64
  }

  private struct State {
    var young: [Key: Entry] = [:]
    var old: [Key: Entry] = [:]
  }

  private let state = Mutex(State())
  /// In each generation; a target takes some 200 bytes.
  private let most: Int

  init(most: Int = 50_000) { self.most = most }

  func find(_ key: Key, version: UInt64, at: Moment) -> LinkResolution? {
    let entry = state.withLock { $0.young[key] ?? $0.old[key] }
    guard let entry, entry.version == version else { return nil }
    if case .open(let link) = entry.resolution, let end = link.expiresAt, at >= end { return .closed }
    return entry.resolution
  }

  /// - Parameter version: the book's before the file was asked.
  func insert(_ key: Key, _ resolution: LinkResolution, version: UInt64) {
    switch resolution {
    case .open(let link) where link.isPersonal: return
    case .unknown: return
    case .open, .closed: break
    }
    // A generation of fifty thousand takes long to free: event loops wait for this lock.
    var gone: [Key: Entry] = [:]
    state.withLock { state in
      if state.young.count >= most, state.young[key] == nil {
        gone = state.old
        state.old = state.young
        state.young = Dictionary(minimumCapacity: most)
      }
      state.young[key] = Entry(resolution: resolution, version: version)
    }
    withExtendedLifetime(gone) {}
  }
}
