import NIOCore
import NIOHTTP1

/// A request that the hot door answers itself, whole.
struct DoorRequest: Sendable {
  enum Purpose: Sendable {
    case webhook(Webhooks.Kind)
    case link(tenant: String)
  }

  let method: HTTPMethod
  let uri: String
  let headers: HTTPHeaders
  var body = ByteBuffer()
  let client: Client
  let purpose: Purpose

  init(_ head: HTTPRequestHead, client: Client, for purpose: Purpose) {
    (method, uri, headers, self.client, self.purpose) = (head.method, head.uri, head.headers, client, purpose)
  }

  var path: Substring { Self.path(uri) }
  var query: Substring {
    uri.utf8.firstIndex(of: UInt8(ascii: "?")).map { uri[uri.utf8.index(after: $0)...] } ?? ""
  }

  func header(_ name: String) -> String? { headers.first(name: name) }

  static func path(_ uri: String) -> Substring {
    uri.utf8.firstIndex(of: UInt8(ascii: "?")).map { uri[..<$0] } ?? uri[...]
  }

  /// A host without its port; a trailing dot is the same name (RFC 3986 3.2.2).
  static func host(_ authority: String) -> String {
    var host = authority.utf8.firstIndex(of: UInt8(ascii: ":")).map { authority[..<$0] } ?? authority[...]
    if host.hasSuffix(".") { host.removeLast() }
    return host.utf8.contains { $0 >= 65 && $0 <= 90 } ? host.lowercased() : String(host)
  }
}

struct DoorResponse: Sendable {
  var status: HTTPResponseStatus
  var headers: [(String, String)] = []
  var body = ByteBuffer()

  static let noContent = DoorResponse(status: .noContent)
}

extension DoorResponse {
  /// As HTTP/1 writes it (RFC 9112). Names and values are ours or checked where they came in; a control character in one ends here.
  func bytes(to request: HTTPRequestHead, _ allocator: ByteBufferAllocator) -> ByteBuffer {
    var out = allocator.buffer(capacity: 320 + body.readableBytes)
    out.writeStaticString(request.version == .http1_0 ? "HTTP/1.0 " : "HTTP/1.1 ")
    out.writeDecimal(Int(status.code))
    out.writeStaticString(" ")
    out.writeString(status.reasonPhrase)
    out.writeStaticString("\r\n")
    for (name, value) in headers {
      out.writeString(name)
      out.writeStaticString(": ")
      if value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) { out.writeString(value) }
      out.writeStaticString("\r\n")
    }
    if status != .noContent {
      out.writeStaticString("Content-Length: ")
      out.writeDecimal(body.readableBytes)
      out.writeStaticString("\r\n")
    }
    if !request.isKeepAlive {
      out.writeStaticString("Connection: close\r\n")
    } else if request.version == .http1_0 {
      out.writeStaticString("Connection: keep-alive\r\n")
    }
    out.writeStaticString("Server: roundhouse\r\nDate: ")
    out.writeString(HTTPDate.now)
    out.writeStaticString("\r\n\r\n")
    if request.method != .HEAD { out.writeImmutableBuffer(body) }
    return out
  }
}

extension ByteBuffer {
  /// Of what is not below zero.
  fileprivate mutating func writeDecimal(_ number: Int) {
    if number >= 10 { writeDecimal(number / 10) }
    writeInteger(UInt8(ascii: "0") + UInt8(number % 10))
  }
}

/// What becomes of a request at the hot door.
enum DoorVerdict {
  case answer(DoorResponse)
  /// The answer comes through the callback, from any thread, exactly once.
  case later(@Sendable (_ answer: @escaping @Sendable (DoorResponse) -> Void) -> Void)
  /// Nothing of ours: Hummingbird's router decides.
  case pass
}
