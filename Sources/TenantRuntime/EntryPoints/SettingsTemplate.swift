package import GRDB

/// Settings that a new tenant begins with: checked as its own route checks them, and named as members of `settings`.
package enum SettingsTemplate {
  package static func check(_ settings: JSON) throws { _ = try read(settings) }

  /// Into a file that has none.
  package static func begin(_ db: Database, _ settings: JSON) throws {
    try TenantSettings.writeDifferences(db, try read(settings), over: TenantSettings())
  }

  private static func read(_ settings: JSON) throws -> TenantSettings {
    var fields = try Fields(settings, prefix: "settings")
    var made = TenantSettings()
    try made.take(&fields)
    try fields.finish()
    return made
  }

  package static let shape = Shape.object([], optional: Shape.settingMembers(isRequest: true))
}
