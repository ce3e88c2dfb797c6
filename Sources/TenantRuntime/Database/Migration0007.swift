/// A campaign that was taken back to a draft is launched once more: an older file knows a former launch of it.
enum Migration0007 {
  static let all = """
    ALTER TABLE campaigns ADD COLUMN launches INTEGER NOT NULL DEFAULT 0; -- how often a person has launched it
    UPDATE campaigns SET launches = 1 WHERE state <> 'draft';

    """
}
