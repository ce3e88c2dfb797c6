import Foundation
import Logging

/// One JSON object a line on standard error. Never a phone, a body or a token: those are not put into metadata.
struct JSONLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info
  let label: String

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    var line: [String: String] = [
      "at": Date().formatted(.iso8601), "level": event.level.rawValue, "label": label, "message": "\(event.message)",
    ]
    for (key, value) in all { line[key] = "\(value)" }
    guard var bytes = try? JSONSerialization.data(withJSONObject: line, options: [.sortedKeys]) else { return }
    bytes.append(10)
    try? FileHandle.standardError.write(contentsOf: bytes)
  }
}
