/// Whom a campaign leaves out, when it is sent by each person's clock, what becomes of it when its time has passed, and saved texts.
enum Migration0003 {
  static let all = """
    -- Rules of whom it leaves out. An audience of null: nobody has chosen one yet.
    ALTER TABLE campaigns ADD COLUMN exclude TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(exclude));
    -- 2026-12-01T09:00, by each recipient's clock; send_at is then when the first place on earth comes to it.
    ALTER TABLE campaigns ADD COLUMN send_at_local TEXT CHECK (length(send_at_local) = 16);
    ALTER TABLE campaigns ADD COLUMN misfire TEXT NOT NULL DEFAULT 'ask' CHECK (misfire = 'ask' OR misfire = 'send_within' OR misfire = 'skip');
    ALTER TABLE campaigns ADD COLUMN misfire_minutes INTEGER CHECK ((misfire = 'send_within') = (misfire_minutes IS NOT NULL));
    CREATE TABLE message_templates (
      id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 100),
      body TEXT NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
    ) STRICT;
    -- Every word of contact_search with each contact that has it: a view of that index, which stores nothing.
    CREATE VIRTUAL TABLE contact_search_words USING fts5vocab(contact_search, instance);

    """
}
