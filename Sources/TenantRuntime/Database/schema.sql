CREATE TABLE identity (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  tenant TEXT NOT NULL,
  instance TEXT NOT NULL,
  hash_key BLOB NOT NULL CHECK (length(hash_key) = 32), -- of erased numbers and visitors' addresses; never another one
  claim_no INTEGER NOT NULL DEFAULT 0,
  intake_instance TEXT NOT NULL DEFAULT '',
  applied_intake_id INTEGER NOT NULL DEFAULT 0,
  fence TEXT -- why nothing is texted from this file until a person says so
, time_zone TEXT) STRICT;
CREATE TABLE link_keys (
  key BLOB PRIMARY KEY CHECK (length(key) = 32), since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE contacts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  phone INTEGER NOT NULL UNIQUE CHECK (phone BETWEEN 1000000 AND 999999999999999),
  first_name TEXT, last_name TEXT, email TEXT,
  fields TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(fields)), -- compact, names sorted, values as text
  time_zone TEXT, language TEXT, notes TEXT,
  import_id INTEGER, -- the import that created it
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
) STRICT;
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
CREATE VIRTUAL TABLE contact_search USING fts5(
  words, prefix = '1 2 3', detail = 'none', columnsize = 0, tokenize = "unicode61 remove_diacritics 2"
);
CREATE TABLE 'contact_search_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 'contact_search_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE 'contact_search_content'(id INTEGER PRIMARY KEY, c0);
CREATE TABLE 'contact_search_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE contact_search_mark (
  id INTEGER PRIMARY KEY CHECK (id = 1), indexed_up_to INTEGER NOT NULL, -- contact ids above it are not in the index yet
  cleaning INTEGER NOT NULL DEFAULT 0 -- 1: deleted words are being merged out of it
) STRICT;
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
CREATE TABLE opt_out_reviews (
  id INTEGER PRIMARY KEY AUTOINCREMENT, phone INTEGER NOT NULL, event TEXT NOT NULL, -- the text's SID
  rule TEXT NOT NULL, text TEXT NOT NULL, message_id INTEGER, -- null: the file has forgotten the text
  at INTEGER NOT NULL, due_at INTEGER NOT NULL, decided_at INTEGER, decided_by TEXT, opted_out INTEGER,
  CHECK ((decided_at IS NULL) = (opted_out IS NULL))
) STRICT;
CREATE UNIQUE INDEX opt_out_reviews_open ON opt_out_reviews (phone) WHERE decided_at IS NULL;
CREATE INDEX opt_out_reviews_by_event ON opt_out_reviews (phone, event);
CREATE TABLE unlogged_revocations (id INTEGER PRIMARY KEY AUTOINCREMENT, revocation TEXT NOT NULL CHECK (json_valid(revocation))) STRICT;
CREATE TABLE bad_numbers (
  phone INTEGER PRIMARY KEY, code INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
  times INTEGER NOT NULL -- that it was found so after having been tried again
) STRICT;
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
, reserved_contacts INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX import_batches_open ON import_batches (id) WHERE state IN ('checking', 'applying');
CREATE INDEX import_batches_undoing ON import_batches (id) WHERE undo_asked_at IS NOT NULL AND undone_at IS NULL;
CREATE TABLE import_rejects (
  import_id INTEGER NOT NULL REFERENCES import_batches(id), row_number INTEGER NOT NULL,
  reason TEXT NOT NULL, detail TEXT NOT NULL, original TEXT NOT NULL,
  PRIMARY KEY (import_id, row_number)
) STRICT, WITHOUT ROWID;
CREATE TABLE import_changes (
  import_id INTEGER NOT NULL, contact_id INTEGER NOT NULL, before TEXT NOT NULL CHECK (json_valid(before)),
  PRIMARY KEY (import_id, contact_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE import_holds ( -- whom an import found as its file says; taking back an earlier import leaves them
  first_contact_id INTEGER NOT NULL, import_id INTEGER NOT NULL, last_contact_id INTEGER NOT NULL,
  PRIMARY KEY (first_contact_id, import_id), CHECK (last_contact_id - first_contact_id BETWEEN 0 AND 255)
) STRICT, WITHOUT ROWID;
CREATE TABLE audiences (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE, rule TEXT NOT NULL CHECK (json_valid(rule)),
  created_by TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE bulk_changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, action TEXT NOT NULL CHECK (action = 'tag' OR action = 'untag' OR action = 'delete'),
  tag TEXT, rule TEXT NOT NULL CHECK (json_valid(rule)),
  state TEXT NOT NULL CHECK (state = 'running' OR state = 'completed' OR state = 'failed'), failure TEXT, cursor INTEGER NOT NULL DEFAULT 0,
  up_to INTEGER NOT NULL, -- contacts made after it was asked for are not meant
  changed INTEGER NOT NULL DEFAULT 0, actor TEXT NOT NULL, created_at INTEGER NOT NULL, finished_at INTEGER,
  CHECK ((action = 'delete') = (tag IS NULL))
) STRICT;
CREATE INDEX bulk_changes_open ON bulk_changes (id) WHERE state = 'running';
CREATE TABLE suppression_rules (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL CHECK (kind = 'texted_within' OR kind = 'tag' OR kind = 'in_campaign'),
  hours INTEGER CHECK (hours BETWEEN 1 AND 8760), tag TEXT, campaign_id INTEGER, created_by TEXT NOT NULL, created_at INTEGER NOT NULL,
  CHECK ((kind = 'texted_within') = (hours IS NOT NULL) AND (kind = 'tag') = (tag IS NOT NULL)
    AND (kind = 'in_campaign') = (campaign_id IS NOT NULL))
) STRICT;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL CHECK (json_valid(value))) STRICT, WITHOUT ROWID;
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
, exclude TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(exclude)), send_at_local TEXT CHECK (length(send_at_local) = 16), misfire TEXT NOT NULL DEFAULT 'ask' CHECK (misfire = 'ask' OR misfire = 'send_within' OR misfire = 'skip'), misfire_minutes INTEGER CHECK ((misfire = 'send_within') = (misfire_minutes IS NOT NULL)), launches INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX campaigns_cancelling ON campaigns (id) WHERE cancelling = 1;
CREATE INDEX campaigns_live ON campaigns (id) WHERE state IN ('scheduled', 'starting', 'running');
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
CREATE INDEX send_jobs_by_phone ON send_jobs (phone) WHERE claimed_at IS NOT NULL;
CREATE INDEX send_jobs_direct ON send_jobs (id) WHERE state = 'queued' AND campaign_id IS NULL;
CREATE INDEX send_jobs_unproven ON send_jobs (check_at) WHERE state = 'unknown' AND check_at IS NOT NULL;
CREATE INDEX send_jobs_tests ON send_jobs (test_of, id) WHERE test_of IS NOT NULL;
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
CREATE TRIGGER send_jobs_superseded AFTER UPDATE OF superseded ON send_jobs WHEN new.superseded > old.superseded BEGIN
  UPDATE campaign_counts SET n = n - 1
    WHERE campaign_id = old.campaign_id AND variant = ifnull(old.variant, 0) AND state = old.state
    AND reason = ifnull(old.reason, '');
