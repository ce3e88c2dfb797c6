/// Sums of the whole tenant by days of its zone: what reports over a time are read from. What was there before is counted when the file is
/// opened the next time (`DayCounting`), for a migration does not know the zone.
enum Migration0004 {
  static let all = """
    -- Whose days day_figures and its like count by; null: not counted yet.
    ALTER TABLE identity ADD COLUMN time_zone TEXT;
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
    -- Of micros, what the provider has asked for; the rest is still reserved.
    ALTER TABLE costs ADD COLUMN billed_micros INTEGER NOT NULL DEFAULT 0;
    UPDATE costs SET billed_micros = found.micros FROM (
      SELECT cost_day, ifnull(campaign_id, 0) AS campaign_id, sum(price_micros) AS micros FROM send_jobs
      WHERE price_micros IS NOT NULL AND cost_day IS NOT NULL GROUP BY 1, 2) found
    WHERE costs.day = found.cost_day AND costs.campaign_id = found.campaign_id;

    """
}
