import NIOCore
import NIOHTTP1
import TenantRuntime

/// The head of a request, however it was read.
struct DoorHead: Sendable {
  enum Fields: Sendable {
    case parsed(HTTPHeaders)
    case plain(PlainFields)
  }

  let method: HTTPMethod
  let uri: String
  var version = HTTPVersion.http1_1
  let isKeepAlive: Bool
  let fields: Fields

  /// - Parameter name: in lower case.
  func first(_ name: String) -> String? {
    switch fields {
    case .parsed(let headers): headers.first(name: name)
    case .plain(let fields): fields.first(name)
    }
  }

  /// Several lines of one name joined with commas (RFC 9110 5.3).
  func joined(_ name: String) -> String? {
    let values =
      switch fields {
      case .parsed(let headers): headers[name]
      case .plain(let fields): fields.values(name)
      }
    return values.isEmpty ? nil : values.joined(separator: ",")
  }

  /// What a hit keeps of it.
  var hit: HitHeaderReader {
    var reader = HitHeaderReader()
    switch fields {
    case .parsed(let headers): for (name, value) in headers { reader.note(name, value) }
    case .plain(let fields): fields.read(into: &reader)
    }
    return reader
  }
}

extension DoorHead {
  init(_ head: HTTPRequestHead) {
    self.init(
      method: head.method, uri: head.uri, version: head.version, isKeepAlive: head.isKeepAlive,
      fields: .parsed(head.headers))
  }
}

/// A request that the hot door answers itself, whole.
struct DoorRequest: Sendable {
  enum Purpose: Sendable {
    case webhook(Webhooks.Kind)
    case link(tenant: String)
  }

  let head: DoorHead
  var body = ByteBuffer()
  let client: Client
  let purpose: Purpose

  var method: HTTPMethod { head.method }
  var uri: String { head.uri }
  var path: Substring { Self.path(uri) }
  var query: Substring {
    uri.utf8.firstIndex(of: UInt8(ascii: "?")).map { uri[uri.utf8.index(after: $0)...] } ?? ""
  }

  func header(_ name: String) -> String? { head.first(name) }

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
  func bytes(to request: DoorHead, _ allocator: ByteBufferAllocator) -> ByteBuffer {
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
