import TenantRuntime
import Testing

@Suite struct MessageTemplateTests {
  private func render(_ body: String, _ fields: [String: String]) throws -> String? {
    try MessageTemplate(body).render(field: { fields[$0] }, link: { "L\($0)" })
  }

  @Test func aFieldWithoutValueUsesItsDefault() throws {
    #expect(try render("Hi {{first_name|there}}!", [:]) == "Hi there!")
    #expect(try render("Hi {{first_name|there}}!", ["first_name": "Zoë"]) == "Hi Zoë!")
  }

  @Test func aFieldWithoutValueAndDefaultRefusesTheText() throws {
    #expect(try render("Hi {{first_name}}", [:]) == nil)
    #expect(try render("Hi {{first_name}}", ["first_name": ""]) == nil)
  }

  @Test func plainAddressesBecomeLinksWithoutTheirPunctuation() throws {
    let template = try MessageTemplate("See https://example.com/a?b=1. Or (http://example.org).")
    #expect(template.targets.map(\.written) == ["https://example.com/a?b=1", "http://example.org"])
    #expect(try render("See https://example.com/a.", [:]) == "See L0.")
  }

  @Test(arguments: [
    "{{", "{{first_name", "{{a&b}}", "{{}}", "{{|x}}", "{{_}}", "https://user:pw@example.com/", "https://{{a|b}}.test/",
    "https://x.test{{a|b}}",
  ])
  func aBrokenTemplateIsRefused(_ body: String) {
    #expect(throws: MessageTemplate.Problem.self) { try MessageTemplate(body) }
  }

  @Test(arguments: [
    ("https://shop.test/?u={{first_name|friend}}", "https://shop.test/?u={{first_name|friend}}", "See L0"),
    ("https://shop.test/{{a|x y}}/b?c={{d}}&e.", "https://shop.test/{{a|x y}}/b?c={{d}}&e", "See L0."),
    ("https://shop.test/{{a|b}}{{c|d}}, then", "https://shop.test/{{a|b}}{{c|d}}", "See L0, then"),
    ("https://shop.test/ {{first_name|there}}", "https://shop.test/", "See L0 there"),
    ("https://shop.test/?u={{first_name|a}} {{first_name|b}}", "https://shop.test/?u={{first_name|a}}", "See L0 b"),
    ("https://shop.test/{{unsubscribe_link}}", "https://shop.test/", "See L0L7"),
  ])
  func aLinkHoldsTheFieldsThatTouchIt(_ link: String, _ target: String, _ text: String) throws {
    #expect(try MessageTemplate("See " + link).targets.map(\.written) == [target])
    #expect(try render("See " + link, ["d": "1"]) == text)
  }

  @Test func aFieldOfALinkWithoutValueAndDefaultRefusesTheText() throws {
    #expect(try MessageTemplate("https://shop.test/?u={{code}}").fieldsWithoutDefault == ["code"])
    #expect(try render("https://shop.test/?u={{code}}", [:]) == nil)
    #expect(try render("https://shop.test/?u={{code}}", ["code": "7"]) == "L0")
  }

  @Test func withoutALinkHostTheAddressStandsInTheText() throws {
    let body = "See https://shop.test/É and https://shop.test/?u={{first_name|a b}}"
    let text = try MessageTemplate(body).render(field: { _ in nil }, link: { _ in nil })
    #expect(text == "See https://shop.test/É and https://shop.test/?u=a%20b")
  }

  @Test func anEighthLinkIsRefused() throws {
    let seven = Array(repeating: "https://shop.test/{{a|b}}", count: 7).joined(separator: " ")
    #expect(try MessageTemplate(seven).targets.count == 7)
    #expect(throws: MessageTemplate.Problem.self) { try MessageTemplate(seven + " https://shop.test") }
  }
}
