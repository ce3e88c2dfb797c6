extension Migration0001 {
  /// The tenant's events, who receives them, and what the provider has reported.
  static let webhooks = """
    -- The tenant's own history; a reader goes on behind its last id.
    CREATE TABLE events (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, type TEXT NOT NULL,
      phone INTEGER, campaign_id INTEGER, send_job_id INTEGER, data TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(data))
    ) STRICT;
    CREATE INDEX events_by_phone ON events (phone, id) WHERE phone IS NOT NULL;

    -- Systems of the tenant's own that receive events (OutgoingWebhooks/WebhookEndpoint.swift).
    CREATE TABLE webhook_endpoints (
      id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, description TEXT,
      events TEXT CHECK (events IS NULL OR json_valid(events)), -- a list of types; null: all
      secret TEXT NOT NULL, old_secret TEXT, old_secret_until INTEGER, -- both sign until then
      enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)), disabled_reason TEXT, enabled_at INTEGER NOT NULL,
      failures INTEGER NOT NULL DEFAULT 0, failing_since INTEGER, -- in a row, over all its deliveries
      last_success_at INTEGER, last_failure_at INTEGER,
      attempts INTEGER NOT NULL DEFAULT 0, -- numbers its deliveries
      deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)), -- 1: its rows are being removed, then it goes too
      created_by TEXT NOT NULL, created_at INTEGER NOT NULL,
      CHECK ((old_secret IS NULL) = (old_secret_until IS NULL)), CHECK ((failures = 0) = (failing_since IS NULL)),
      CHECK (enabled = 0 OR (deleted = 0 AND disabled_reason IS NULL))
    ) STRICT;
    -- Events that an endpoint has not taken yet. Of one person's only the first has a due time; the others wait for it.
    CREATE TABLE outbox (
      id INTEGER PRIMARY KEY AUTOINCREMENT, endpoint_id INTEGER NOT NULL, event_id INTEGER NOT NULL, phone INTEGER,
      due_at INTEGER, attempts INTEGER NOT NULL DEFAULT 0, failing_since INTEGER,
      CHECK (phone IS NOT NULL OR due_at IS NOT NULL)
    ) STRICT;
    CREATE INDEX outbox_due ON outbox (endpoint_id, due_at, id);
    CREATE INDEX outbox_by_phone ON outbox (phone, endpoint_id, id) WHERE phone IS NOT NULL;
    CREATE INDEX outbox_by_event ON outbox (event_id, endpoint_id);
    CREATE TRIGGER events_told AFTER INSERT ON events WHEN EXISTS (SELECT 1 FROM webhook_endpoints WHERE enabled = 1) BEGIN
      INSERT INTO outbox (endpoint_id, event_id, phone, due_at)
        SELECT e.id, new.id, new.phone, CASE WHEN new.phone IS NULL OR NOT EXISTS (
          SELECT 1 FROM outbox o WHERE o.phone = new.phone AND o.endpoint_id = e.id) THEN new.at END
        FROM webhook_endpoints e WHERE e.enabled = 1
          AND (e.events IS NULL OR EXISTS (SELECT 1 FROM json_each(e.events) WHERE value = new.type));
    END;
    -- Every attempt, for those who look for a mistake; the last 1,000 of an endpoint, for 30 days.
    CREATE TABLE webhook_deliveries (
      endpoint_id INTEGER NOT NULL, no INTEGER NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL,
      type TEXT NOT NULL, event_id INTEGER, phone INTEGER, attempt INTEGER NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('event', 'redelivery', 'test')),
      outcome TEXT NOT NULL CHECK (outcome IN ('delivered', 'failed', 'given_up')),
      status INTEGER, duration_ms INTEGER NOT NULL, error TEXT,
      request_headers TEXT NOT NULL, request_body TEXT NOT NULL, response_body TEXT NOT NULL, -- cut
      PRIMARY KEY (endpoint_id, no)
    ) STRICT;
    CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (at);
    CREATE INDEX webhook_deliveries_by_phone ON webhook_deliveries (phone) WHERE phone IS NOT NULL;

    -- Every verified webhook as it came. Unique on what makes it the same event, so that a replay is a no-op.
    CREATE TABLE webhook_events (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL,
      kind TEXT NOT NULL CHECK (kind = 'inbound' OR kind = 'status'),
      sid TEXT NOT NULL, status TEXT NOT NULL, code INTEGER NOT NULL DEFAULT 0,
      send_job_id INTEGER, outcome TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (sid, status, code)
    ) STRICT;

    -- Events of the intake that could not be applied: a bug of ours to look into, never lost.
    CREATE TABLE refused_events (
      id INTEGER PRIMARY KEY, intake_id INTEGER NOT NULL, kind TEXT NOT NULL, event TEXT NOT NULL, error TEXT NOT NULL
    ) STRICT;
    """
}
