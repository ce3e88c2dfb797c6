/// One request of a short link as it arrived. This is what is kept; verdicts are derived from it and can be derived again.
package struct HitFacts: Sendable, Equatable, Codable {
  package var method: String
  package var client: HitClient
  /// Whole until the hit is applied; then as the tenant's setting keeps it, see `AddressPrivacy`.
  package var address: String
  /// Known to have come over https, at our own socket or by the word of a trusted proxy.
  package var isSecure: Bool
  /// Whether all of `HitHeader` were looked for: a header that is missing says something only then.
  package var isComplete: Bool
  package var at: Moment

  package var userAgent: String { client.userAgent }
  package var headers: HitHeaders { client.headers }

  /// In bytes of UTF-8.
  package static let longestMethod = 20
  package static let longestAgent = 500
  package static let longestValue = 200

  package init(
    method: String, client: HitClient, address: String = "", isSecure: Bool = false, isComplete: Bool = true, at: Moment
  ) {
    self.method = method.cut(Self.longestMethod)
    self.client = client
    self.address = address
    self.isSecure = isSecure
    self.isComplete = isComplete
    self.at = at
  }

  package init(
    method: String, userAgent: String, address: String = "", headers: HitHeaders = [:], isSecure: Bool = false,
    isComplete: Bool = true, at: Moment
  ) {
    self.init(
      method: method, client: HitClient(userAgent: userAgent, headers: headers), address: address, isSecure: isSecure,
      isComplete: isComplete, at: at)
  }
}

/// Reads a request's headers in one pass where they lie: keeps and shortens those that are to be kept, the first of each.
package struct HitHeaderReader {
  private(set) var line = HitClientLine()

  package init() {}

  /// - Parameter name: in any case of letters.
  package mutating func note(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    if let header = HitHeader(name) {
      // Of a referring page only the host is kept.
      line.append(header, header == .referer ? Self.host(value) : value)
    } else if HitHeader.isSame(name, Self.agentName) {
      line.append(agent: value)
    }
  }

  package mutating func note(_ name: String, _ value: String) {
    var (name, value) = (name, value)
    name.withUTF8 { name in
      value.withUTF8 { note(UnsafeRawBufferPointer(name), UnsafeRawBufferPointer($0)) }
    }
  }

  private static let agentName = Array("user-agent".utf8)

  private static func host(_ address: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let scheme = address.indices.first { address[$0...].starts(with: "://".utf8) }
    guard let start = scheme.map({ $0 + 3 }) else { return UnsafeRawBufferPointer(rebasing: address[..<0]) }
    let end = address[start...].firstIndex { "/?#".utf8.contains($0) } ?? address.endIndex
    let name = address[start..<end].lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? start
    return UnsafeRawBufferPointer(rebasing: address[name..<end])
  }
}

/// What was known around a request: the text it answers, and the network it came from.
package struct HitContext: Sendable, Equatable, Codable {
  package var sentAt: Moment?
  package var deliveredAt: Moment?
  /// Distinct recipients whose links the same network asked for within a minute, this one included; see `BurstWindow`.
  package var recipientsNearby: Int
  /// What the operator's lists say of the address.
  package var listed: ListedNetwork?

  package init(
    sentAt: Moment? = nil, deliveredAt: Moment? = nil, recipientsNearby: Int = 1, listed: ListedNetwork? = nil
  ) {
    self.sentAt = sentAt
    self.deliveredAt = deliveredAt
    self.recipientsNearby = recipientsNearby
    self.listed = listed
  }
}

package enum ListedNetwork: String, Sendable, Codable {
  /// Data centres, security gateways: nobody sits there.
  case scanner
  /// A mobile carrier, whose few addresses stand for thousands of phones.
  case carrier
}

extension String {
  /// At most so many bytes of UTF-8; a character cut in two is replaced.
  fileprivate func cut(_ bytes: Int) -> String {
    utf8.count <= bytes ? self : String(decoding: utf8.prefix(bytes), as: UTF8.self)
  }
}
