package import TenantRuntime

/// Talks HTTP to a server under test, over a real port.
package struct TestClient: Sendable {
  package let base: String
  private static let client = CurlClient(connections: 32)

  package init(port: Int) { base = "http://127.0.0.1:\(port)" }

  /// - Parameter session: the token of a browser that has signed in, on a page of the server.
  package func status(
    _ method: String, _ path: String, key: String?, session: String? = nil, body: String = ""
  ) async -> Int? {
    await answer(method, path, key: key, session: session, body: body)?.status
  }

  /// Nil when none has come whole, or what was begun was cut off.
  package func answer(
    _ method: String, _ path: String, key: String?, session: String? = nil, body: String = "",
    within: Duration = .seconds(20)
  ) async -> (status: Int, text: String)? {
    var call = HTTPCall(url: base + path, turnKey: "test")
    call.timeout = within
    call.method = method
    call.body = Array(body.utf8)
    call.headers =
      ["Content-Type: application/json"] + (key.map { ["Authorization: Bearer \($0)"] } ?? [])
      + (session.map { ["Cookie: session=\($0)", "Sec-Fetch-Site: same-origin"] } ?? [])
    guard case .answered(let status, let bytes) = await Self.client.send(call) else { return nil }
    return (status, String(decoding: bytes, as: UTF8.self))
  }

  /// Asks one tenant's API, by a path below its own; an answer that is no JSON is null.
  package func ask(
    _ method: String, _ path: String, of tenant: String = "acme", key: String, _ body: JSON? = nil,
    ifMatch: String? = nil
  ) async -> (status: Int, json: JSON) {
    var call = HTTPCall(url: "\(base)/api/v1/tenants/\(tenant)/\(path)", turnKey: "test")
    call.method = method
    call.body = body.map { Array($0.serialized.utf8) } ?? []
    call.headers =
      ["Authorization: Bearer \(key)"] + (body == nil ? [] : ["Content-Type: application/json"])
      + (ifMatch.map { ["If-Match: \($0)"] } ?? [])
    guard case .answered(let status, let bytes) = await Self.client.send(call) else { return (0, .null) }
    return (status, (try? JSON(parsing: String(decoding: bytes, as: UTF8.self))) ?? .null)
  }
}

extension JSON {
  /// The fields that a problem document names.
  package var errorFields: Set<String> { Set((self["errors"]?.list ?? []).compactMap { $0["field"]?.text }) }
}
