CREATE TABLE intake (id INTEGER PRIMARY KEY CHECK (id = 1), instance TEXT NOT NULL, checks INTEGER NOT NULL) STRICT;
CREATE TABLE rows (id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, events INTEGER NOT NULL, event BLOB NOT NULL) STRICT;
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
CREATE TABLE campaign_notes (
  tenant TEXT NOT NULL, campaign INTEGER NOT NULL, record TEXT, state TEXT, at INTEGER NOT NULL, budget INTEGER, launch INTEGER, PRIMARY KEY (tenant, campaign)
) STRICT, WITHOUT ROWID;
