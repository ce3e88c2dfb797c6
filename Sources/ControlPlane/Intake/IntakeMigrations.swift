/// The numbered migrations of the intake. Never edited once released.
package enum IntakeMigrations {
  /// "RHin"
  package static let applicationID: Int32 = 0x5248_696E
  package static let all: [String] = [firstLight]

  private static let firstLight = """
    -- Which log this is: another one begins at 0 for every tenant.
    CREATE TABLE intake (id INTEGER PRIMARY KEY CHECK (id = 1), instance TEXT NOT NULL, checks INTEGER NOT NULL) STRICT;
    INSERT INTO intake VALUES (1, lower(hex(randomblob(16))), 0);
    CREATE TABLE rows (id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, events INTEGER NOT NULL, event BLOB NOT NULL) STRICT;
    -- Both outlive every backup, so that a restored file forgets no opt-out and repeats no text.
    CREATE TABLE revocations (
      id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, revocation TEXT NOT NULL, at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX revocations_by_tenant ON revocations (tenant, id);
    CREATE TABLE send_claims (
      id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, epoch INTEGER NOT NULL, claim_no INTEGER NOT NULL,
      jobs TEXT NOT NULL, highest_campaign INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX send_claims_by_tenant ON send_claims (tenant, claim_no);
    """
}
