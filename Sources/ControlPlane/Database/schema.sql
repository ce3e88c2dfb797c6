CREATE TABLE tenants (
  key TEXT PRIMARY KEY CHECK (length(key) BETWEEN 2 AND 39), name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state = 'active' OR state = 'pausing' OR state = 'paused' OR state = 'suspended' OR state = 'archived'), reason TEXT,
  time_zone TEXT NOT NULL, owner_email TEXT NOT NULL,
  instance TEXT NOT NULL, link_keys BLOB NOT NULL, -- of its file; the keys are sealed
  epoch INTEGER NOT NULL DEFAULT 1, created_at INTEGER NOT NULL,
  resume_state TEXT CHECK (resume_state = 'active' OR resume_state = 'suspended'), resume_reason TEXT -- what a pause interrupted
, released_routes TEXT, delete_after INTEGER, delete_side TEXT CHECK (delete_side = 'tenant' OR delete_side = 'platform'), stays_archived INTEGER NOT NULL DEFAULT 0 CHECK (stays_archived = 0 OR stays_archived = 1), former_reason TEXT, deleted_at INTEGER) STRICT;
CREATE TABLE twilio_accounts (
  tenant_key TEXT PRIMARY KEY REFERENCES tenants(key), account_sid TEXT NOT NULL,
  token BLOB NOT NULL, former_token BLOB -- sealed; two are accepted during rotation
) STRICT;
CREATE TABLE number_routes (
  number INTEGER PRIMARY KEY, tenant_key TEXT NOT NULL REFERENCES tenants(key), rate REAL NOT NULL, daily_cap INTEGER,
  warm_up TEXT NOT NULL, messaging_service TEXT, brand TEXT REFERENCES brands(name), added_at INTEGER NOT NULL
, standing TEXT CHECK (standing IS NULL OR json_valid(standing))) STRICT;
CREATE TABLE former_number_routes (
  number INTEGER NOT NULL, tenant_key TEXT NOT NULL REFERENCES tenants(key), messaging_service TEXT, moved_at INTEGER NOT NULL,
  PRIMARY KEY (number, tenant_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE brands (name TEXT PRIMARY KEY, daily_cap INTEGER NOT NULL CHECK (daily_cap > 0)) STRICT;
CREATE TABLE kill_switches (
  scope TEXT PRIMARY KEY CHECK (scope = 'platform'), reason TEXT NOT NULL, actor TEXT NOT NULL, since INTEGER NOT NULL
) STRICT;
CREATE TABLE link_hosts (
  tenant_key TEXT NOT NULL REFERENCES tenants(key), host TEXT NOT NULL CHECK (length(host) <= 253 AND host = lower(host)),
  token TEXT NOT NULL, -- what its owner must show
  added_at INTEGER NOT NULL, verified_at INTEGER, checked_at INTEGER, failure TEXT, -- of the last check
  is_default INTEGER NOT NULL DEFAULT 0 CHECK (is_default = 0 OR is_default = 1),
  PRIMARY KEY (tenant_key, host), CHECK (is_default = 0 OR verified_at IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX link_hosts_verified ON link_hosts (host) WHERE verified_at IS NOT NULL;
CREATE UNIQUE INDEX link_hosts_default ON link_hosts (tenant_key) WHERE is_default = 1;
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY, hash BLOB NOT NULL, tenant_key TEXT REFERENCES tenants(key), -- null: a platform key
  role TEXT NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL, revoked_at INTEGER
, permissions TEXT, created_by TEXT, expires_at INTEGER, last_used_at INTEGER, last_used_address TEXT, successor_of TEXT) STRICT;
CREATE TABLE pending_commands (
  id INTEGER PRIMARY KEY AUTOINCREMENT, command TEXT NOT NULL, asked_at INTEGER NOT NULL,
  asker INTEGER NOT NULL, -- of a lock that it holds: one that is gone waits for nothing
  begun_at INTEGER, outcome TEXT
) STRICT;
CREATE INDEX pending_commands_open ON pending_commands (id) WHERE outcome IS NULL;
CREATE TABLE installation (id INTEGER PRIMARY KEY CHECK (id = 1), key_digest BLOB NOT NULL) STRICT;
CREATE TABLE brand_days (
  brand TEXT, day INTEGER, segments INTEGER NOT NULL CHECK (segments >= 0), -- day as 20261124
  PRIMARY KEY (brand, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT,
  address TEXT NOT NULL DEFAULT '' -- of the caller
, tenant_key TEXT, before TEXT, request_id TEXT, salt BLOB, detail_digest BLOB, digest BLOB) STRICT;
CREATE TABLE due_turns (
  tenant TEXT NOT NULL, -- '': the platform
  work TEXT NOT NULL, -- a worker; `open`: its file is open, or was when the server died; `held`: texts wait for a change outside its file
  due INTEGER NOT NULL,
  PRIMARY KEY (tenant, work)
) STRICT, WITHOUT ROWID;
CREATE TABLE "users" (
  id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE CHECK (email = lower(email)),
  created_at INTEGER NOT NULL
, name TEXT, locale TEXT NOT NULL DEFAULT 'en' CHECK (locale = 'en' OR locale = 'es'), theme TEXT NOT NULL DEFAULT 'system' CHECK (theme = 'system' OR theme = 'light' OR theme = 'dark'), single_letter_keys INTEGER NOT NULL DEFAULT 1 CHECK (single_letter_keys = 0 OR single_letter_keys = 1), platform_role TEXT CHECK (platform_role = 'admin' OR platform_role = 'support'), suspended_at INTEGER, signed_in_at INTEGER, session_epoch INTEGER NOT NULL DEFAULT 0, password TEXT, totp_secret BLOB, totp_step INTEGER) STRICT;
CREATE TABLE "memberships" (
  user_id INTEGER NOT NULL REFERENCES "users"(id), tenant_key TEXT NOT NULL REFERENCES tenants(key), role TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'active' CHECK (state = 'invited' OR state = 'active' OR state = 'suspended'), added_at INTEGER NOT NULL DEFAULT 0, id INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (user_id, tenant_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_tenant ON api_keys (tenant_key, created_at);
CREATE INDEX audit_log_actor ON audit_log (actor, id);
CREATE INDEX audit_log_action ON audit_log (action, id);
CREATE INDEX audit_log_subject ON audit_log (subject, id);
CREATE INDEX audit_log_tenant ON audit_log (tenant_key, id);
CREATE INDEX audit_log_at ON audit_log (at, id);
CREATE TABLE audit_anchor (id INTEGER PRIMARY KEY CHECK (id = 1), audit_id INTEGER NOT NULL, digest BLOB NOT NULL) STRICT;
CREATE TRIGGER audit_log_kept BEFORE DELETE ON audit_log WHEN OLD.id > (SELECT audit_id FROM audit_anchor)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_log_unchanged BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_anchor_rises BEFORE UPDATE ON audit_anchor WHEN NEW.audit_id < OLD.audit_id
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TABLE audit_heads (
  tenant_key TEXT PRIMARY KEY REFERENCES tenants(key), head BLOB NOT NULL, noted_at INTEGER NOT NULL
) STRICT;
CREATE TABLE quotas (
  tenant_key TEXT PRIMARY KEY REFERENCES tenants(key), contacts INTEGER CHECK (contacts >= 0),
  texts_per_month INTEGER CHECK (texts_per_month >= 0), storage_mb INTEGER CHECK (storage_mb >= 0),
  imports_at_once INTEGER CHECK (imports_at_once >= 0), users INTEGER CHECK (users >= 0)
) STRICT;
CREATE TABLE idempotency_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT, actor TEXT NOT NULL, path TEXT NOT NULL, key TEXT NOT NULL,
  body_hash BLOB NOT NULL CHECK (length(body_hash) = 32), status INTEGER NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL,
  UNIQUE (key, path, actor)
) STRICT;
CREATE TABLE sign_in_links (
  hash BLOB PRIMARY KEY, purpose TEXT NOT NULL CHECK (purpose = 'sign_in' OR purpose = 'invitation' OR purpose = 'reset' OR purpose = 'email' OR purpose = 'second_factor' OR purpose = 'passkey'),
  user_id INTEGER REFERENCES users(id), -- null: nobody has the address that was given; it leads nowhere
  browser BLOB, -- digest of what the browser that asked keeps; null: good in any
  code BLOB, -- digest of what may be typed there instead
  email TEXT, -- the new one that it confirms
  accepts TEXT, -- the tenant whose invitation it accepts; '*': all of them, by an operator's word
  tries INTEGER NOT NULL DEFAULT 0, expires_at INTEGER NOT NULL, used_at INTEGER
) STRICT;
CREATE INDEX sign_in_links_by_browser ON sign_in_links (browser);
CREATE TABLE sessions (
  hash BLOB PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), epoch INTEGER NOT NULL, created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL, confirmed_at INTEGER NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE TABLE recovery_codes (
  user_id INTEGER NOT NULL REFERENCES users(id), hash BLOB NOT NULL, used_at INTEGER, PRIMARY KEY (user_id, hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE passkeys (
  id BLOB PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), name TEXT NOT NULL, public_key BLOB NOT NULL,
  algorithm INTEGER NOT NULL CHECK (algorithm = -7 OR algorithm = -8), uses INTEGER NOT NULL, -- as the authenticator counts them
  added_at INTEGER NOT NULL, used_at INTEGER
) STRICT;
CREATE INDEX passkeys_by_user ON passkeys (user_id);
CREATE TABLE mails (
  id INTEGER PRIMARY KEY AUTOINCREMENT, content BLOB NOT NULL, -- sealed: to whom and what
  tries INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX mails_due ON mails (due_at);
CREATE TABLE support_grants (
  id INTEGER PRIMARY KEY AUTOINCREMENT, tenant_key TEXT NOT NULL REFERENCES tenants(key), granted_by TEXT NOT NULL,
  read_only INTEGER NOT NULL CHECK (read_only = 0 OR read_only = 1), reason TEXT, granted_at INTEGER NOT NULL, until INTEGER NOT NULL, ended_at INTEGER
) STRICT;
CREATE INDEX support_grants_by_tenant ON support_grants (tenant_key, until);
CREATE UNIQUE INDEX memberships_by_id ON memberships (id);
