import Foundation
import Logging
import TenantRuntime

/// One JSON object a line on standard error. Never a phone, a body or a token: those are not put into metadata.
struct JSONLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info
  let label: String
  var drain = LogDrain.standardError

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    drain.add(
      Self.line(
        level: event.level.rawValue, label: label, message: "\(event.message)", all.mapValues { "\($0)" }))
  }

  static func line(level: String, label: String, message: String, _ further: [String: String]) -> Data {
    let named = ["at": Moment.now().iso8601, "level": level, "label": label, "message": message]
    let members = named.merging(further) { $1 }.sorted { $0.key < $1.key }.map { ($0.key, JSON.text($0.value)) }
    return Data(JSON.object(members).serialized.utf8) + [UInt8(ascii: "\n")]
  }
}
