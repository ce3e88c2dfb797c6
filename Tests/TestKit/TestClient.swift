import TenantRuntime

/// Talks HTTP to a server under test, over a real port.
package struct TestClient: Sendable {
  package let base: String
  private static let client = CurlClient(connections: 8)

  package init(port: Int) { base = "http://127.0.0.1:\(port)" }

  /// - Parameter session: the token of a browser that has signed in, on a page of the server.
  package func status(
    _ method: String, _ path: String, key: String?, session: String? = nil, body: String = ""
  ) async -> Int? {
    var call = HTTPCall(url: base + path, turnKey: "test")
    call.method = method
    call.body = Array(body.utf8)
    call.headers =
      ["Content-Type: application/json"] + (key.map { ["Authorization: Bearer \($0)"] } ?? [])
      + (session.map { ["Cookie: session=\($0)", "Sec-Fetch-Site: same-origin"] } ?? [])
    guard case .answered(let status, _) = await Self.client.send(call) else { return nil }
    return status
  }
}
