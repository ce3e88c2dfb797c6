/// The first migration, in parts.
///
/// Phones are the INTEGER of their E.164 digits, times UTC milliseconds, money integer micros.
///
/// A CHECK lists its words with OR: SQLite builds a table in memory for every `IN` of every row, which made planning a million texts
/// three times as long.
enum Migration0001 {
  static let all = [file, people, sending, conversations, links, webhooks, numbers].joined(separator: "\n\n")

  /// Which file this is, and whose.
  private static let file = """
    -- Whose file this is, and how far it has come. One row.
    CREATE TABLE identity (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      tenant TEXT NOT NULL,
      instance TEXT NOT NULL,
      hash_key BLOB NOT NULL CHECK (length(hash_key) = 32), -- of erased numbers and visitors' addresses; never another one
      claim_no INTEGER NOT NULL DEFAULT 0,
      intake_instance TEXT NOT NULL DEFAULT '',
      applied_intake_id INTEGER NOT NULL DEFAULT 0,
      fence TEXT -- why nothing is texted from this file until a person says so
    ) STRICT;

    -- What short links are made with: the newest makes them, all open them (LinkTokens/LinkKeys.swift).
    CREATE TABLE link_keys (
      key BLOB PRIMARY KEY CHECK (length(key) = 32), since INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """

  /// Sending numbers, switches and the audit log.
  private static let numbers = """
    -- Projection of the control plane's number_routes, plus this tenant's own counters.
    CREATE TABLE sending_numbers (
      number INTEGER PRIMARY KEY, rate REAL NOT NULL CHECK (rate > 0), daily_cap INTEGER,
      warm_up TEXT NOT NULL, messaging_service TEXT,
      brand TEXT, brand_daily_cap INTEGER, -- registered brand and its segments a day, shared with other numbers
      allowance REAL NOT NULL DEFAULT 0, allowance_at INTEGER NOT NULL DEFAULT 0, -- token bucket, in segments
      use_day INTEGER NOT NULL DEFAULT 0, used_today INTEGER NOT NULL DEFAULT 0, -- texts on the last day of use (20261123)
      use_days INTEGER NOT NULL DEFAULT 0, -- days with a text: where on the warm-up ladder it stands
      paused_reason TEXT, paused_by TEXT, paused_at INTEGER,
      probe_left INTEGER, probe_since INTEGER, -- as with campaigns
      added_at INTEGER NOT NULL
    ) STRICT;

    -- A switch that is on is a row.
    CREATE TABLE kill_switches (
      scope TEXT PRIMARY KEY CHECK (scope = 'tenant'), reason TEXT NOT NULL, actor TEXT NOT NULL, since INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE audit_log (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
      subject TEXT NOT NULL, before TEXT, after TEXT, address TEXT NOT NULL DEFAULT ''
    ) STRICT;
    """
}
