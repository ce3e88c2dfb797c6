package import GRDB

extension Consent {
  /// What a file put back from a copy has forgotten, in its order.
  package static func applyForgotten(_ db: Database, _ revocations: [Revocation]) throws {
    for revocation in revocations {
      try apply(db, revocation)
      try ContactErasure.eraseAgain(db, revocation)
    }
  }
}
