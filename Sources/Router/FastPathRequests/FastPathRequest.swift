import ControlPlane
import NIOCore
import NIOHTTP1
import TenantRuntime

/// The head of a request.
struct FastPathHead: Sendable {
  let method: HTTPMethod
  let uri: String
  let version: HTTPVersion
  let isKeepAlive: Bool
  let headers: HTTPHeaders

  func first(_ name: String) -> String? { headers.first(name: name).map(Self.withoutBlanks) }

  /// NIO leaves blanks behind a value where they are; they are no part of it (RFC 9110 5.5).
  private static func withoutBlanks(_ value: String) -> String {
    guard let last = value.utf8.last, last == 0x20 || last == 0x09 else { return value }
    return String(value.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }

  /// Several lines of one name joined with commas (RFC 9110 5.3).
  func joined(_ name: String) -> String? {
    let values = headers[name]
    return values.isEmpty ? nil : values.joined(separator: ",")
  }

  /// What a hit keeps of it.
  var hit: HitHeaderReader {
    var reader = HitHeaderReader()
    for (name, value) in headers { reader.note(name, value) }
    return reader
  }
}

extension FastPathHead {
  nonisolated(unsafe) private static let wholeAddress = #/(?i)https?:\/\/([^\/?#\s]+)/#

  init(_ head: HTTPRequestHead) {
    var (uri, headers) = (head.uri, head.headers)
    // RFC 9112 3.2.2: a whole address is a request for its host, whatever the field says.
    if !uri.hasPrefix("/"), let match = uri.prefixMatch(of: Self.wholeAddress) {
      headers.replaceOrAdd(name: "host", value: String(match.1))
      let rest = uri[match.range.upperBound...]
      uri = rest.hasPrefix("/") ? String(rest) : "/" + rest
    }
    self.init(
      method: head.method, uri: uri, version: head.version, isKeepAlive: head.isKeepAlive, headers: headers)
  }
}

extension HTTPRequestHead {
  /// RFC 9112 3.2: HTTP/1.1 has exactly one line of it, HTTP/1.0 may have none; its value is one authority or nothing.
  var hasOneHost: Bool {
    let lines = headers["host"]
    return lines.count == 1 || (lines.isEmpty && version != .http1_1)
  }
}

/// A request that the fast path answers itself, whole.
struct FastPathRequest: Sendable {
  enum Purpose: Sendable {
    case webhook(WebhookKind)
    case link(Routing.Tenant)
  }

  /// Of a body; a longer one is refused.
  static let mostBytes = 64 << 10

  let head: FastPathHead
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

struct FastPathResponse: Sendable {
  var status: HTTPResponseStatus
  var headers: [(String, String)] = []
  var body = ByteBuffer()

  static let noContent = FastPathResponse(status: .noContent)
}

/// What of a request decides how its answer is written: all that is kept of it until then.
struct AnswerForm: Sendable {
  let version: HTTPVersion
  let isKeepAlive: Bool
  let isHead: Bool
  var line: AccessLog.Line?

  init(_ head: FastPathHead) {
    (version, isKeepAlive, isHead) = (head.version, head.isKeepAlive, head.method == .HEAD)
  }

  private init(version: HTTPVersion) { (self.version, isKeepAlive, isHead) = (version, false, false) }

  /// To what is no request: the connection ends with it.
  static let last = AnswerForm(version: .http1_1)
}

extension FastPathResponse {
  /// As HTTP/1 writes it (RFC 9112). Names and values are ours or checked where they came in; a control character in one ends here.
  func bytes(as form: AnswerForm, _ allocator: ByteBufferAllocator) -> ByteBuffer {
    let fields = headers.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count + 4 }
    var out = allocator.buffer(capacity: 256 + status.reasonPhrase.utf8.count + fields + body.readableBytes)
    out.writeWithUnsafeMutableBytes(minimumWritableBytes: 256 + status.reasonPhrase.utf8.count + fields) { bytes in
      var writer = HeadWriter(bytes: bytes)
      writer.write(form.version == .http1_0 ? "HTTP/1.0 " : "HTTP/1.1 ")
      writer.write(Int(status.code))
      writer.write(" ")
      writer.write(text: status.reasonPhrase)
      writer.write("\r\n")
      for (name, value) in headers {
        writer.write(text: name)
        writer.write(": ")
        if value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) { writer.write(text: value) }
        writer.write("\r\n")
      }
      if status != .noContent {
        writer.write("Content-Length: ")
        writer.write(body.readableBytes)
        writer.write("\r\n")
      }
      if !form.isKeepAlive {
        writer.write("Connection: close\r\n")
      } else if form.version == .http1_0 {
        writer.write("Connection: keep-alive\r\n")
      }
      writer.write("Server: roundhouse\r\nDate: ")
      writer.write(text: HTTPDate.now)
      writer.write("\r\n\r\n")
      return writer.count
    }
    if !form.isHead { out.writeImmutableBuffer(body) }
    return out
  }

  /// Writes one piece behind the other into room that was measured before; a piece that does not fit traps.
  private struct HeadWriter {
    let bytes: UnsafeMutableRawBufferPointer
    var count = 0

    mutating func write(_ text: StaticString) {
      text.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
    }

    mutating func write(text: String) {
      var text = text
      text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Of what is not below zero.
    mutating func write(_ number: Int) {
      if number >= 10 { write(number / 10) }
      precondition(count < bytes.count)
      bytes[count] = UInt8(ascii: "0") + UInt8(number % 10)
      count += 1
    }

    private mutating func append(_ piece: UnsafeRawBufferPointer) {
      precondition(piece.count <= bytes.count - count)
      UnsafeMutableRawBufferPointer(rebasing: bytes[count...]).copyMemory(from: piece)
      count += piece.count
    }
  }
}

/// What becomes of a request on the fast path.
enum FastPathVerdict {
  case answer(FastPathResponse)
  /// Answered so once the hit is on disk.
  case keep(LinkHit, of: Routing.Tenant, then: FastPathResponse)
  /// The answer comes through the callback, from any thread, exactly once.
  case later(of: String, @Sendable (_ answer: @escaping @Sendable (FastPathResponse) -> Void) -> Void)
  /// Nothing of ours: Hummingbird's router decides.
  case pass
}

/// Which of the provider's webhooks a request is, judged by its head.
enum WebhookKind {
  case inbound, status

  init?(_ head: FastPathHead) {
    guard head.uri.hasPrefix("/webhooks/") else { return nil }
    switch (FastPathRequest.path(head.uri), head.method) {
    case ("/webhooks/twilio/status", .POST): self = .status
    case ("/webhooks/twilio/inbound", .POST), ("/webhooks/twilio/inbound", .GET): self = .inbound
    default: return nil
    }
  }
}
