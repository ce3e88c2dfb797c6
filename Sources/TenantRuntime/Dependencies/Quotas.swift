/// What an operator lets a tenant use at most. Nil is no limit.
package struct Quotas: Sendable, Equatable {
  package enum Name: String, CaseIterable, Sendable {
    case contacts
    case textsPerMonth = "texts_per_month"
    case storageMB = "storage_mb"
    case importsAtOnce = "imports_at_once"
    case users

    /// In a refusal.
    package var words: String {
      switch self {
      case .contacts: "contacts"
      case .textsPerMonth: "texts a month"
      case .storageMB: "MB of storage"
      case .importsAtOnce: "imports at once"
      case .users: "users"
      }
    }

    var remedy: String {
      switch self {
      case .contacts: "delete some"
      case .textsPerMonth: "wait for the next month"
      case .storageMB: "delete imports, media or contacts that you do not need"
      case .importsAtOnce: "wait until one has ended"
      case .users: "remove one"
      }
    }
  }

  package var limits: [Name: Int64] = [:]

  package init(_ limits: [Name: Int64] = [:]) { self.limits = limits }

  package subscript(name: Name) -> Int64? { limits[name] }

  /// Throws when so many more would pass the limit: with its name, the figures, and what to do.
  package func check(_ name: Name, used: Int64, adding more: Int64 = 1) throws {
    guard let refusal = refusal(name, used: used, adding: more) else { return }
    throw Refusal.conflict(refusal)
  }

  package func refusal(_ name: Name, used: Int64, adding more: Int64 = 1) -> String? {
    guard let limit = limits[name], used + more > limit else { return nil }
    let wanted = more > 1 ? ", and \(more) more do not fit" : ""
    return
      "quota \(name.rawValue): this tenant may have \(limit) \(name.words); \(used) are used\(wanted). To go on, \(name.remedy), or ask the operator of this server for more."
  }

  /// Per cent of the limit from which on it is warned of.
  package static let warnsAt: Int64 = 80

  /// - Parameter used: nil while nobody can tell.
  package func json(_ name: Name, used: Int64?) -> JSON {
    let limit = limits[name]
    let percent = used.flatMap { used in limit.map { $0 == 0 ? 100 : min(used, Int64.max / 100) * 100 / $0 } }
    return [
      "name": .text(name.rawValue), "limit": .optional(limit), "used": .optional(used), "percent": .optional(percent),
      "warning": .bool(percent.map { $0 >= Self.warnsAt } ?? false),
    ]
  }
}
