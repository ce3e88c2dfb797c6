/// Rows of the audit log are chained, kept from being changed, and found by who, what, on what and when.
enum Migration0002 {
  static let all = auditChain + quotas

  private static let quotas = """
    -- Texts of the day, as quotas count them; of days before this was counted 0.
    ALTER TABLE costs ADD COLUMN texts INTEGER NOT NULL DEFAULT 0 CHECK (texts >= 0);
    -- New contacts that an import has been let in with; what it has not made of them yet counts as used.
    ALTER TABLE import_batches ADD COLUMN reserved_contacts INTEGER NOT NULL DEFAULT 0;

    """

  private static let auditChain = """
    ALTER TABLE audit_log ADD COLUMN request_id TEXT;
    ALTER TABLE audit_log ADD COLUMN salt BLOB; -- of detail_digest; null: an erasure has taken it, and words with it
    ALTER TABLE audit_log ADD COLUMN detail_digest BLOB; -- of before and after
    ALTER TABLE audit_log ADD COLUMN digest BLOB; -- of the row and its predecessor's; null: from before rows were chained
    CREATE INDEX audit_log_actor ON audit_log (actor);
    CREATE INDEX audit_log_action ON audit_log (action);
    CREATE INDEX audit_log_subject ON audit_log (subject);
    CREATE INDEX audit_log_at ON audit_log (at);
    -- The newest row that is gone by its age, or was there before rows were chained. One row.
    CREATE TABLE audit_anchor (id INTEGER PRIMARY KEY CHECK (id = 1), audit_id INTEGER NOT NULL, digest BLOB NOT NULL) STRICT;
    INSERT INTO audit_anchor SELECT 1, coalesce(max(id), 0), x'' FROM audit_log;
    CREATE TRIGGER audit_log_kept BEFORE DELETE ON audit_log WHEN OLD.id > (SELECT audit_id FROM audit_anchor)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
    CREATE TRIGGER audit_log_unchanged BEFORE UPDATE ON audit_log
    WHEN NEW.salt IS NOT NULL OR NEW.id <> OLD.id OR NEW.at <> OLD.at OR NEW.actor <> OLD.actor OR NEW.action <> OLD.action
      OR NEW.subject <> OLD.subject OR NEW.address <> OLD.address OR NEW.request_id IS NOT OLD.request_id
      OR NEW.digest IS NOT OLD.digest OR NEW.detail_digest IS NOT OLD.detail_digest
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
    CREATE TRIGGER audit_anchor_rises BEFORE UPDATE ON audit_anchor WHEN NEW.audit_id < OLD.audit_id
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

    """
}
