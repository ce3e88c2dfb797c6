import ControlPlane
import TestKit
import Testing

@testable import Router
@testable import TenantRuntime

/// Forms of pages, as browsers send them.
@Suite struct PageFormTests {
  private let folder = try! TestFolder()
  private static let client = CurlClient(connections: 4)
  private static let browser = String(repeating: "b", count: 32)

  /// - Parameter site: what the browser says of the page that it stands on.
  private static func send(
    _ fields: [(name: String, value: String)], to path: String, _ site: ServedSite, _ session: String,
    from place: String = "same-origin", browser: String? = browser, also: [String] = []
  ) async -> (status: Int, text: String)? {
    var call = HTTPCall(url: "\(site.client.base)/t/acme/do/\(path)", turnKey: "test")
    call.method = "POST"
    call.body = Array(FormBody.encoded(fields).utf8)
    call.headers =
      [
        "Content-Type: application/x-www-form-urlencoded", "Sec-Fetch-Site: \(place)",
        "Cookie: session=\(session)" + (browser.map { "; browser=\($0)" } ?? ""),
      ] + also
    if place == "same-origin" { call.headers.append("Origin: \(site.client.base)") }
    guard case .answered(let status, let bytes) = await client.send(call) else { return nil }
    return (status, String(decoding: bytes, as: UTF8.self))
  }

  @Test func whatWasTypedIsKeptWhateverIsRefused() async throws {
    try await ServedSite.run(folder) { site in
      let session = try await site.session("acme", .owner)
      let token = site.controlPlane.signIn.formToken(of: APIKey.digest(Self.browser))
      func fields(_ token: String, _ body: String) -> [(name: String, value: String)] {
        [("_token", token), ("_from", "templates/new"), ("_once", "abc"), ("name", "Visit"), ("body", body)]
      }
      let words = "Come by on Tuesday"
      // The browser's cookie has ended, or is another one by now.
      for browser in [nil, String(repeating: "c", count: 32)] {
        let old = await Self.send(fields(token, words), to: "templates", site, session, browser: browser)
        #expect(old?.status == 403 && old?.text.contains(words) == true)
        #expect(old?.text.contains("What you typed is still here") == true)
        let fresh = old?.text.firstMatch(of: #/name="_token" value="([0-9a-f]+)"/#)?.1
        #expect(fresh != nil && fresh.map(String.init) != token)
      }
      // More than is taken at once.
      let long = await Self.send(
        fields(token, words + String(repeating: " and more", count: 120_000)), to: "templates", site, session)
      #expect(long?.status == 413 && long?.text.contains(words) == true)
      // What another site has typed is shown to nobody.
      let foreign = await Self.send(fields("", words), to: "templates", site, session, from: "cross-site")
      #expect(foreign?.status == 403 && foreign?.text.contains(words) == false)
      let kept = await Self.send(fields(token, words), to: "templates", site, session)
      #expect(kept?.status == 303)
    }
  }

  @Test func whatCannotBeTakenBackIsCarriedOutWhenItsFormComesOnceMore() async throws {
    try await ServedSite.run(folder) { site in
      let session = try await site.session("acme", .owner)
      let token = site.controlPlane.signIn.formToken(of: APIKey.digest(Self.browser))
      let (key, text) = APIKey.make(tenant: "acme", scope: .role(.owner), name: "Shop")
      _ = try await site.controlPlane.perform(.addKey(key), by: .command("test"))
      let hidden = [
        ("_token", token), ("_from", "settings/keys"), ("_method", "DELETE"), ("_done", "revoked"),
        ("_what", "Shop <b>"),
      ]
      let fields = hidden.map { (name: $0.0, value: $0.1) }
      let path = "api-keys/\(key.id)"
      let asked = await Self.send(fields, to: path, site, session)
      #expect(asked?.status == 200 && asked?.text.contains("Revoke this key?") == true)
      #expect(asked?.text.contains(#"<input type="hidden" name="_method" value="DELETE">"#) == true)
      #expect(asked?.text.contains(#"href="/t/acme/settings/keys""#) == true)
      #expect(asked?.text.contains("<b>Shop &lt;b&gt;</b>") == true)
      // Another site's form is not even asked about.
      #expect(await Self.send(fields, to: path, site, session, from: "cross-site")?.status == 403)
      #expect(await site.client.status("GET", "/api/v1/tenants/acme/contacts", key: text) == 200)
      let done = await Self.send(fields + [(name: "_sure", value: "1")], to: path, site, session)
      #expect(done?.status == 303)
      site.goAhead(seconds: 2)
      #expect(await site.client.status("GET", "/api/v1/tenants/acme/contacts", key: text) == 401)
    }
  }

  @Test func aScriptThatSavesIsAnsweredAtOnceAndWithoutAPage() async throws {
    try await ServedSite.run(folder) { site in
      let session = try await site.session("acme", .owner)
      let token = site.controlPlane.signIn.formToken(of: APIKey.digest(Self.browser))
      let saved = await Self.send(
        [("_token", token), ("_from", "templates/new"), ("name", "Visit"), ("body", "Come by")], to: "templates", site,
        session, also: ["Fragment: state"])
      #expect(saved?.status == 204 && saved?.text == "")
    }
  }
}
