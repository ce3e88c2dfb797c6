import HTTPTypes
import Testing

@testable import Router

@Suite struct CookieTests {
  private func headers(_ lines: String...) -> HTTPFields {
    var headers = HTTPFields()
    for line in lines { headers[values: .cookie].append(line) }
    return headers
  }

  @Test func aCookieIsReadByItsWholeName() {
    let plain = Cookies(isSecure: false)
    #expect(plain.value(.session, in: headers("a=1; session=abc; b=2")) == "abc")
    #expect(plain.value(.session, in: headers("xsession=no", "session=abc")) == "abc")
    #expect(plain.value(.session, in: headers("session=first; session=second")) == "first")
    for none in ["", "session", "sessions=1", "session2=1", "__Host-session=abc", "=abc"] {
      #expect(plain.value(.session, in: headers(none)) == nil, "\(none)")
    }
  }

  @Test func overTLSOnlyTheNameThatBrowsersHoldCounts() {
    let secure = Cookies(isSecure: true)
    #expect(secure.value(.session, in: headers("session=planted; __Host-session=abc")) == "abc")
    #expect(secure.value(.session, in: headers("session=planted")) == nil)
    #expect(
      secure.set(.session, "abc") == "__Host-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=2592000")
    // A page may stand open as long as somebody is signed in.
    #expect(secure.set(.browser, "abc").hasSuffix("Max-Age=2592000"))
    #expect(secure.remove(.code) == "__Host-code=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0")
  }

  @Test func aValueNeverEndsItselfAndComesBackAsItWas() {
    let plain = Cookies(isSecure: false)
    for value in [
      "/t/acme/x?a=1;%20Domain=evil.example", "a b", "\"q\"", "a,b\\c", "100%", "%3B", "é\r\nSet-Cookie: a=b", "",
    ] {
      let line = plain.set(.next, value)
      let written = line.dropFirst("next=".count).prefix { $0 != ";" }
      #expect(line == "next=\(written); Path=/; HttpOnly; SameSite=Lax; Max-Age=600")
      #expect(written.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\",\\".utf8.contains($0) }, "\(line)")
      #expect(plain.value(.next, in: headers("next=\(written)")) == value)
    }
    // What another program writes is taken as it is.
    #expect(plain.value(.next, in: headers("next=%zz")) == "%zz")
  }

  @Test func aFloodOfCookiesIsReadToABound() {
    let many = (0..<10_000).map { "c\($0)=1" }.joined(separator: "; ")
    #expect(Cookies(isSecure: false).value(.session, in: headers(many + "; session=abc")) == nil)
    #expect(
      Cookies(isSecure: false).value(.session, in: headers("session=" + String(repeating: "a", count: 5_000)))?.utf8
        .count == 300)
  }

  @Test func whereAFormComesFromDecides() {
    let hosts = ["crm.example", "127.0.0.1:8080"]
    func finding(_ origin: String?, _ site: String?) -> OriginCheck.Finding {
      var headers = HTTPFields()
      headers[.origin] = origin
      headers[HTTPField.Name("Sec-Fetch-Site")!] = site
      return OriginCheck.finding(headers, hosts: hosts)
    }
    #expect(finding("https://crm.example", nil) == .own && finding("http://127.0.0.1:8080", "same-origin") == .own)
    #expect(finding(nil, "same-origin") == .own && finding(nil, nil) == .unknown && finding(nil, "none") == .unknown)
    for foreign in [
      "https://evil.example", "null", "", "https://crm.example.evil.example", "https://crm.example:444", "crm.example",
    ] {
      #expect(finding(foreign, nil) == .foreign && finding(foreign, "same-origin") == .foreign, "\(foreign)")
    }
    for site in ["cross-site", "same-site", "SAME-ORIGIN"] {
      #expect(finding("https://crm.example", site) == .foreign, "\(site)")
    }
  }
}
