import GRDB

/// What a refusal or failure code of Twilio means for us (twilio.com/docs/api/errors).
package enum ProviderCode {
  package enum Meaning: Sendable, Equatable {
    /// This number cannot be texted (`BadNumber`).
    case badNumber
    case optedOut
    /// The account has too many requests at once (20429): not processed, safe to offer again.
    case tryLater
    /// The number's own queue is full, or carriers say it is too fast.
    case slowNumber
    /// The carriers' day of this number's brand is used up; the next one begins at midnight, Pacific time.
    case fullDay
    /// Nothing from this sending number will go through.
    case pauseNumber
    /// Nothing of this tenant will go through.
    case pauseTenant
    case permanent
  }

  package static func meaning(_ code: Int, status: Int = 400) -> Meaning {
    switch code {
    case 21611, 30001, 30017, 30022: .slowNumber
    case 30023, 30027: .fullDay
    case 20429: .tryLater
    case _ where status == 429: .tryLater
    case 21610: .optedOut
    case 21211, 21214, 21217, 21614, 21635, 30005, 30006: .badNumber
    case 21212, 21606, 21659, 21660, 21661, 30034, 30035, 30032, 30033: .pauseNumber
    case 20003, 20005, 20404, 30002, 21701, 21703, 21704, 21705, 63038: .pauseTenant
    default: .permanent
    }
  }

  /// The provider's own queue of a number gets this long to empty.
  private static let restSeconds: Int64 = 30

  /// What a code says beyond its own text, whether an answer or a later report brings it: one table for both. True when it is the end of this
  /// text, false when the same text may go later or from elsewhere.
  @discardableResult
  static func learn(
    _ db: Database, _ meaning: Meaning, code: Int, from job: SendJob, _ effects: inout Effects, at: Moment
  ) throws -> Bool {
    switch meaning {
    case .tryLater: return false
    case .slowNumber:
      try rest(db, job, until: at.advanced(bySeconds: restSeconds), at)
      return false
    case .fullDay:
      let zone = Claim.carrierZone
      try rest(db, job, until: LocalDay(at, zone: zone).next(zone: zone) ?? at.advanced(bySeconds: 86_400), at)
      return false
    case .pauseNumber:
      if let number = job.number {
        try SendingNumber.stop(db, number, reason: "error_\(code)", actor: "provider", &effects, at: at)
      }
      return false
    case .pauseTenant:
      try KillSwitch.throwOn(db, reason: "Twilio answered \(code) to a send", actor: "provider", at: at)
      effects.stopsTenant = code
      return false
    // Of an erased person's text there is no number to learn about.
    case .optedOut: if !job.isErased { try optOut(db, job, &effects, at: at) }
    case .badNumber: if !job.isErased { try BadNumber.note(db, job.phone, code: code, at: at) }
    case .permanent: break
    }
    return true
  }

  private static func rest(_ db: Database, _ job: SendJob, until: Moment, _ at: Moment) throws {
    guard let number = job.number else { return }
    try NumberPool.rest(db, number: number, seconds: Double(until.milliseconds - at.milliseconds) / 1000)
  }

  /// The provider alone knew: credited, once, to the campaign whose text has shown it.
  private static func optOut(_ db: Database, _ job: SendJob, _ effects: inout Effects, at: Moment) throws {
    let isNews = try !Consent.isBlocked(db, job.phone)
    let revocation = Revocation(
      id: "provider-\(job.id)-\(String(job.attempt ?? 0, radix: 16))", phone: job.phone, action: .optOut,
      method: "provider_21610", evidence: "Twilio error 21610", at: at)
    try Consent.apply(db, revocation, &effects)
    try effects.log(db, revocation)
    guard isNews else { return }
    try Figures.add(db, job, .optOuts, 1, at: at)
    try CircuitBreaker.count(
      db, campaign: job.campaignID, number: job.number, .init(optOuts: 1), &effects, at: at)
  }
}
