import GRDB

/// What the provider says became of a text. May come late, twice, out of order, or before our own settle.
package struct StatusReport: Sendable, Equatable, Codable {
  package var sid: String
  /// Twilio's word.
  package var status: String
  package var errorCode: Int
  package var jobID: Int64
  package var attempt: Int64
  package var to: PhoneNumber?
  package var from: PhoneNumber?
  package var at: Moment
  /// The form as it came.
  package var raw: String

  package init(
    sid: String, status: String, errorCode: Int, jobID: Int64, attempt: Int64, to: PhoneNumber?, from: PhoneNumber?,
    at: Moment,
    raw: String
  ) {
    self.sid = sid
    self.status = status
    self.errorCode = errorCode
    self.jobID = jobID
    self.attempt = attempt
    self.to = to
    self.from = from
    self.at = at
    self.raw = raw
  }

  /// What the intake keeps of it: our query's facts, then the form as it came, to be read again when it is applied.
  func line(after mark: UInt8) -> [UInt8] {
    var out = [mark]
    out.reserveCapacity(64 + raw.utf8.count)
    for number in [jobID, attempt, at.milliseconds] {
      out += String(number).utf8
      out.append(UInt8(ascii: " "))
    }
    out += raw.utf8
    return out
  }

  init?(line: some Collection<UInt8>) {
    let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, let job = Int64(String(decoding: parts[0], as: UTF8.self)),
      let attempt = Int64(String(decoding: parts[1], as: UTF8.self)),
      let at = Int64(String(decoding: parts[2], as: UTF8.self))
    else { return nil }
    self.init(
      form: FormBody(parts[3]), jobID: job, attempt: attempt, at: Moment(milliseconds: at),
      raw: String(decoding: parts[3], as: UTF8.self))
  }

  /// nil when the form is not a report.
  package init?(form: FormBody, jobID: Int64, attempt: Int64, at: Moment, raw: String) {
    guard let sid = form["MessageSid"], let status = form["MessageStatus"] else { return nil }
    self.init(
      sid: sid, status: status, errorCode: form["ErrorCode"].flatMap { Int($0) } ?? 0, jobID: jobID, attempt: attempt,
      to: form.phone("To"), from: form.phone("From"), at: at, raw: raw)
  }

  /// Our state for Twilio's word; nil for words that change nothing.
  private var state: SendJob.State? {
    switch status {
    case "accepted", "scheduled", "queued", "sending": .accepted
    case "sent": .sent
    case "delivered", "read": .delivered
    case "undelivered": .undelivered
    case "failed": .failed
    case "canceled": .cancelled
    default: nil
    }
  }

  func apply(_ db: Database, _ effects: inout Effects) throws {
    let job = try SendJob.find(db, id: jobID)
    // Proof that it is ours: the random attempt id and the number it went to. A file put back from an older copy has forgotten the
    // attempt of what it knows to be sent; there the signed job id and the number are proof.
    let ours =
      job.map { job in
        job.isErased
          ? job.attempt == attempt
          : job.phone == to && (job.attempt == attempt || job.attempt == nil && job.state == .unknown)
      } ?? false
    // An erasure finds forms by the SIDs of a person's texts: that of a second text of one attempt would stay.
    let isFindable = job?.isErased != true && (!ours || (job?.sid ?? sid) == sid)
    guard try keep(db, ofJob: ours, isFindable: isFindable) else { return }
    guard var job, ours else {
      return try Event.append(
        db, &effects, .orphanReport, at: at, phone: job?.isErased == true ? nil : to,
        data: ["sid": .text(sid), "status": .text(status)])
    }
    try move(db, &job, &effects)
  }

  /// As it came; false when it had come before.
  private func keep(_ db: Database, ofJob ours: Bool, isFindable: Bool) throws -> Bool {
    let statement = try RawStatement(
      db,
      """
      INSERT INTO webhook_events (at, kind, sid, status, code, send_job_id, outcome, body) VALUES (?, 'status', ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING
      """)
    statement.bind(1, at.milliseconds)
    statement.bind(2, sid)
    statement.bind(3, status)
    statement.bind(4, Int64(errorCode))
    statement.bind(5, ours ? jobID : nil)
    statement.bind(6, ours ? "applied" : "orphan")
    // Anyone who was erased does not come back by what is reported of them.
    statement.bind(7, isFindable ? raw : "")
    return try statement.run() > 0
  }

  /// What the provider says moves the job on, whether it came by a report or was asked for.
  func move(_ db: Database, _ job: inout SendJob, _ effects: inout Effects) throws {
    if job.sid == nil {
      try db.execute(sql: "UPDATE send_jobs SET sid = ? WHERE id = ?", arguments: [sid, job.id])
      try db.execute(sql: "UPDATE messages SET sid = ? WHERE id = ?", arguments: [sid, job.messageID])
      job.sid = sid
    }
    guard let state else { return }
    if job.kind == .reply || job.kind == .auto { effects.inbox = true }
    guard state.rank > job.state.rank else {
      if job.state.rank == 3, state.rank == 3, state != job.state {
        try Event.append(
          db, &effects, .differingReport, at: at, phone: job.isErased ? nil : job.phone, campaign: job.campaignID,
          job: job.id,
          data: ["status": .text(status)])
      }
      return
    }
    // Whatever the report says beyond it, the provider had taken the text: counted once, when rank leaves 0.
    if job.state.rank == 0 {
      try Figures.add(db, &effects, job, .accepted, 1, at: at)
      try Figures.add(db, &effects, job, .segments, job.segments, at: at)
      try CircuitBreaker.count(db, campaign: job.campaignID, number: job.number, .init(texts: 1), &effects, at: at)
    }
    // Reports overtake each other: what was delivered, or not, was sent before.
    if job.state.rank < SendJob.State.sent.rank, state == .delivered || state == .undelivered {
      try publish(db, job, .sent, &effects)
    }
    let failed = state == .failed || state == .undelivered
    let reason = failed && errorCode != 0 ? "error_\(errorCode)" : nil
    try job.move(db, to: state, reason: reason, at: at, &effects)
    try publish(db, job, state, &effects)
    if failed {
      if job.isReported {
        try DayFigures.add(db, &effects, .error(reason ?? "", number: job.number?.digits ?? 0), at: at)
      }
      try learn(db, job, &effects)
    }
  }

  private func publish(_ db: Database, _ job: SendJob, _ state: SendJob.State, _ effects: inout Effects) throws {
    let known: (Event.Kind, Figures.Figure)? =
      switch state {
      case .sent: (.sent, .sent)
      case .delivered: (.delivered, .delivered)
      case .undelivered: (.undelivered, .undelivered)
      case .failed: (.failed, .failed)
      default: nil
      }
    guard let (kind, figure) = known else { return }
    try Figures.add(db, &effects, job, figure, 1, at: at)
    try Event.append(
      db, &effects, kind, at: at, phone: job.isErased ? nil : job.phone, campaign: job.campaignID, job: job.id,
      data: errorCode == 0 || state == .sent ? nil : ["error_code": .int(errorCode)])
  }

  private func learn(_ db: Database, _ job: SendJob, _ effects: inout Effects) throws {
    if job.isErased { return }
    let meaning = ProviderCode.meaning(errorCode)
    try ProviderCode.learn(db, meaning, code: errorCode, from: job, &effects, at: at)
    if meaning == .optedOut { return }
    try CircuitBreaker.count(db, campaign: job.campaignID, number: job.number, .init(errors: 1), &effects, at: at)
  }
}
