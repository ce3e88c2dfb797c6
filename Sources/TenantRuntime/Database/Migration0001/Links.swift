extension Migration0001 {
  /// Short links and their hits.
  static let links = """
    -- Links in a campaign's text, by number; and links of their own, which a token with their code, and a slug if they have one, lead to.
    -- Codes are random: a file that is older than a printed token must not give it to another link.
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
    -- What clients say of themselves, once for all their hits, whose number is counted: without hits a row goes.
    CREATE TABLE hit_clients (
      id INTEGER PRIMARY KEY, digest INTEGER NOT NULL, user_agent TEXT NOT NULL,
      headers TEXT NOT NULL CHECK (json_valid(headers)), hits INTEGER NOT NULL CHECK (hits >= 0)
    ) STRICT;
    CREATE INDEX hit_clients_by_digest ON hit_clients (digest);
    -- Raw facts of every request of a link; the verdict is derived from them and can be judged again.
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
    -- Hits from before this hour may have been deleted (retention); figures stay. One row.
    CREATE TABLE link_hits_mark (
      id INTEGER PRIMARY KEY CHECK (id = 1), swept_before INTEGER NOT NULL,
      listed_up_to INTEGER NOT NULL -- the last hit in link_hits_listed
    ) STRICT;
    INSERT INTO link_hits_mark VALUES (1, 0, 0);
    -- Hits by their texts, filled in bulk (Clicks/HitListing.swift): an index would write a page of its own for almost every click.
    CREATE TABLE link_hits_listed (
      send_job_id INTEGER NOT NULL, hit_id INTEGER NOT NULL, PRIMARY KEY (send_job_id, hit_id)
    ) STRICT, WITHOUT ROWID;
    -- All hits by their texts: the last ones are few enough to be looked through.
    CREATE VIEW link_hits_of_jobs AS
      SELECT send_job_id, hit_id FROM link_hits_listed
      UNION ALL SELECT send_job_id, id FROM link_hits WHERE id > (SELECT listed_up_to FROM link_hits_mark WHERE id = 1) AND send_job_id IS NOT NULL;
    CREATE TRIGGER link_hits_unlisted AFTER DELETE ON link_hits BEGIN
      DELETE FROM link_hits_listed WHERE send_job_id = old.send_job_id AND hit_id = old.id;
      -- When the last ones go, their ids are given again.
      UPDATE link_hits_mark SET listed_up_to = min(listed_up_to, ifnull((SELECT max(id) FROM link_hits), 0)) WHERE id = 1;
    END;
    -- Clicks per link and hour, moved in the transaction of the hit (Clicks/HitFigures.swift).
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
    -- Verdicts derived anew from the kept facts, in slices. One runs at a time.
    CREATE TABLE link_rejudgings (
      id INTEGER PRIMARY KEY AUTOINCREMENT, state TEXT NOT NULL CHECK (state = 'running' OR state = 'completed' OR state = 'replaced'),
      since INTEGER, cursor INTEGER NOT NULL DEFAULT 0, up_to INTEGER NOT NULL, -- hits after it are judged by the new rules already
      judged INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0, rules INTEGER NOT NULL,
      actor TEXT NOT NULL, created_at INTEGER NOT NULL, finished_at INTEGER
    ) STRICT;
    CREATE INDEX link_rejudgings_open ON link_rejudgings (id) WHERE state = 'running';
    """
}
