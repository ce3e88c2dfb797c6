import Crypto
import TenantRuntime

/// What the owner of a host must show, one of two: a TXT record, or a file on the web server that the host leads to now. The token is of one
/// tenant and one host, so that what is shown for another tenant proves nothing.
struct HostChallenge: Sendable, Equatable {
  let host: HostName
  let token: String

  static func newToken() -> String { APIKey.hex(16) }

  var txtName: String { "_roundhouse.\(host)" }
  var txtValue: String { "roundhouse-host=\(token)" }
  /// Where the file lies: an address of its own, for a host may be pending at several tenants; not the token, for there are servers that say
  /// what they are asked.
  var url: String { "http://\(host)/.well-known/roundhouse-host/\(name)" }
  private var name: String {
    SHA256.hash(data: Array(token.utf8)).prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  var json: JSON {
    ["txt_name": .text(txtName), "txt_value": .text(txtValue), "url": .text(url), "body": .text(token)]
  }
}
