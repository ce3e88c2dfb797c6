extension Migration0001 {
  /// Messages and the inbox.
  static let conversations = """
    CREATE TABLE messages (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      direction TEXT NOT NULL CHECK (direction = 'in' OR direction = 'out'),
      phone INTEGER NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, segments INTEGER NOT NULL DEFAULT 1,
      media_count INTEGER NOT NULL DEFAULT 0, sid TEXT, campaign_id INTEGER, send_job_id INTEGER, at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX messages_by_phone ON messages (phone, id);
    CREATE UNIQUE INDEX messages_received ON messages (sid) WHERE direction = 'in';
    -- What people wrote, campaigns' texts left out: what the inbox searches.
    CREATE INDEX messages_written ON messages (id) WHERE direction = 'in' OR campaign_id IS NULL;
    CREATE INDEX messages_replies ON messages (campaign_id, id) WHERE direction = 'in' AND campaign_id IS NOT NULL;
    -- What came with a text (MMS). The provider's address is for the fetcher alone; bytes and failure are its to fill.
    CREATE TABLE message_media (
      message_id INTEGER NOT NULL REFERENCES messages(id) ON DELETE CASCADE, position INTEGER NOT NULL CHECK (position BETWEEN 0 AND 9),
      content_type TEXT NOT NULL, url TEXT NOT NULL,
      state TEXT NOT NULL DEFAULT 'recorded' CHECK (state = 'recorded' OR state = 'fetched' OR state = 'failed'),
      bytes INTEGER, failure TEXT, tries INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (message_id, position), CHECK ((state = 'fetched') = (bytes IS NOT NULL)), CHECK ((state = 'failed') = (failure IS NOT NULL))
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX message_media_open ON message_media (due_at) WHERE state = 'recorded';
    CREATE TABLE media_contents (
      message_id INTEGER NOT NULL, position INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (message_id, position),
      FOREIGN KEY (message_id, position) REFERENCES message_media(message_id, position) ON DELETE CASCADE
    ) STRICT;

    -- One person and one of our numbers.
    CREATE TABLE conversations (
      id INTEGER PRIMARY KEY AUTOINCREMENT, phone INTEGER NOT NULL, number INTEGER NOT NULL,
      sender TEXT, -- a short code or a word; phone is no number then, and nobody can answer
      state TEXT NOT NULL DEFAULT 'open' CHECK (state = 'open' OR state = 'closed'),
      unread INTEGER NOT NULL DEFAULT 0 CHECK (unread >= 0), assignee TEXT CHECK (length(assignee) BETWEEN 1 AND 200),
      tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)), last_message_id INTEGER, last_message_at INTEGER NOT NULL,
      created_at INTEGER NOT NULL, UNIQUE (phone, number)
    ) STRICT;
    CREATE INDEX conversations_by_activity ON conversations (last_message_at, id);
    CREATE INDEX conversations_by_state ON conversations (state, last_message_at, id);
    CREATE INDEX conversations_unread ON conversations (last_message_at, id) WHERE unread > 0;
    CREATE TABLE canned_replies (
      id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 100),
      body TEXT NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
    ) STRICT;
    -- What open inboxes are sent (Inbox/InboxLog.swift): which message or conversation is new or other than before. The last 10,000.
    CREATE TABLE inbox_log (
      id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL CHECK (kind = 'message' OR kind = 'conversation'), subject INTEGER NOT NULL
    ) STRICT;
    CREATE TRIGGER inbox_log_bounded AFTER INSERT ON inbox_log BEGIN DELETE FROM inbox_log WHERE id <= new.id - 10000; END;
    CREATE TRIGGER inbox_log_replies AFTER UPDATE OF state ON send_jobs
    WHEN (new.kind = 'reply' OR new.kind = 'auto') AND new.state <> old.state AND new.message_id IS NOT NULL BEGIN
      INSERT INTO inbox_log (kind, subject) VALUES ('message', new.message_id);
    END;

    -- First answers to requests that came with an Idempotency-Key (Web/OnceOnly.swift).
    CREATE TABLE idempotency_keys (
      id INTEGER PRIMARY KEY AUTOINCREMENT, actor TEXT NOT NULL, path TEXT NOT NULL, key TEXT NOT NULL,
      body_hash BLOB NOT NULL CHECK (length(body_hash) = 32), status INTEGER NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL,
      UNIQUE (key, path, actor)
    ) STRICT;
    """
}
