import GRDB

extension Revocation {
  /// Whether the file, with this in it, holds nobody back because of it: the same event had come before, or a later word has lifted it.
  func isStaleBlock(_ db: Database) throws -> Bool {
    switch action {
    case .optIn: return false
    case .review: return try !Consent.isBlocked(db, phone) && !OptOutReview.isOpen(db, phone)
    case .optOut:
      if try Consent.isBlocked(db, phone) { return false }
      guard let purpose else { return true }
      return try ConsentStanding.judge(db, phone, purpose: purpose, on: Moment.end).verdict != .revoked
    }
  }
}
