import TenantRuntime

/// Who asks, as far as the proxies before this server may be believed.
struct Client: Sendable, Equatable {
  /// Canonical text; the peer's own words when they are no address.
  var address: String
  /// Known to have come over TLS. This server itself speaks plain HTTP: only a trusted proxy can know.
  var isSecure = false
  /// By whom it is counted: an IPv4 address, or the /64 of an IPv6 one, which is one customer's.
  var network: String {
    guard let address = IPAddress(withZone: self.address), !address.isV4 else { return self.address }
    return Network(address, bits: 64).description
  }
  /// The host that was asked for, by a trusted proxy's word; nil: the request's own `Host` holds.
  var host: String?
}

/// The networks whose `X-Forwarded-For`, `-Proto` and `-Host` are believed. From anybody else they are words of a stranger and not looked at.
///
/// Each proxy appends what it saw, so the lists are read from the right: an address that is a trusted proxy's own is passed over, the first
/// other one is the client. What stands left of it the client may have written himself. Knows nothing of the server around it.
struct TrustedProxies: Sendable, Equatable {
  private let networks: NetworkList
  /// Only the end of a list is read: so many bytes, so many entries.
  static let longest = 2_048
  static let mostHops = 20
  static let longestHost = 255

  init(_ networks: [Network] = []) { self.networks = NetworkList(networks) }

  /// `10.0.0.0/8,fd00::/8`, with commas or spaces.
  init(text: String) throws {
    self.init(
      try text.split(whereSeparator: { $0 == "," || $0 == " " }).map { word in
        guard let network = Network(word) else { throw NotANetwork(text: String(word.prefix(80))) }
        return network
      })
  }

  struct NotANetwork: Error, Equatable { var text: String }

  func contains(_ peer: String) -> Bool { IPAddress(withZone: peer).map(networks.contains) ?? false }

  /// `header` answers by a name in lower case, several lines of one name joined with commas (RFC 9110 5.3).
  func client(peer: String, header: (String) -> String?) -> Client {
    guard networks.count > 0 else { return Client(address: peer) }
    guard let address = IPAddress(withZone: peer), networks.contains(address) else { return Client(address: peer) }
    var (client, hops) = (address, 1)
    for entry in Self.fromTheRight(header("x-forwarded-for")) {
      // What cannot be read was seen by nobody we trust: the proxy itself is the last one known.
      guard let next = Self.address(entry) else { break }
      client = next
      guard networks.contains(next) else { break }
      hops += 1
    }
    return Client(
      address: client.description, isSecure: Self.value(header("x-forwarded-proto"), hops)?.lowercased() == "https",
      host: Self.value(header("x-forwarded-host"), hops).flatMap(Self.host))
  }

  /// The word of the outermost trusted proxy: as many from the right as there are trusted ones, the first when there are fewer.
  private static func value(_ list: String?, _ hops: Int) -> Substring? {
    var found: Substring?
    for entry in fromTheRight(list).prefix(hops) { found = entry }
    return found
  }

  private static func fromTheRight(_ list: String?) -> [Substring] {
    guard let list else { return [] }
    let end = list.utf8.count <= longest ? list[...] : Substring(list.utf8.suffix(longest))
    return end.split(separator: ",", omittingEmptySubsequences: false).suffix(mostHops).reversed().map { entry in
      let words = entry.drop { $0 == " " || $0 == "\t" }
      return words.lastIndex { $0 != " " && $0 != "\t" }.map { words[...$0] } ?? ""
    }
  }

  /// Some proxies write the port too: `192.0.2.1:5000`, `[2001:db8::1]:5000`.
  private static func address(_ text: Substring) -> IPAddress? {
    if let address = IPAddress(withZone: text) { return address }
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      return IPAddress(withZone: text[text.index(after: text.startIndex)..<end])
    }
    guard let colon = text.lastIndex(of: ":") else { return nil }
    return IPAddress(withZone: text[..<colon])
  }

  private static func host(_ text: Substring) -> String? {
    let isName = text.utf8.allSatisfy { byte in
      byte &- 48 < 10 || (byte | 0x20) &- 97 < 26 || [45, 46, 58, 91, 93, 95].contains(byte)
    }
    return text.isEmpty || text.utf8.count > longestHost || !isName ? nil : text.lowercased()
  }
}
