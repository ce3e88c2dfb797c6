import Testing

@testable import TenantRuntime

@Suite struct UTMTests {
  static let utm = UTM(source: "sms", medium: "text message")

  @Test(arguments: [
    ("https://shop.test/", "https://shop.test/?utm_source=sms&utm_medium=text%20message&utm_campaign=spring-sale"),
    (
      "https://shop.test/?a=1#top",
      "https://shop.test/?a=1&utm_source=sms&utm_medium=text%20message&utm_campaign=spring-sale#top"
    ),
    ("https://shop.test/?", "https://shop.test/?utm_source=sms&utm_medium=text%20message&utm_campaign=spring-sale"),
    (
      "https://shop.test/?a=1&",
      "https://shop.test/?a=1&utm_source=sms&utm_medium=text%20message&utm_campaign=spring-sale"
    ),
    (
      "https://shop.test/?UTM_Source=x&utm_campaign=",
      "https://shop.test/?UTM_Source=x&utm_campaign=&utm_medium=text%20message"
    ),
    (
      "https://shop.test/#utm_source=1",
      "https://shop.test/?utm_source=sms&utm_medium=text%20message&utm_campaign=spring-sale#utm_source=1"
    ),
  ])
  func parametersAreAddedWhereTheTargetLacksThem(_ target: String, _ expected: String) {
    #expect(Self.utm.added(to: target, campaign: "Spring SALE!") == expected)
  }

  @Test func aTargetThatHasThemAllStaysAsItIs() {
    let target = "https://shop.test/?utm_source=a&utm_medium=b&utm_campaign=c#d"
    #expect(Self.utm.added(to: target, campaign: "Spring") == target)
    #expect(UTM(campaign: false).added(to: "https://shop.test/", campaign: "Spring") == "https://shop.test/")
    #expect(UTM().added(to: "https://shop.test/", campaign: nil) == "https://shop.test/")
  }

  @Test(arguments: [
    (UTM(), "https://shop.test/", "https://shop.test/?utm_campaign=spring&utm_content=b-side"),
    (UTM(), "https://shop.test/?UTM_content=mine", "https://shop.test/?UTM_content=mine&utm_campaign=spring"),
    (UTM(campaign: false, content: false), "https://shop.test/", "https://shop.test/"),
  ])
  func aVariantsNameIsTheContentWhereItIsWanted(_ utm: UTM, _ target: String, _ expected: String) {
    #expect(utm.added(to: target, campaign: "Spring", variant: "B side") == expected)
  }

  @Test(
    arguments: [("Été 2026: Sale!", "ete-2026-sale"), ("--", nil), ("a", "a"), ("Größe", "grosse")]
      as [(String, String?)])
  func aNameBecomesASlug(_ name: String, _ slug: String?) { #expect(UTM.slug(name) == slug) }
}
