import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
  /// The text of an answer that is made in memory; nil when it is longer, or comes by and by.
  func bodyText(most bytes: Int) async throws -> String? {
    guard let length = body.contentLength, length <= bytes else { return nil }
    let collector = TextCollector()
    try await body.write(collector)
    return String(buffer: collector.bytes)
  }
}

private final class TextCollector: ResponseBodyWriter {
  private(set) var bytes = ByteBuffer()
  func write(_ buffer: ByteBuffer) async throws { bytes.writeImmutableBuffer(buffer) }
  func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