END;
CREATE TABLE campaign_figures (
  campaign_id INTEGER NOT NULL REFERENCES campaigns(id), hour INTEGER NOT NULL, number INTEGER NOT NULL,
  variant INTEGER NOT NULL, -- 0: none
  figure TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (campaign_id, hour, number, variant, figure)
) STRICT, WITHOUT ROWID;
CREATE TABLE costs (
  day INTEGER NOT NULL, campaign_id INTEGER NOT NULL, micros INTEGER NOT NULL CHECK (micros >= 0),
  segments INTEGER NOT NULL CHECK (segments >= 0), texts INTEGER NOT NULL DEFAULT 0 CHECK (texts >= 0), billed_micros INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (day, campaign_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE budgets (
  id INTEGER PRIMARY KEY CHECK (id = 1), daily_micros INTEGER CHECK (daily_micros >= 0),
  monthly_micros INTEGER CHECK (monthly_micros >= 0)
) STRICT;
CREATE TABLE budget_alerts (
  period INTEGER NOT NULL, threshold INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (period, threshold)
) STRICT, WITHOUT ROWID;
CREATE TABLE price_reads (
  day INTEGER NOT NULL, number INTEGER NOT NULL, due_at INTEGER NOT NULL, reads INTEGER NOT NULL DEFAULT 0,
  first_at INTEGER NOT NULL, PRIMARY KEY (day, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE breaker_minutes (
  scope TEXT NOT NULL CHECK (scope = 'campaign' OR scope = 'number'), subject INTEGER NOT NULL, minute INTEGER NOT NULL,
  texts INTEGER NOT NULL DEFAULT 0, errors INTEGER NOT NULL DEFAULT 0, opt_outs INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (scope, subject, minute)
) STRICT, WITHOUT ROWID;
CREATE TABLE messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  direction TEXT NOT NULL CHECK (direction = 'in' OR direction = 'out'),
  phone INTEGER NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, segments INTEGER NOT NULL DEFAULT 1,
  media_count INTEGER NOT NULL DEFAULT 0, sid TEXT, campaign_id INTEGER, send_job_id INTEGER, at INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_by_phone ON messages (phone, id);
CREATE UNIQUE INDEX messages_received ON messages (sid) WHERE direction = 'in';
CREATE INDEX messages_written ON messages (id) WHERE direction = 'in' OR campaign_id IS NULL;
CREATE INDEX messages_replies ON messages (campaign_id, id) WHERE direction = 'in' AND campaign_id IS NOT NULL;
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
CREATE TABLE inbox_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL CHECK (kind = 'message' OR kind = 'conversation'), subject INTEGER NOT NULL
) STRICT;
CREATE TRIGGER inbox_log_bounded AFTER INSERT ON inbox_log BEGIN DELETE FROM inbox_log WHERE id <= new.id - 10000; END;
CREATE TRIGGER inbox_log_replies AFTER UPDATE OF state ON send_jobs
WHEN (new.kind = 'reply' OR new.kind = 'auto') AND new.state <> old.state AND new.message_id IS NOT NULL BEGIN
  INSERT INTO inbox_log (kind, subject) VALUES ('message', new.message_id);
END;
CREATE TABLE idempotency_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT, actor TEXT NOT NULL, path TEXT NOT NULL, key TEXT NOT NULL,
  body_hash BLOB NOT NULL CHECK (length(body_hash) = 32), status INTEGER NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL,
  UNIQUE (key, path, actor)
) STRICT;
CREATE TABLE short_links (
  id INTEGER PRIMARY KEY AUTOINCREMENT, campaign_id INTEGER REFERENCES campaigns(id), number INTEGER CHECK (number BETWEEN 0 AND 6),
  variant INTEGER CHECK (variant BETWEEN 1 AND 5), -- in whose text it is, where the campaign has several
  code INTEGER CHECK (code BETWEEN 0 AND 1073741823), slug TEXT CHECK (length(slug) BETWEEN 2 AND 64 AND slug = lower(slug)),
  name TEXT CHECK (length(name) BETWEEN 1 AND 200), target TEXT NOT NULL,
  preview TEXT CHECK (preview IS NULL OR json_valid(preview)), -- Open Graph: title, description, image_url
  enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled = 0 OR enabled = 1), expires_at INTEGER,
  created_by TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  UNIQUE (campaign_id, number),
  CHECK ((campaign_id IS NULL) = (number IS NULL)), CHECK ((campaign_id IS NULL) = (code IS NOT NULL)),
  CHECK (slug IS NULL OR campaign_id IS NULL), CHECK (variant IS NULL OR campaign_id IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX short_links_by_code ON short_links (code) WHERE code IS NOT NULL;
CREATE UNIQUE INDEX short_links_by_slug ON short_links (slug) WHERE slug IS NOT NULL;
CREATE TABLE short_link_changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, short_link_id INTEGER NOT NULL REFERENCES short_links(id), at INTEGER NOT NULL,
  actor TEXT NOT NULL, before TEXT NOT NULL CHECK (json_valid(before)), after TEXT NOT NULL CHECK (json_valid(after))
) STRICT;
CREATE INDEX short_link_changes_by_link ON short_link_changes (short_link_id, id);
CREATE TABLE hit_clients (
  id INTEGER PRIMARY KEY, digest INTEGER NOT NULL, user_agent TEXT NOT NULL,
  headers TEXT NOT NULL CHECK (json_valid(headers)), hits INTEGER NOT NULL CHECK (hits >= 0)
) STRICT;
CREATE INDEX hit_clients_by_digest ON hit_clients (digest);
CREATE TABLE link_hits (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, -- only the first and, with a draft's link, the last ones go
  short_link_id INTEGER NOT NULL REFERENCES short_links(id), send_job_id INTEGER, -- null: of a link of its own
  verdict TEXT NOT NULL CHECK (verdict = 'human' OR verdict = 'preview' OR verdict = 'scanner' OR verdict = 'unknown'), reasons TEXT NOT NULL,
  method TEXT NOT NULL, address TEXT NOT NULL,
  client_id INTEGER, -- of hit_clients; null: of an erased person
  is_secure INTEGER NOT NULL, is_complete INTEGER NOT NULL, recipients INTEGER NOT NULL, listed TEXT, -- facts beside the client's
  rules INTEGER NOT NULL -- by which it was judged
) STRICT;
CREATE TRIGGER link_hits_gone AFTER DELETE ON link_hits WHEN old.client_id IS NOT NULL BEGIN
  UPDATE hit_clients SET hits = hits - 1 WHERE id = old.client_id;
  DELETE FROM hit_clients WHERE id = old.client_id AND hits = 0;
END;
CREATE TRIGGER link_hits_erased AFTER UPDATE OF client_id ON link_hits WHEN old.client_id IS NOT NULL AND new.client_id IS NULL BEGIN
  UPDATE hit_clients SET hits = hits - 1 WHERE id = old.client_id;
  DELETE FROM hit_clients WHERE id = old.client_id AND hits = 0;
END;
CREATE INDEX link_hits_by_link ON link_hits (short_link_id, id);
CREATE TABLE link_hits_mark (
  id INTEGER PRIMARY KEY CHECK (id = 1), swept_before INTEGER NOT NULL,
  listed_up_to INTEGER NOT NULL -- the last hit in link_hits_listed
) STRICT;
CREATE TABLE link_hits_listed (
  send_job_id INTEGER NOT NULL, hit_id INTEGER NOT NULL, PRIMARY KEY (send_job_id, hit_id)
) STRICT, WITHOUT ROWID;
CREATE VIEW link_hits_of_jobs AS
  SELECT send_job_id, hit_id FROM link_hits_listed
  UNION ALL SELECT send_job_id, id FROM link_hits WHERE id > (SELECT listed_up_to FROM link_hits_mark WHERE id = 1) AND send_job_id IS NOT NULL;
CREATE TRIGGER link_hits_unlisted AFTER DELETE ON link_hits BEGIN
  DELETE FROM link_hits_listed WHERE send_job_id = old.send_job_id AND hit_id = old.id;
  -- When the last ones go, their ids are given again.
  UPDATE link_hits_mark SET listed_up_to = min(listed_up_to, ifnull((SELECT max(id) FROM link_hits), 0)) WHERE id = 1;
END;
CREATE TABLE link_figures (
  short_link_id INTEGER NOT NULL REFERENCES short_links(id), hour INTEGER NOT NULL,
  human INTEGER NOT NULL, bot INTEGER NOT NULL, unknown INTEGER NOT NULL,
  people INTEGER NOT NULL, first_people INTEGER NOT NULL, -- distinct within the hour; whose first hour it was
  PRIMARY KEY (short_link_id, hour)
) STRICT, WITHOUT ROWID;
CREATE TABLE link_visitors (
  short_link_id INTEGER NOT NULL, visitor INTEGER NOT NULL, -- a send job, or below zero a hash
  hour INTEGER NOT NULL, hits INTEGER NOT NULL CHECK (hits >= 0), PRIMARY KEY (short_link_id, visitor, hour)
) STRICT, WITHOUT ROWID;
CREATE TABLE link_rejudgings (
  id INTEGER PRIMARY KEY AUTOINCREMENT, state TEXT NOT NULL CHECK (state = 'running' OR state = 'completed' OR state = 'replaced'),
  since INTEGER, cursor INTEGER NOT NULL DEFAULT 0, up_to INTEGER NOT NULL, -- hits after it are judged by the new rules already
  judged INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0, rules INTEGER NOT NULL,
  actor TEXT NOT NULL, created_at INTEGER NOT NULL, finished_at INTEGER
) STRICT;
CREATE INDEX link_rejudgings_open ON link_rejudgings (id) WHERE state = 'running';
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, type TEXT NOT NULL,
  phone INTEGER, campaign_id INTEGER, send_job_id INTEGER, data TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(data))
) STRICT;
CREATE INDEX events_by_phone ON events (phone, id) WHERE phone IS NOT NULL;
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
CREATE TABLE webhook_events (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind = 'inbound' OR kind = 'status'),
  sid TEXT NOT NULL, status TEXT NOT NULL, code INTEGER NOT NULL DEFAULT 0,
  send_job_id INTEGER, outcome TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (sid, status, code)
) STRICT;
CREATE TABLE refused_events (
  id INTEGER PRIMARY KEY, intake_id INTEGER NOT NULL, kind TEXT NOT NULL, event TEXT NOT NULL, error TEXT NOT NULL
) STRICT;
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
CREATE TABLE kill_switches (
  scope TEXT PRIMARY KEY CHECK (scope = 'tenant'), reason TEXT NOT NULL, actor TEXT NOT NULL, since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE audit_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  subject TEXT NOT NULL, before TEXT, after TEXT, address TEXT NOT NULL DEFAULT ''
, request_id TEXT, salt BLOB, detail_digest BLOB, digest BLOB) STRICT;
CREATE INDEX audit_log_actor ON audit_log (actor);
CREATE INDEX audit_log_action ON audit_log (action);
CREATE INDEX audit_log_subject ON audit_log (subject);
CREATE INDEX audit_log_at ON audit_log (at);
CREATE TABLE audit_anchor (id INTEGER PRIMARY KEY CHECK (id = 1), audit_id INTEGER NOT NULL, digest BLOB NOT NULL) STRICT;
CREATE TRIGGER audit_log_kept BEFORE DELETE ON audit_log WHEN OLD.id > (SELECT audit_id FROM audit_anchor)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_log_unchanged BEFORE UPDATE ON audit_log
WHEN NEW.salt IS NOT NULL OR NEW.id <> OLD.id OR NEW.at <> OLD.at OR NEW.actor <> OLD.actor OR NEW.action <> OLD.action
  OR NEW.subject <> OLD.subject OR NEW.address <> OLD.address OR NEW.request_id IS NOT OLD.request_id
  OR NEW.digest IS NOT OLD.digest OR NEW.detail_digest IS NOT OLD.detail_digest
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_anchor_rises BEFORE UPDATE ON audit_anchor WHEN NEW.audit_id < OLD.audit_id
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TABLE message_templates (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 100),
  body TEXT NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
) STRICT;
CREATE VIRTUAL TABLE contact_search_words USING fts5vocab(contact_search, instance);
CREATE TABLE day_figures (
  day INTEGER NOT NULL, number INTEGER NOT NULL, -- 20261123; 0: none, as of clicks on links of one's own
  accepted INTEGER NOT NULL DEFAULT 0, sent INTEGER NOT NULL DEFAULT 0, delivered INTEGER NOT NULL DEFAULT 0,
  undelivered INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, segments INTEGER NOT NULL DEFAULT 0,
  replies INTEGER NOT NULL DEFAULT 0, human_clicks INTEGER NOT NULL DEFAULT 0, bot_clicks INTEGER NOT NULL DEFAULT 0,
  unknown_clicks INTEGER NOT NULL DEFAULT 0, opt_outs INTEGER NOT NULL DEFAULT 0,
  cost_micros INTEGER NOT NULL DEFAULT 0, -- on the day of its reservation, as in costs
  PRIMARY KEY (day, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE day_errors (
  day INTEGER NOT NULL, number INTEGER NOT NULL, reason TEXT NOT NULL, -- error_30003; '': the provider gave none
  n INTEGER NOT NULL, PRIMARY KEY (day, number, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE day_links (
  day INTEGER NOT NULL, short_link_id INTEGER NOT NULL REFERENCES short_links(id),
  human INTEGER NOT NULL DEFAULT 0, bot INTEGER NOT NULL DEFAULT 0, unknown INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (day, short_link_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE day_people (
  day INTEGER NOT NULL, change TEXT NOT NULL, -- added, imported, deleted, …, opted_in, opt_out_keyword, …
  n INTEGER NOT NULL, PRIMARY KEY (day, change)
) STRICT, WITHOUT ROWID;
CREATE TABLE erasures (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  phone INTEGER, email TEXT, after INTEGER NOT NULL, through INTEGER NOT NULL, -- the part of the number's history, as in former_numbers
  place TEXT NOT NULL DEFAULT 'import_rejects' CHECK (place IN ('import_rejects', 'audit_log', 'idempotency_keys')),
  cursor INTEGER NOT NULL DEFAULT 0, cursor_row INTEGER NOT NULL DEFAULT 0, -- behind it in that table
  imports_up_to INTEGER NOT NULL, audit_up_to INTEGER NOT NULL, answers_up_to INTEGER NOT NULL, -- what came later is not meant
  CHECK ((phone IS NULL) <> (email IS NULL))
) STRICT;
CREATE INDEX send_jobs_unclaimed ON send_jobs (contact_id, phone) WHERE claimed_at IS NULL;
CREATE TRIGGER contacts_leave_ledger AFTER DELETE ON contacts BEGIN
  UPDATE send_jobs SET contact_id = NULL WHERE phone = old.phone AND claimed_at IS NOT NULL AND contact_id = old.id;
  UPDATE send_jobs SET contact_id = NULL WHERE contact_id = old.id AND phone = old.phone AND claimed_at IS NULL;
END;
CREATE TABLE month_links (
  month INTEGER NOT NULL, short_link_id INTEGER NOT NULL REFERENCES short_links(id), -- 202611, of the days in day_links
  human INTEGER NOT NULL DEFAULT 0, bot INTEGER NOT NULL DEFAULT 0, unknown INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (month, short_link_id)
) STRICT, WITHOUT ROWID;
