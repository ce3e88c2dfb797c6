/// Sums of links by month: a report over a year reads those in place of its days.
enum Migration0006 {
  static let all = """
    CREATE TABLE month_links (
      month INTEGER NOT NULL, short_link_id INTEGER NOT NULL REFERENCES short_links(id), -- 202611, of the days in day_links
      human INTEGER NOT NULL DEFAULT 0, bot INTEGER NOT NULL DEFAULT 0, unknown INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (month, short_link_id)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO month_links (month, short_link_id, human, bot, unknown)
      SELECT day / 100, short_link_id, sum(human), sum(bot), sum(unknown) FROM day_links GROUP BY 1, 2;

    """
}
