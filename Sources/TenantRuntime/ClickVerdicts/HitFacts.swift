/// One request of a short link as it arrived. This is what is kept; verdicts are derived from it and can be derived again.
package struct HitFacts: Sendable, Equatable, Codable {
  package var method: String
  package var userAgent: String
  /// Whole until the hit is applied; then as the tenant's setting keeps it, see `AddressPrivacy`.
  package var address: String
  package var headers: HitHeaders
  /// Known to have come over https, at our own socket or by the word of a trusted proxy.
  package var isSecure: Bool
  /// Whether all of `HitHeader` were looked for: a header that is missing says something only then.
  package var isComplete: Bool
  package var at: Moment

  package static let longestMethod = 20
  package static let longestAgent = 500
  package static let longestValue = 200

  package init(
    method: String, userAgent: String, address: String = "", headers: HitHeaders = [:], isSecure: Bool = false,
    isComplete: Bool = true, at: Moment
  ) {
    self.method = method.cut(Self.longestMethod)
    self.userAgent = userAgent.cut(Self.longestAgent)
    self.address = address
    self.headers = headers
    self.isSecure = isSecure
    self.isComplete = isComplete
    self.at = at
  }

  // Of a referring page only the host is kept.
  fileprivate static func kept(_ header: HitHeader, _ value: String) -> String {
    (header == .referer ? String(host(value)) : value).cut(longestValue)
  }

  private static func host(_ address: String) -> Substring {
    guard let scheme = address.firstRange(of: "://") else { return "" }
    let authority = address[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    return authority.split(separator: "@").last ?? ""
  }
}

/// Reads a request's headers in one pass: keeps and shortens those that are to be kept, the first of each.
package struct HitHeaderReader {
  private var found: String?
  package private(set) var headers = HitHeaders()
  package var agent: String { found ?? "" }

  package init() {}

  /// - Parameter name: in any case of letters.
  package mutating func note(_ name: UnsafeRawBufferPointer, _ value: @autoclosure () -> String) {
    if let header = HitHeader(name) {
      if headers[header] == nil { headers[header] = HitFacts.kept(header, value()) }
    } else if found == nil, HitHeader.isSame(name, Self.agentName) {
      found = value()
    }
  }

  package mutating func note(_ name: String, _ value: String) {
    var name = name
    name.withUTF8 { note(UnsafeRawBufferPointer($0), value) }
  }

  private static let agentName = Array("user-agent".utf8)
}

/// What the house knew around a request: the text it answers, and the network it came from.
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
