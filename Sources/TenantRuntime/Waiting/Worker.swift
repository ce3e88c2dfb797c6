/// What runs by itself for a tenant. Each worker has at most one turn at a time.
package enum Worker: String, CaseIterable, Sendable {
  case imports, launching, sending, bulkChanges, searching, reconciling, pricing, fetchingMedia, deliveries, rejudging,
    sweepingByAge, listingHits, erasing
}

package enum NextTurn: Sendable, Equatable {
  case now
  case at(Moment)
  case whenNudged
}
