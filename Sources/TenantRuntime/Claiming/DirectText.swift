import GRDB

/// A text to one person: a reply, a test, an automatic answer. Its message stands in the conversation before it is sent; `DirectBlock`
/// takes it from the queue.
enum DirectText {
  /// - Parameter body: the text, for the job's id: links in it carry that.
  static func plan(
    _ db: Database, _ kind: SendJob.Kind, to phone: PhoneNumber, from number: PhoneNumber,
    testOf campaign: Int64? = nil, variant: Int64? = nil, at: Moment,
    body: (_ job: Int64) throws -> String
  ) throws -> (job: Int64, message: Int64, body: String) {
    try db.execute(
      sql: """
        INSERT INTO send_jobs (kind, contact_id, phone, state, test_of, variant)
        VALUES (?1, (SELECT id FROM contacts WHERE phone = ?2), ?2, 'queued', ?3, ?4)
        """, arguments: [kind.rawValue, phone, campaign, variant])
    let job = db.lastInsertedRowID
    let text = try body(job)
    try db.execute(
      sql: """
        INSERT INTO messages (direction, phone, number, body, segments, send_job_id, at) VALUES ('out', ?, ?, ?, ?, ?, ?)
        """, arguments: [phone, number, text, SegmentCount(text).segments, job, at])
    let message = db.lastInsertedRowID
    try db.execute(sql: "UPDATE send_jobs SET message_id = ? WHERE id = ?", arguments: [message, job])
    return (job, message, text)
  }
}
