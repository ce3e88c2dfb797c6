package import TenantRuntime

/// The shared limits of a node, as its owner sees them.
package protocol NodeLimits: SharedLimits {
  /// Ends what runs in the background. Slots that are still held run out by themselves.
  func shutDown() async
}
