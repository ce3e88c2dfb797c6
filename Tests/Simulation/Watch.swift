import Foundation
import Logging

/// What is seen of the server from its log, and the first promise it broke.
final class Watch: @unchecked Sendable {
  private(set) var broken: String?
  /// Turns that failed since the disk was last at fault, by tenant.
  private var failedTurns: [String: Int] = [:]
  private static let mostFailedTurns = 12
  var isVerbose = false
  /// The disk was made to fail: errors are no fault of the server.
  var isForgiving = false

  func fail(_ promise: String) {
    if broken == nil { broken = promise }
  }

  /// For who reads along.
  func note(_ line: String) { if isVerbose { print("      \(line)") } }

  func forgive() { failedTurns = [:] }

  func note(_ level: Logger.Level, _ message: String, _ facts: Logger.Metadata) {
    if isVerbose {
      print("      log \(level): \(message) \(facts.map { "\($0)=\($1)" }.sorted().joined(separator: " "))")
    }
    guard level >= .error, !isForgiving else { return }
    switch message {
    case "A turn failed; it is tried again", "A tenant's events cannot be applied; they wait":
      let tenant = facts["tenant"].map { "\($0)" } ?? "?"
      failedTurns[tenant, default: 0] += 1
      if failedTurns[tenant, default: 0] > Self.mostFailedTurns {
        fail("turns of \(tenant) fail again and again: \(facts["error"].map { "\($0)" } ?? "")")
      }
    case "An event of the intake was refused by the schema and is kept",
      "A row of the intake cannot be read and is kept":
      fail("what was answered for cannot be applied: \(message) \(facts["kind"].map { "\($0)" } ?? "")")
    case "A request failed":
      fail("a request ended with an error of ours: \(facts["error"].map { "\($0)" } ?? "")")
    default: break
    }
  }
}

struct WatchingLog: LogHandler {
  let watch: Watch
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .debug

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    watch.note(event.level, "\(event.message)", metadata.merging(event.metadata ?? [:]) { $1 })
  }
}
