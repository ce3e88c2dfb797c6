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
    #expect(template.links == ["https://example.com/a?b=1", "http://example.org"])
    #expect(try render("See https://example.com/a.", [:]) == "See L0.")
  }

  @Test(arguments: ["{{", "{{first_name", "{{a-b}}", "https://user:pw@example.com/"])
  func aBrokenTemplateIsRefused(_ body: String) {
    #expect(throws: MessageTemplate.Problem.self) { try MessageTemplate(body) }
  }
}
