import Synchronization

extension Runtime {
  /// One bounded piece of the work of one worker, and when it wants the next.
  package func takeTurn(_ worker: Worker) async throws -> NextTurn {
    // The sender claims nothing then, and says why.
    if isFenced.load(ordering: .relaxed), ![.sending, .searching, .listingHits, .erasing].contains(worker) {
      return .whenNudged
    }
    return switch worker {
    case .imports: try await ImportWorker(runtime: self).takeTurn()
    case .launching: try await LaunchWorker(runtime: self).takeTurn()
    case .sending: try await Sender(runtime: self).takeTurn()
    case .bulkChanges: try await BulkChange.takeTurn(self)
    case .searching: try await SearchWorker(runtime: self).takeTurn()
    case .reconciling: try await Reconciler(runtime: self).takeTurn()
    case .pricing: try await PriceReader(runtime: self).takeTurn()
    case .fetchingMedia: try await MediaFetcher(runtime: self).takeTurn()
    case .deliveries: try await DeliveryWorker(runtime: self).takeTurn()
    case .rejudging: try await Rejudging.takeTurn(self)
    case .sweepingByAge: try await AgeSweep.takeTurn(self)
    case .listingHits: try await HitListing.takeTurn(self)
    case .erasing: try await ErasureRest.takeTurn(self)
    }
  }
}
