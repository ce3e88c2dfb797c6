/// Allowances that several tenants (or several nodes) draw on together.
///
/// Nothing here throws: when the place where the count is kept is away, the answer is a smaller number that is safe.
package protocol SharedLimits: Sendable {
  /// How many calls to one provider account this node may have in flight now, out of `limit` for all nodes together.
  ///
  /// A grant is a lease: it runs out by itself after `SlotLease.seconds` unless asked for again, so a dead node's slots come
  /// back. Asking again replaces the earlier grant of this node; asking for 0 gives it back.
  func slots(account: String, wanted: Int, limit: Int) async -> Int

  /// Takes up to `segments` of a brand's allowance on a day (20261124); answers how many were granted, never more than are
  /// left of `cap`.
  func take(brand: String, day: Int64, segments: Int64, cap: Int64) async -> Int64

  /// Gives back what was taken and not used.
  func giveBack(brand: String, day: Int64, segments: Int64) async

  /// What is used of a brand's day by everybody, as far as this node knows.
  func used(brand: String, day: Int64) async -> Int64
}

package enum SlotLease {
  /// Well above the second or so between two asks of a busy node, short enough that a dead node's slots are not missed.
  package static let seconds: Int64 = 15
}
