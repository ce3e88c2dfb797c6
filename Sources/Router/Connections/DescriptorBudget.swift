import Glibc
import Logging
import NIOCore
import TenantRuntime

/// Who may hold how many of the process's file descriptors. Some are nobody's: where a process has none left, libraries under it abort
/// (libdispatch opens a file of `/proc` each second), and SQLite cannot open a journal.
struct DescriptorBudget: Sendable, Equatable {
  /// What the process may have open.
  let limit: Int
  /// Tenant files at once.
  let openFiles: Int
  /// Of each of the two outbound clients.
  let outgoing: Int
  /// Files that uploads are written to.
  let uploads: Int
  /// Of the listener.
  let connections: Int

  static let reserve = 64
  /// The server's own: its files, event loops, log, commands' lock.
  static let own = 40
  /// File, log and index of the log, and a temporary one.
  static let perFile = 4
  static let least = 160
  /// More are not asked for: some libraries walk over all that are possible.
  private static let mostWanted: rlim_t = 65_536
  private static let mostConnections = 10_000

  init(limit: Int, openFiles wanted: Int) {
    self.limit = limit
    let free = max(limit - Self.reserve - Self.own, 40)
    outgoing = min(256, max(8, free / 8))
    openFiles = max(1, min(wanted, free * 3 / 8 / Self.perFile))
    uploads = min(64, max(2, free / 16))
    connections = min(Self.mostConnections, max(8, free - 2 * outgoing - openFiles * Self.perFile - uploads))
  }

  /// So that one address takes not all of it.
  var perAddress: Int { max(8, connections / 4) }
  /// Streams keep half of the connections free.
  var shares: Shares { Shares(uploads: uploads, streams: connections / 2) }

  /// Raises the soft limit as far as it goes, and answers it.
  static func raiseLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
    let wanted = min(limit.rlim_max, mostWanted)
    if limit.rlim_cur < wanted {
      var raised = limit
      raised.rlim_cur = wanted
      if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }
}

extension DescriptorBudget {
  /// Connections that are being closed hold theirs a little longer; they are taken from the reserve.
  private static let slack = 16

  func guardListener(
    _ channel: any Channel, _ connections: Connections, share: @escaping ListenerGuard.Share, _ logger: Logger
  ) async {
    do {
      try await ListenerGuard.add(
        to: channel, connections, most: self.connections + Self.slack, share: share, logger: logger)
    } catch {
      logger.error("The listener is not guarded", metadata: ["error": "\(error)"])
    }
  }

  func log(_ logger: Logger, wanted: Int) {
    guard openFiles < wanted || limit < Self.least else { return }
    logger.warning(
      "The limit of open files (ulimit -n) is low: less is held open than was wished for",
      metadata: [
        "limit": "\(limit)", "tenant_files": "\(openFiles)", "wanted": "\(wanted)", "connections": "\(connections)",
      ])
  }
}
