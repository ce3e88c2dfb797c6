/// The numbered migrations of a tenant file, a folder or file each. Never edited once released; `schema.sql` beside them is their sum, kept true
/// by a test. `PRAGMA user_version` is the number of the last one applied.
package enum TenantMigrations {
  /// "RHtn": tells our files from every other SQLite file.
  package static let applicationID: Int32 = 0x5248_746E
  package static let all: [String] = [FirstLight.all]
}
