import Crypto
import Synchronization

/// What a client says of itself when it asks for a short link: its user agent and the headers of `HitHeader`.
///
/// Phones of one make and language say the same, so it is kept once for all the hits that say it: in memory (`HitClients`), in a row of
/// the intake (`HitBatch`) and in a tenant's file (`hit_clients`).
package struct HitClient: Sendable {
  private final class ClientFingerprint: Sendable {
    let line: [UInt8]
    let userAgent: String
    let headers: HitHeaders
    let digest: Int64

    init(_ line: [UInt8], _ userAgent: String, _ headers: HitHeaders) {
      (self.line, self.userAgent, self.headers) = (line, userAgent, headers)
      digest = HitClient.digest(userAgent, headers)
    }
  }

  private let fingerprint: ClientFingerprint

  package var userAgent: String { fingerprint.userAgent }
  package var headers: HitHeaders { fingerprint.headers }
  /// The same for all that say the same, in whatever order. Others may share it: compare what they say.
  var digest: Int64 { fingerprint.digest }
  /// As the intake keeps it, see `HitClientLine`.
  var line: [UInt8] { fingerprint.line }
  /// Tells those apart that memory holds.
  var id: ObjectIdentifier { ObjectIdentifier(fingerprint) }

  package init(userAgent: String, headers: HitHeaders = [:]) {
    var line = HitClientLine()
    line.append(agent: userAgent)
    headers.forEach { header, value in line.append(header, value) }
    self.init(line: line)
  }

  init(line: HitClientLine) {
    let (userAgent, headers) = line.read()
    fingerprint = ClientFingerprint(line.bytes, userAgent, headers)
  }

  private static func digest(_ userAgent: String, _ headers: HitHeaders) -> Int64 {
    var hash = SHA256()
    hash.update(data: Array(userAgent.utf8))
    headers.forEachByName { header, value in
      hash.update(data: [0, header.rawValue])
      hash.update(data: Array(value.utf8))
    }
    return hash.finalize().prefix(8).reduce(0) { $0 << 8 | Int64($1) }
  }
}

extension HitClient: Equatable {
  package static func == (left: HitClient, right: HitClient) -> Bool {
    left.fingerprint === right.fingerprint || left.userAgent == right.userAgent && left.headers == right.headers
  }
}

extension HitClient: Codable {
  private enum CodingKeys: String, CodingKey {
    case userAgent = "user_agent"
    case headers
  }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      userAgent: try fields.decode(String.self, forKey: .userAgent),
      headers: try fields.decode(HitHeaders.self, forKey: .headers))
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(userAgent, forKey: .userAgent)
    try fields.encode(headers, forKey: .headers)
  }
}

/// The clients that ask just now, each once: two generations, so that the newest half is always there.
package final class HitClients: Sendable {
  private struct State {
    var young: [HitClientLine: HitClient] = [:]
    var old: [HitClientLine: HitClient] = [:]
  }

  private let state = Mutex(State())
  /// In each generation; a client takes some two kilobytes.
  private let most: Int

  package init(most: Int = 2_000) { self.most = most }

  var count: Int { state.withLock { $0.young.count + $0.old.count } }

  package func client(_ reader: HitHeaderReader) -> HitClient {
    if let client = state.withLock({ $0.young[reader.line] }) { return client }
    let client = state.withLock { $0.old[reader.line] } ?? HitClient(line: reader.line)
    state.withLock { state in
      if state.young.count >= most { (state.old, state.young) = (state.young, [:]) }
      state.young[reader.line] = client
    }
    return client
  }
}
