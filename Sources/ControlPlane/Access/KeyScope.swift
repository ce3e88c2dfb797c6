package import TenantRuntime

/// What an API key may do: all that a role may, or a chosen set of permissions.
package enum KeyScope: Sendable, Equatable, Codable {
  case role(Role)
  case chosen(Set<Permission>)

  package var permissions: Set<Permission> {
    switch self {
    case .role(let role): role.permissions
    case .chosen(let permissions): permissions
    }
  }

  /// As refusals and the column `role` name it.
  package var name: String {
    switch self {
    case .role(let role): role.rawValue
    case .chosen: Self.chosenName
    }
  }
  static let chosenName = "chosen_permissions"

  /// In one spelling: by name, with spaces between.
  var written: String? {
    guard case .chosen(let permissions) = self else { return nil }
    return permissions.map(\.rawValue).sorted().joined(separator: " ")
  }

  /// Nil: another release's, of which nobody knows what it means.
  init?(role: String, permissions: String?) {
    guard let permissions else {
      guard let role = Role(rawValue: role) else { return nil }
      self = .role(role)
      return
    }
    let words = permissions.split(separator: " ")
    let known = Set(words.compactMap { Permission(rawValue: String($0)) })
    guard known.count == words.count, !known.isEmpty else { return nil }
    self = .chosen(known)
  }
}
