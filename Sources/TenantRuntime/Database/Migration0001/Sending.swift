extension Migration0001 {
  /// Campaigns, the ledger of texts, and what it is counted and charged by.
  static let sending = """
    CREATE TABLE campaigns (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL, body TEXT NOT NULL,
      variants TEXT CHECK (variants IS NULL OR json_valid(variants)), -- name, body, weight of each; body is then the first one's
      purpose TEXT NOT NULL CHECK (purpose = 'marketing' OR purpose = 'informational'),
      state TEXT NOT NULL CHECK (state = 'draft' OR state = 'scheduled' OR state = 'starting' OR state = 'running' OR state = 'paused' OR state = 'completed' OR state = 'cancelled'),
      audience TEXT NOT NULL CHECK (json_valid(audience)), numbers TEXT NOT NULL CHECK (json_valid(numbers)),
      budget_micros INTEGER CHECK (budget_micros >= 0), reserved_micros INTEGER NOT NULL DEFAULT 0 CHECK (reserved_micros >= 0),
      quiet_start INTEGER CHECK (quiet_start BETWEEN 0 AND 1439), quiet_end INTEGER CHECK (quiet_end BETWEEN 0 AND 1439), -- minutes of the recipient's day
      send_at INTEGER, audience_size INTEGER NOT NULL DEFAULT 0,
      freeze_cursor INTEGER NOT NULL DEFAULT 0, -- the last contact id frozen into send_jobs while starting
      frozen INTEGER NOT NULL DEFAULT 0 CHECK (frozen IN (0, 1)), -- 1: everybody in the audience has a job
      moved_on INTEGER NOT NULL DEFAULT 0 CHECK (moved_on IN (0, 1)), -- 1: went on after the copy that this file was restored from
      first_job_id INTEGER, last_job_id INTEGER, -- its jobs lie between, others may too
      pause_reason TEXT, paused_by TEXT, waiting_reason TEXT, waiting_until INTEGER,
      at_least_once INTEGER NOT NULL DEFAULT 0 CHECK (at_least_once IN (0, 1)), -- 1: what stays unknown is sent once more
      probe_left INTEGER, probe_since INTEGER, -- resumed after the circuit breaker: texts that may go out before their fate is known
      cancelling INTEGER NOT NULL DEFAULT 0 CHECK (cancelling IN (0, 1)), -- 1: its texts are being cancelled, in slices
      resend_cursor INTEGER, resend_up_to INTEGER, -- failures are planned once more, in slices, up to this job
      look_again_cursor INTEGER, -- hours have changed: who waits for them is asked about again, in slices, behind this job
      created_by TEXT NOT NULL, created_at INTEGER NOT NULL, started_at INTEGER, completed_at INTEGER
    ) STRICT;
    CREATE INDEX campaigns_cancelling ON campaigns (id) WHERE cancelling = 1;
    CREATE INDEX campaigns_live ON campaigns (id) WHERE state IN ('scheduled', 'starting', 'running');

    -- The one ledger of outgoing texts. States move forward only (Ledger/SendJob.swift).
    CREATE TABLE send_jobs (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL CHECK (kind = 'campaign' OR kind = 'reply' OR kind = 'test' OR kind = 'auto'),
      campaign_id INTEGER REFERENCES campaigns(id), contact_id INTEGER, phone INTEGER NOT NULL,
      try INTEGER NOT NULL DEFAULT 1 CHECK (try >= 1),
      state TEXT NOT NULL CHECK (state = 'queued' OR state = 'sending' OR state = 'accepted' OR state = 'sent' OR state = 'delivered' OR state = 'undelivered' OR state = 'failed' OR state = 'skipped' OR state = 'deferred' OR state = 'unknown' OR state = 'cancelled'),
      reason TEXT, -- why skipped, failed, cancelled or unknown; provider codes as error_30003
      attempt INTEGER, claim_no INTEGER, number INTEGER, message_id INTEGER, sid TEXT,
      segments INTEGER NOT NULL DEFAULT 0, cost_micros INTEGER NOT NULL DEFAULT 0,
      cost_day INTEGER, -- where costs has it
      deferred_until INTEGER,
      claimed_at INTEGER, finished_at INTEGER, clicked_at INTEGER,
      check_at INTEGER, checks INTEGER NOT NULL DEFAULT 0, -- unknown: when the provider's list is read next, and how often it was
      price_micros INTEGER, -- what the provider asked for in the end; cost_micros is then the same
      superseded INTEGER NOT NULL DEFAULT 0 CHECK (superseded IN (0, 1)), -- 1: a later try took its place
      tallied INTEGER NOT NULL DEFAULT 0 CHECK (tallied IN (0, 1)), -- flips with a move that its transaction counts itself
      test_of INTEGER, -- the campaign whose text a test shows
      variant INTEGER CHECK (variant BETWEEN 1 AND 5), -- which of the campaign's texts; null: it has one
      UNIQUE (campaign_id, phone, try),
      CHECK ((state = 'deferred') = (deferred_until IS NOT NULL)),
      CHECK (state <> 'sending' OR attempt IS NOT NULL),
      CHECK (state <> 'skipped' OR reason IS NOT NULL)
    ) STRICT;
    CREATE INDEX send_jobs_queued ON send_jobs (campaign_id, id) WHERE state = 'queued';
    CREATE INDEX send_jobs_deferred ON send_jobs (campaign_id, deferred_until) WHERE state = 'deferred';
    CREATE INDEX send_jobs_sending ON send_jobs (id) WHERE state = 'sending';
    CREATE INDEX send_jobs_by_phone ON send_jobs (phone) WHERE claimed_at IS NOT NULL; -- none while a million are planned
    CREATE INDEX send_jobs_direct ON send_jobs (id) WHERE state = 'queued' AND campaign_id IS NULL;
    CREATE INDEX send_jobs_unproven ON send_jobs (check_at) WHERE state = 'unknown' AND check_at IS NOT NULL;
    CREATE INDEX send_jobs_tests ON send_jobs (test_of, id) WHERE test_of IS NOT NULL;

    -- Present states of a campaign's jobs, what reports read: the planner of jobs counts them in (SendJob.counted), the triggers move them,
    -- or a transaction of many moves does (SendJob.move).
    CREATE TABLE campaign_counts (
      campaign_id INTEGER NOT NULL REFERENCES campaigns(id), variant INTEGER NOT NULL, -- 0: none
      state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', n INTEGER NOT NULL, PRIMARY KEY (campaign_id, variant, state, reason)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER send_jobs_recounted AFTER UPDATE OF state, reason ON send_jobs
    WHEN new.campaign_id IS NOT NULL AND new.superseded = 0 AND new.tallied = old.tallied AND (old.state <> new.state OR old.reason IS NOT new.reason) BEGIN
      UPDATE campaign_counts SET n = n - 1
        WHERE campaign_id = old.campaign_id AND variant = ifnull(old.variant, 0) AND state = old.state
        AND reason = ifnull(old.reason, '');
      INSERT INTO campaign_counts VALUES (new.campaign_id, ifnull(new.variant, 0), new.state, ifnull(new.reason, ''), 1) ON CONFLICT DO UPDATE SET n = n + 1;
    END;
    -- Of a person's tries the last one counts.
    CREATE TRIGGER send_jobs_superseded AFTER UPDATE OF superseded ON send_jobs WHEN new.superseded > old.superseded BEGIN
      UPDATE campaign_counts SET n = n - 1
        WHERE campaign_id = old.campaign_id AND variant = ifnull(old.variant, 0) AND state = old.state
        AND reason = ifnull(old.reason, '');
    END;
    CREATE TRIGGER contacts_leave_ledger AFTER DELETE ON contacts BEGIN
      UPDATE send_jobs SET contact_id = NULL WHERE campaign_id IN (SELECT id FROM campaigns) AND phone = old.phone AND contact_id = old.id;
      UPDATE send_jobs SET contact_id = NULL WHERE campaign_id IS NULL AND phone = old.phone AND contact_id = old.id;
    END;

    -- What happened, per campaign, hour, sending number and variant; added to in the transaction of the fact.
    CREATE TABLE campaign_figures (
      campaign_id INTEGER NOT NULL REFERENCES campaigns(id), hour INTEGER NOT NULL, number INTEGER NOT NULL,
      variant INTEGER NOT NULL, -- 0: none
      figure TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (campaign_id, hour, number, variant, figure)
    ) STRICT, WITHOUT ROWID;

    -- What texts have cost, by the tenant's calendar (20261123) and campaign (0: none): reserved with the claim, taken back with a release.
    CREATE TABLE costs (
      day INTEGER NOT NULL, campaign_id INTEGER NOT NULL, micros INTEGER NOT NULL CHECK (micros >= 0),
      segments INTEGER NOT NULL CHECK (segments >= 0), PRIMARY KEY (day, campaign_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE budgets (
      id INTEGER PRIMARY KEY CHECK (id = 1), daily_micros INTEGER CHECK (daily_micros >= 0),
      monthly_micros INTEGER CHECK (monthly_micros >= 0)
    ) STRICT;
    -- Thresholds (per cent of a limit) that a day (20261123) or a month (20261100) has passed: each is published once.
    CREATE TABLE budget_alerts (
      period INTEGER NOT NULL, threshold INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (period, threshold)
    ) STRICT, WITHOUT ROWID;
    -- Days of use whose final prices are still to be read from the provider's list.
    CREATE TABLE price_reads (
      day INTEGER NOT NULL, number INTEGER NOT NULL, due_at INTEGER NOT NULL, reads INTEGER NOT NULL DEFAULT 0,
      first_at INTEGER NOT NULL, PRIMARY KEY (day, number)
    ) STRICT, WITHOUT ROWID;

    -- What the circuit breaker judges by: a minute of a campaign's or a sending number's texts.
    CREATE TABLE breaker_minutes (
      scope TEXT NOT NULL CHECK (scope = 'campaign' OR scope = 'number'), subject INTEGER NOT NULL, minute INTEGER NOT NULL,
      texts INTEGER NOT NULL DEFAULT 0, errors INTEGER NOT NULL DEFAULT 0, opt_outs INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (scope, subject, minute)
    ) STRICT, WITHOUT ROWID;
    """
}
