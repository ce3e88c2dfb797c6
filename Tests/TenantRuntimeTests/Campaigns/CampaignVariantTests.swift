import GRDB
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct CampaignVariantTests {
  private static let rules = BodyRules(
    fields: ["city"], links: LinkSettings(targetHosts: ["shop.test"]), hosts: [])
  private static let four = (1...4).map { "https://shop.test/\($0)" }.joined(separator: " ")

  @Test(
    arguments: [
      (#"[{"name": "A", "body": "a"}, {"name": "B", "body": "b", "weight": 100}]"#, []),
      (#"[{"name": "A", "body": "a"}]"#, ["variants"]), ("[]", ["variants"]), ("7", ["variants"]),
      (
        #"[{"name":"A","body":"a"},{"name":"B","body":"a"},{"name":"C","body":"a"},{"name":"D","body":"a"},{"name":"E","body":"a"}]"#,
        []
      ),
      ("[1, 2, 3, 4, 5, 6]", ["variants"]), (#"[{"name": "A", "body": "a"}, null]"#, ["variants[1]"]),
      (#"[{"name": "A", "body": "a"}, {}]"#, ["variants[1].name", "variants[1].body"]),
      (#"[{"name": "A", "body": "a"}, {"name": " a ", "body": "b"}]"#, ["variants[1].name"]),
      (
        #"[{"name": "A\nB", "body": "a"}, {"name": "\u001b[2J", "body": "b"}]"#,
        ["variants[0].name", "variants[1].name"]
      ),
      (#"[{"name": "  ", "body": "a"}, {"name": "B", "body": " "}]"#, ["variants[0].name", "variants[1].body"]),
      (
        #"[{"name": "01234567890123456789012345678901234567890", "body": "a"}, {"name": "B", "body": "b"}]"#,
        ["variants[0].name"]
      ),
      (#"[{"name": 5, "body": "a"}, {"name": "B", "body": ["b"]}]"#, ["variants[0].name", "variants[1].body"]),
      (
        #"[{"name": "A", "body": "a", "weight": 0}, {"name": "B", "body": "b", "weight": 101}]"#,
        ["variants[0].weight", "variants[1].weight"]
      ),
      (
        #"[{"name": "A", "body": "a", "weight": 1.5}, {"name": "B", "body": "b", "weight": "2"}]"#,
        ["variants[0].weight", "variants[1].weight"]
      ),
      (#"[{"name": "A", "body": "a", "share": 1}, {"name": "B", "body": "b"}]"#, ["variants[0].share"]),
      (
        #"[{"name": "A", "body": "{{town}}"}, {"name": "B", "body": "{{city}} {{town|here}}"}]"#,
        ["variants[0].body", "variants[1].body"]
      ),
      (#"[{"name": "A", "body": "a"}, {"name": "B", "body": "Hi {{first_name"}]"#, ["variants[1].body"]),
      (#"[{"name": "A", "body": "a"}, {"name": "B", "body": "https://other.test/"}]"#, ["variants[1].body"]),
      (#"[{"name": "A", "body": "a"}, {"name": "B", "body": "{{unsubscribe_link}}"}]"#, ["variants[1].body"]),
      (
        #"[{"name": "A", "body": "\#(four)"}, {"name": "B", "body": "https://shop.test/ https://shop.test/ https://shop.test/"}]"#,
        []
      ),
      (
        #"[{"name": "A", "body": "\#(four)"}, {"name": "B", "body": "\#(four)"}, {"name": "C", "body": "c"}]"#,
        ["variants[1].body", "variants[2].body"]
      ),
    ] as [(String, [String])])
  func whatIsWrongIsNamed(_ variants: String, _ wrong: [String]) throws {
    var fields = try Fields(JSON(parsing: #"{"variants": \#(variants)}"#))
    let read = CampaignVariant.read(&fields, Self.rules)
    #expect(read != nil)
    do {
      try fields.finish()
      #expect(wrong == [])
    } catch Refusal.invalid(let errors) {
      #expect(errors.map(\.field) == wrong)
    }
  }

  @Test func noneAreNotAnEmptyList() throws {
    for body in ["{}", #"{"variants": null}"#] {
      var fields = try Fields(JSON(parsing: body))
      #expect(CampaignVariant.read(&fields, Self.rules) == nil)
    }
  }

  @Test func whatIsStoredIsReadAgain() throws {
    let variants = [
      CampaignVariant(name: "\"A\"", body: "a\n{{x|}}", weight: 7), CampaignVariant(name: "Ü", body: "😀"),
    ]
    #expect(try CampaignVariant.read(stored: CampaignVariant.stored(variants)) == variants)
    #expect(CampaignVariant.stored([]) == nil)
  }

  @Test func linksAreNumberedThroughAllVariants() throws {
    let texts = CampaignTexts(
      body: "ignored https://shop.test/0",
      variants: [
        CampaignVariant(name: "A", body: "https://shop.test/1 https://shop.test/2"),
        CampaignVariant(name: "B", body: "none"),
        CampaignVariant(name: "C", body: "{{unsubscribe_link}} https://shop.test/1"),
      ])
    #expect(texts.links.map(\.number) == [0, 1, 2])
    #expect(texts.links.map(\.variant) == [1, 1, 3])
    #expect(texts.links.map(\.target.written) == ["https://shop.test/1", "https://shop.test/2", "https://shop.test/1"])
    let nobody = Row(["first_name": nil, "last_name": nil, "email": nil, "fields": "{}"])
    func text(_ variant: Int64?) -> String? {
      texts.render(variant: variant, contact: nobody, phone: PhoneNumber(digits: 14_157_000_000)!, host: "go.test") {
        "L\($0)"
      }
    }
    #expect(text(1) == "https://go.test/L0 https://go.test/L1" && text(2) == "none")
    #expect(text(3) == "https://go.test/u/L7 https://go.test/L2")
    #expect(text(nil) == text(1) && text(4) == nil && text(0) == nil && text(-1) == nil)
  }
}
