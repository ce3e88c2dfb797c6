import GRDB
import Logging

extension Runtime {
  /// Work that fails as it only can fail again is our bug: it is logged under a reference and given up, so that what waits behind it is
  /// not held up for ever. Everything else is thrown on, to be tried again.
  func givingUpWhatRecurs(
    _ what: String, id: Int64?, _ work: () async throws -> Void, giveUp: (_ reference: String) async throws -> Void
  ) async throws {
    do { try await work() } catch let failure where Self.onlyRecurs(failure) {
      let reference = String(UInt64.random(in: .min ... .max), radix: 16)
      logger.error(
        "Work that only fails again is given up",
        metadata: ["work": "\(what)", "id": "\(id ?? 0)", "reference": "\(reference)", "error": "\(failure)"])
      try await giveUp(reference)
    }
  }

  /// What was written down and cannot be read is as little another time.
  private static func onlyRecurs(_ error: any Error) -> Bool {
    error is JSONReader.Malformed || (error as? DatabaseError)?.isOfStatement == true
  }
}
