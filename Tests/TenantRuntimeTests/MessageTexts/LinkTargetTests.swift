import Foundation
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct LinkTargetTests {
  private func filled(_ target: String, _ values: [String: String] = [:]) throws -> String {
    try LinkTarget(target).filled { values[$0] }
  }

  @Test(arguments: [
    ("https://shop.test/a?b=1#c", "https://shop.test/a?b=1#c"),
    ("HTTP://Shop.Test:8080/A", "http://shop.test:8080/A"),
    ("https://example.com", "https://example.com"),
    ("https://example.com?x=1", "https://example.com?x=1"),
    ("https://example.com/é?ü=1|2", "https://example.com/%C3%A9?%C3%BC=1%7C2"),
    ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ("https://[::1]:81/", "https://[::1]:81/"),
    ("https://example.com/50%25", "https://example.com/50%25"),
    ("https://shop.test/\\evil.test", "https://shop.test/%5Cevil.test"),
  ])
  func aPlainAddressIsSentAsBrowsersReadIt(_ written: String, _ sent: String) throws {
    #expect(try filled(written) == sent)
  }

  @Test(arguments: [
    "", "shop.test", "ftp://shop.test/", "javascript:alert(1)//http://x", "https://", "https:///path",
    "https://u@shop.test/",
    "https://u:p@shop.test/", "https://shop.test\\@evil.test/", "https://shop.test:99999/", "https://shop.test:0/",
    "https://shop test/", "https://shop.test/a b", "https://shop.test/\r\nX: 1", "https://shop.test/\u{0}",
    "https://%65vil.test/",
    "https://{{first_name}}/", "https://{{first_name}}.shop.test/", "https://shop.test{{first_name}}/",
    "https://shop.test:80{{first_name}}",
    "https://shop.test.{{first_name}}", "{{first_name}}://shop.test/", "https://shop.test/{{a&b}}",
    "https://shop.test/{{first_name",
    "https://shop.test/{{unsubscribe_link}}", "https://shop.test/.%2{{first_name}}/",
    "https://shop.test/%{{first_name}}",
    "https://shop.test\\evil.test/", "https://shop.test/" + String(repeating: "a", count: 2_000),
  ])
  func whatIsNoPlainAddressIsRefused(_ written: String) {
    #expect(throws: MergeField.Problem.self) { try LinkTarget(written) }
  }

  @Test func aFieldTakesItsValueElseItsDefaultElseNothing() throws {
    let target = "https://shop.test/?u={{first_name|a friend}}&id={{code}}"
    #expect(try filled(target, ["first_name": "Zoë", "code": "7"]) == "https://shop.test/?u=Zo%C3%AB&id=7")
    #expect(try filled(target) == "https://shop.test/?u=a%20friend&id=")
    #expect(
      try filled("https://shop.test/?p={{phone}}", ["phone": "+14155550123"]) == "https://shop.test/?p=%2B14155550123")
  }

  @Test(arguments: [
    "/../../admin", "?x=1", "#frag", "&admin=1", "@evil.test", "//evil.test", "\\\\evil.test", "\r\nSet-Cookie: a=b",
    "%2e%2e",
    "a/b", "{{email}}", "\u{202E}",
  ])
  func aValueNeverLeavesItsPlace(_ value: String) throws {
    let sent = try filled("https://shop.test/u/{{first_name}}/cart?x=1", ["first_name": value])
    #expect(sent.hasPrefix("https://shop.test/u/") && sent.hasSuffix("/cart?x=1"))
    let middle = sent.dropFirst("https://shop.test/u/".count).dropLast("/cart?x=1".count)
    #expect(middle.wholeMatch(of: /([A-Za-z0-9._~-]|%[0-9A-F]{2})*/) != nil, "\(middle)")
  }

  @Test(arguments: [".", "..", "..."]) func aValueOfDotsIsNoFolder(_ value: String) throws {
    #expect(try filled("https://shop.test/{{first_name|x}}/cart", ["first_name": value]) == "https://shop.test/x/cart")
    #expect(try filled("https://shop.test/{{first_name|..}}/cart", ["first_name": value]) == "https://shop.test//cart")
  }

  /// Each sign with an accent over it: to a browser still the sign.
  @Test(arguments: [
    "https://shop.test@\u{301}evil.test/", "https://shop.test\\\u{301}evil.test/", "https://shop.test%\u{301}41/",
    "https://a\u{301}@evil.test/",
  ])
  func noSignHidesUnderAnAccent(_ target: String) { #expect(throws: (any Error).self) { try LinkTarget(target) } }

  @Test func anAccentOverASlashIsInThePath() throws {
    let target = try LinkTarget("https://shop.test/\u{301}@evil.test/?a={{first_name|x}}")
    #expect(target.host == "shop.test")
    #expect(target.filled { _ in nil } == "https://shop.test/%CC%81@evil.test/?a=x")
  }

  @Test func noMixtureOfHostileCharactersLeavesItsPlace() throws {
    let target = try LinkTarget("https://shop.test/u/{{a}}-{{b}}/{{a}}?x={{b}}#{{a}}")
    let letters = Array("./\\%2eE?#&=@: \t\r\n\u{0}<>\"'é\u{202E}{}|;+")
    var chance = Chance()
    for _ in 0..<5_000 {
      let (a, b) = (value(letters, &chance), value(letters, &chance))
      let sent = target.filled { $0 == "a" ? a : b }
      let shape = /https:\/\/shop\.test\/u\/[^\/?#\\\s]*-[^\/?#\\\s]*\/[^\/?#\\\s]*\?x=[^\/?#&\\\s]*#[^\/?#\\\s]*/
      #expect(sent.wholeMatch(of: shape) != nil && sent.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "\(sent)")
      // As a browser reads folders: none of them is "here" or "above".
      let folders = sent.prefix { $0 != "?" }.split(separator: "/").dropFirst(2)
      #expect(!folders.contains { [".", "..", "%2e", "%2e%2e", ".%2e", "%2e."].contains($0.lowercased()) }, "\(sent)")
    }
  }

  private func value(_ letters: [Character], _ chance: inout Chance) -> String {
    String((0..<chance.below(7)).map { _ in chance.pick(letters) })
  }

  @Test func aLongValueIsCut() throws {
    let sent = try filled("https://shop.test/?u={{first_name}}", ["first_name": String(repeating: "a", count: 5_000)])
    #expect(sent.utf8.count < 300)
  }

  // MARK: Hosts

  @Test(arguments: [
    ("https://shop.test/", true), ("https://SHOP.test:8443/x", true), ("https://a.b.pages.test/", true),
    ("https://pages.test/", false),
    ("https://evilpages.test/", false), ("https://shop.test.evil.test/", false),
    ("https://evil.test/?shop.test", false),
  ])
  func onlyListedHostsAreLedTo(_ target: String, _ isAllowed: Bool) throws {
    var settings = LinkSettings()
    settings.targetHosts = ["shop.test", "*.pages.test"]
    #expect((settings.problem(with: try LinkTarget(target), own: []) == nil) == isAllowed)
    #expect(LinkSettings().problem(with: try LinkTarget(target), own: []) == nil)
  }

  @Test(arguments: [
    ("https://go.shop.test/menu", false), ("HTTPS://GO.shop.test:8443/u/x?a={{first_name|b}}", false),
    ("https://shop.test/go.shop.test", true),
  ])
  func aShortLinkLeadsToNoShortLink(_ target: String, _ isAllowed: Bool) throws {
    let problem = LinkSettings().problem(with: try LinkTarget(target), own: ["links.test", "go.shop.test"])
    #expect((problem == nil) == isAllowed)
    #expect(problem?.contains("go.shop.test") ?? true)
  }

  // MARK: Bounds

  @Test func aLinkHoldsAFewFieldsAndNoMore() throws {
    let ten = "https://shop.test/?" + String(repeating: "{{first_name|x}}", count: 10)
    #expect(try LinkTarget(ten).fields.count == 10)
    #expect(throws: MergeField.Problem.self) { try LinkTarget(ten + "{{first_name|x}}") }
  }

  @Test(arguments: [
    "https://shop.test/" + String(repeating: "é", count: 400),
    "https://shop.test/?a={{a|" + String(repeating: "👩", count: 200) + "}}",
    "https://shop.test/" + String(repeating: "👩", count: 170) + "{{a}}",
  ])
  func whatIsLongOnceItIsWrittenForTheWireIsRefused(_ target: String) {
    #expect(throws: MergeField.Problem.self) { try LinkTarget(target) }
  }

  @Test func noValuesMakeAFinishedAddressLongerThanALineOfAHeader() throws {
    let fixed = "https://shop.test/" + String(repeating: "a", count: 1_800) + "?"
    let target = try LinkTarget(fixed + (0..<10).map { "{{f\($0)}}" }.joined())
    for letter in ["a", "é", "山", "👩🏽‍🚀"] {
      let sent = target.filled { _ in String(repeating: letter, count: 500) }
      #expect(sent.utf8.count <= LinkTarget.mostBytes, "\(letter): \(sent.utf8.count)")
      #expect(sent.utf8.count > fixed.utf8.count + 500)
      #expect(sent.removingPercentEncoding != nil, "no character is cut in two")
    }
  }
}
