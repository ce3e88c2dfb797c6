/// What an erasure looks for in tables that no index leads into, and an index of texts that have not been claimed, so that a contact is
/// deleted without a probe for each campaign.
enum Migration0005 {
  static let all = """
    -- One number or address of an erased person, and how far it has been looked for; gone with the last row that was looked at.
    CREATE TABLE erasures (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      phone INTEGER, email TEXT, after INTEGER NOT NULL, through INTEGER NOT NULL, -- the part of the number's history, as in former_numbers
      place TEXT NOT NULL DEFAULT 'import_rejects' CHECK (place IN ('import_rejects', 'audit_log', 'idempotency_keys')),
      cursor INTEGER NOT NULL DEFAULT 0, cursor_row INTEGER NOT NULL DEFAULT 0, -- behind it in that table
      imports_up_to INTEGER NOT NULL, audit_up_to INTEGER NOT NULL, answers_up_to INTEGER NOT NULL, -- what came later is not meant
      CHECK ((phone IS NULL) <> (email IS NULL))
    ) STRICT;
    -- By contact first: an audience is frozen in the order of its contacts, so entries come at the end, and not all over it as by phone.
    CREATE INDEX send_jobs_unclaimed ON send_jobs (contact_id, phone) WHERE claimed_at IS NULL;
    DROP TRIGGER contacts_leave_ledger;
    CREATE TRIGGER contacts_leave_ledger AFTER DELETE ON contacts BEGIN
      UPDATE send_jobs SET contact_id = NULL WHERE phone = old.phone AND claimed_at IS NOT NULL AND contact_id = old.id;
      UPDATE send_jobs SET contact_id = NULL WHERE contact_id = old.id AND phone = old.phone AND claimed_at IS NULL;
    END;

    """
}
