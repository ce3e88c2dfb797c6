/// The numbered migrations of the intake. Never edited once released.
package enum IntakeMigrations {
  /// "RHin"
  package static let applicationID: Int32 = 0x5248_696E
  package static let all: [String] = [migration0001, budgets, launches]

  /// What a campaign may cost, in micros, as a person has set it last; null: nobody has (`CampaignNote`).
  private static let budgets = """
    ALTER TABLE campaign_notes ADD COLUMN budget INTEGER;
    """

  /// Which launch of a campaign its state is of, counted from 1; null: its first.
  private static let launches = """
    ALTER TABLE campaign_notes ADD COLUMN launch INTEGER;
    """

  private static let migration0001 = """
    -- Which log this is: another one begins at 0 for every tenant.
    CREATE TABLE intake (id INTEGER PRIMARY KEY CHECK (id = 1), instance TEXT NOT NULL, checks INTEGER NOT NULL) STRICT;
    INSERT INTO intake VALUES (1, lower(hex(randomblob(16))), 0);
    CREATE TABLE rows (id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, events INTEGER NOT NULL, event BLOB NOT NULL) STRICT;
    -- These outlive every backup, so that a restored file forgets no opt-out and repeats no text.
    CREATE TABLE revocations (
      id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, revocation TEXT NOT NULL, at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX revocations_by_tenant ON revocations (tenant, id);
    CREATE INDEX revocations_by_age ON revocations (at);
    CREATE TABLE send_claims (
      id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, epoch INTEGER NOT NULL, claim_no INTEGER NOT NULL, at INTEGER NOT NULL,
      day INTEGER NOT NULL, highest_campaign INTEGER NOT NULL, first_job INTEGER NOT NULL, last_job INTEGER NOT NULL,
      texts TEXT NOT NULL -- who, for what, at what cost (Intake/StoredClaim.swift)
    ) STRICT;
    CREATE INDEX send_claims_by_tenant ON send_claims (tenant, claim_no);
    CREATE INDEX send_claims_by_age ON send_claims (at);
    -- What each campaign that has texted is, and where somebody has brought it to since.
    CREATE TABLE campaign_notes (
      tenant TEXT NOT NULL, campaign INTEGER NOT NULL, record TEXT, state TEXT, at INTEGER NOT NULL, PRIMARY KEY (tenant, campaign)
    ) STRICT, WITHOUT ROWID;
    """
}
