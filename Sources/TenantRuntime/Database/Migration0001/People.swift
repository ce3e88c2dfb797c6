extension Migration0001 {
  /// Contacts, their consent, and how they come and are picked.
  static let people = """
    CREATE TABLE contacts (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      phone INTEGER NOT NULL UNIQUE CHECK (phone BETWEEN 1000000 AND 999999999999999),
      first_name TEXT, last_name TEXT, email TEXT,
      fields TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(fields)), -- compact, names sorted, values as text
      time_zone TEXT, language TEXT, notes TEXT,
      import_id INTEGER, -- the import that created it
      created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
    ) STRICT;
    -- Custom fields: how the text in contacts.fields is meant.
    CREATE TABLE former_numbers (
      id INTEGER PRIMARY KEY AUTOINCREMENT, contact_id INTEGER NOT NULL, phone INTEGER NOT NULL,
      since INTEGER NOT NULL, until INTEGER NOT NULL, -- its history between them is this contact's
      consents_since INTEGER NOT NULL, consents_until INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX former_numbers_by_contact ON former_numbers (contact_id, id);
    CREATE INDEX former_numbers_by_phone ON former_numbers (phone, id);
    CREATE TABLE contact_fields (
      name TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 60),
      type TEXT NOT NULL CHECK (type = 'text' OR type = 'number' OR type = 'date' OR type = 'boolean'), created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- Words of contacts for the search; a worker keeps it up (Contacts/ContactSearch.swift), so that imports need not.
    CREATE VIRTUAL TABLE contact_search USING fts5(
      words, prefix = '1 2 3', detail = 'none', columnsize = 0, tokenize = "unicode61 remove_diacritics 2"
    );
    CREATE TABLE contact_search_mark (
      id INTEGER PRIMARY KEY CHECK (id = 1), indexed_up_to INTEGER NOT NULL, -- contact ids above it are not in the index yet
      cleaning INTEGER NOT NULL DEFAULT 0 -- 1: deleted words are being merged out of it
    ) STRICT;
    INSERT INTO contact_search_mark VALUES (1, 0, 0);
    CREATE TABLE contact_search_stale (contact_id INTEGER PRIMARY KEY) STRICT;
    CREATE TRIGGER contacts_stale AFTER UPDATE OF phone, first_name, last_name, email, fields ON contacts
    WHEN new.id <= (SELECT indexed_up_to FROM contact_search_mark) BEGIN
      INSERT INTO contact_search_stale VALUES (new.id) ON CONFLICT DO NOTHING;
    END;
    CREATE TRIGGER contacts_gone AFTER DELETE ON contacts BEGIN
      DELETE FROM contact_search WHERE rowid = old.id;
    END;

    CREATE TABLE tags (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100), folded TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE contact_tags (
      tag_id INTEGER NOT NULL REFERENCES tags(id) ON DELETE CASCADE,
      contact_id INTEGER NOT NULL REFERENCES contacts(id) ON DELETE CASCADE,
      PRIMARY KEY (contact_id, tag_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX contact_tags_by_tag ON contact_tags (tag_id, contact_id);

    -- Evidence of every grant and revocation, numbered per phone. Append-only; do_not_contact is its projection and survives the
    -- contact. What an import attested is written once, with the import.
    CREATE TABLE consents (
      phone INTEGER NOT NULL, no INTEGER NOT NULL, at INTEGER NOT NULL,
      action TEXT NOT NULL CHECK (action = 'grant' OR action = 'revoke'),
      purpose TEXT CHECK (purpose = 'marketing' OR purpose = 'informational'), -- null: both
      method TEXT NOT NULL, evidence TEXT, source TEXT, import_id INTEGER, actor TEXT, address TEXT,
      event TEXT, -- what makes it the same statement when it is read again; null: an import's attestation
      PRIMARY KEY (phone, no)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX consents_by_event ON consents (phone, event) WHERE event IS NOT NULL;
    CREATE TRIGGER consents_keep BEFORE UPDATE ON consents BEGIN SELECT RAISE(ABORT, 'consents are append-only'); END;

    CREATE TABLE do_not_contact (
      phone INTEGER PRIMARY KEY, reason TEXT NOT NULL, source TEXT NOT NULL, since INTEGER NOT NULL
    ) STRICT;

    -- Free text that reads as an opt-out, until a person decides. One open review per phone.
    CREATE TABLE opt_out_reviews (
      id INTEGER PRIMARY KEY AUTOINCREMENT, phone INTEGER NOT NULL, event TEXT NOT NULL, -- the text's SID
      rule TEXT NOT NULL, text TEXT NOT NULL, message_id INTEGER, -- null: the file has forgotten the text
      at INTEGER NOT NULL, due_at INTEGER NOT NULL, decided_at INTEGER, decided_by TEXT, opted_out INTEGER,
      CHECK ((decided_at IS NULL) = (opted_out IS NULL))
    ) STRICT;
    CREATE UNIQUE INDEX opt_out_reviews_open ON opt_out_reviews (phone) WHERE decided_at IS NULL;
    CREATE INDEX opt_out_reviews_by_event ON opt_out_reviews (phone, event);

    -- Numbers the provider has called unreachable for good.
    CREATE TABLE unlogged_revocations (id INTEGER PRIMARY KEY AUTOINCREMENT, revocation TEXT NOT NULL CHECK (json_valid(revocation))) STRICT;
    CREATE TABLE bad_numbers (
      phone INTEGER PRIMARY KEY, code INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
      times INTEGER NOT NULL -- that it was found so after having been tried again
    ) STRICT;

    -- The only thing an erased person leaves behind where the tenant keeps no numbers: HMAC-SHA256 under the file's key.
    CREATE TABLE erased_numbers (hash BLOB PRIMARY KEY, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE import_batches (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      state TEXT NOT NULL CHECK (state = 'checking' OR state = 'applying' OR state = 'completed' OR state = 'failed' OR state = 'undone'),
      mode TEXT NOT NULL CHECK (mode = 'dry-run' OR mode = 'commit'),
      file TEXT NOT NULL, bytes INTEGER NOT NULL, options TEXT NOT NULL CHECK (json_valid(options)),
      choices TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(choices)), -- of columns, with samples of their values
      consent_source TEXT, consent_wording TEXT, consent_at INTEGER, -- what the tenant attests for everybody in the file
      rows INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL DEFAULT 0, updated INTEGER NOT NULL DEFAULT 0,
      unchanged INTEGER NOT NULL DEFAULT 0, rejected INTEGER NOT NULL DEFAULT 0, opted_out INTEGER NOT NULL DEFAULT 0,
      cursor INTEGER NOT NULL DEFAULT 0, -- rows are applied in phone order; this is the last phone done
      first_contact_id INTEGER, last_contact_id INTEGER, -- contacts it made lie between, others may too
      difference TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(difference)),
      failure TEXT, cancelled_by TEXT, actor TEXT NOT NULL, created_at INTEGER NOT NULL, finished_at INTEGER,
      undo_asked_at INTEGER, undo_cursor INTEGER NOT NULL DEFAULT 0, undone_at INTEGER,
      undo_deleted INTEGER NOT NULL DEFAULT 0, undo_restored INTEGER NOT NULL DEFAULT 0, undo_kept INTEGER NOT NULL DEFAULT 0,
      undo_kept_contacts TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(undo_kept_contacts)) -- the first of them
    ) STRICT;
    CREATE INDEX import_batches_open ON import_batches (id) WHERE state IN ('checking', 'applying');
    CREATE INDEX import_batches_undoing ON import_batches (id) WHERE undo_asked_at IS NOT NULL AND undone_at IS NULL;
    CREATE TABLE import_rejects (
      import_id INTEGER NOT NULL REFERENCES import_batches(id), row_number INTEGER NOT NULL,
      reason TEXT NOT NULL, detail TEXT NOT NULL, original TEXT NOT NULL,
      PRIMARY KEY (import_id, row_number)
    ) STRICT, WITHOUT ROWID;
    -- The values an import changed of contacts that were there before, for its undo.
    CREATE TABLE import_changes (
      import_id INTEGER NOT NULL, contact_id INTEGER NOT NULL, before TEXT NOT NULL CHECK (json_valid(before)),
      PRIMARY KEY (import_id, contact_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE import_holds ( -- whom an import found as its file says; taking back an earlier import leaves them
      first_contact_id INTEGER NOT NULL, import_id INTEGER NOT NULL, last_contact_id INTEGER NOT NULL,
      PRIMARY KEY (first_contact_id, import_id), CHECK (last_contact_id - first_contact_id BETWEEN 0 AND 255)
    ) STRICT, WITHOUT ROWID;

    -- A saved rule that picks contacts (Audiences/AudienceRule.swift).
    CREATE TABLE audiences (
      id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE, rule TEXT NOT NULL CHECK (json_valid(rule)),
      created_by TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
    ) STRICT;
    -- Tag, untag or delete everybody a rule picks, in slices.
    CREATE TABLE bulk_changes (
      id INTEGER PRIMARY KEY AUTOINCREMENT, action TEXT NOT NULL CHECK (action = 'tag' OR action = 'untag' OR action = 'delete'),
      tag TEXT, rule TEXT NOT NULL CHECK (json_valid(rule)),
      state TEXT NOT NULL CHECK (state = 'running' OR state = 'completed' OR state = 'failed'), failure TEXT, cursor INTEGER NOT NULL DEFAULT 0,
      up_to INTEGER NOT NULL, -- contacts made after it was asked for are not meant
      changed INTEGER NOT NULL DEFAULT 0, actor TEXT NOT NULL, created_at INTEGER NOT NULL, finished_at INTEGER,
      CHECK ((action = 'delete') = (tag IS NULL))
    ) STRICT;
    CREATE INDEX bulk_changes_open ON bulk_changes (id) WHERE state = 'running';
    -- Who is left out of campaigns (gate 6).
    CREATE TABLE suppression_rules (
      id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL CHECK (kind = 'texted_within' OR kind = 'tag' OR kind = 'in_campaign'),
      hours INTEGER CHECK (hours BETWEEN 1 AND 8760), tag TEXT, campaign_id INTEGER, created_by TEXT NOT NULL, created_at INTEGER NOT NULL,
      CHECK ((kind = 'texted_within') = (hours IS NOT NULL) AND (kind = 'tag') = (tag IS NOT NULL)
        AND (kind = 'in_campaign') = (campaign_id IS NOT NULL))
    ) STRICT;
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL CHECK (json_valid(value))) STRICT, WITHOUT ROWID;
    """
}
