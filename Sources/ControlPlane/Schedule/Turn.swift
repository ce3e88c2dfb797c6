import TenantRuntime

/// A bounded piece of work for one tenant, or for the platform.
struct Turn: Hashable, Sendable {
  enum Work: Hashable, Sendable {
    /// Opens the tenant's file, which wakes all its workers.
    case open
    case worker(Worker)
    case platform(PlatformWork)
  }

  /// Empty: the platform.
  var tenant: String
  var work: Work
}

/// What is done by itself for the platform as a whole.
enum PlatformWork: String, CaseIterable, Sendable {
  /// Closes files that nobody has used for a while.
  case closingIdleFiles
  /// Mails that wait, to the server of the settings.
  case sendingMail
  /// What no restore can ask for any more goes from the intake's memory, once a day.
  case sweepingIntake
  /// Rows of the platform's audit log that are older than they are kept go, once a day.
  case sweepingAudit
  /// The newest rows of the audit logs are noted outside of them, once a minute.
  case notingAuditHeads
  /// Tenants whose time to be kept is over.
  case deletingTenants
}

extension Turn {
  static let notingAuditHeads = Turn(tenant: "", work: .platform(.notingAuditHeads))
  /// So long the newest rows of an audit log may be known to its file alone.
  static let auditHeadSeconds: Int64 = 60

  /// As `due_turns` names it.
  var name: String {
    switch work {
    case .open: Self.openName
    case .worker(let worker): worker.rawValue
    case .platform(let work): work.rawValue
    }
  }
  static let openName = "open"

  init?(tenant: String, name: String) {
    self.tenant = tenant
    if name == Self.openName {
      work = .open
    } else if let worker = Worker(rawValue: name) {
      work = .worker(worker)
    } else if let platform = PlatformWork(rawValue: name) {
      work = .platform(platform)
    } else {
      return nil
    }
  }

  /// Turns that wait for the same thing share slots: those of one group never keep another group waiting.
  enum Group: CaseIterable {
    /// Short work on files that people wait for.
    case short
    case imports
    /// Long work on files that nobody waits for.
    case background
    /// These wait for answers from outside most of their time.
    case calls

    /// So many turns of a group at once. Files have eight lanes; calls have connections of their own, and shares of them.
    var slots: Int {
      switch self {
      case .short, .imports: 8
      case .background: 4
      case .calls: 256
      }
    }
  }

  var group: Group {
    switch work {
    case .platform(.sendingMail): .calls
    case .open, .platform, .worker(.launching), .worker(.bulkChanges): .short
    case .worker(.imports): .imports
    case .worker(.searching), .worker(.rejudging), .worker(.listingHits), .worker(.sweepingByAge), .worker(.erasing):
      .background
    case .worker(.sending), .worker(.reconciling), .worker(.pricing), .worker(.fetchingMedia), .worker(.deliveries):
      .calls
    }
  }

  /// Milliseconds that others of its group, ready later, may go before it.
  var patience: Int64 {
    switch work {
    case .worker(.sweepingByAge): 60_000
    case .worker(.rejudging): 10_000
    case .worker(.listingHits), .worker(.reconciling), .worker(.pricing), .open: 2_000
    default: 0
    }
  }
}
