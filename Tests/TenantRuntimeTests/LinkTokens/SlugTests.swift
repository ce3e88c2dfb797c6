import Testing

@testable import TenantRuntime

@Suite struct SlugTests {
  @Test(arguments: [("summer-sale", "summer-sale"), ("Summer_24", "summer_24"), ("ab", "ab"), ("SUMMER24", "summer24")])
  func capitalsAreTheSame(_ text: String, _ slug: String) { #expect(Slug(text[...])?.text == slug) }

  @Test(arguments: [
    "", "a", "a b", "a.b", "a/b", "ü-x", "a%20b", "robots.txt", ".well-known", String(repeating: "a", count: 65),
  ])
  func whatIsNoSlugIsNone(_ text: String) { #expect(Slug(text[...]) == nil) }

  @Test func ofEightCharactersEverySpellingIsKnown() {
    #expect(Set(Slug("ab-12345")?.spellings ?? []) == ["ab-12345", "Ab-12345", "aB-12345", "AB-12345"])
    #expect(Slug("abcdefgh")?.spellings.count == 256)
    #expect(Slug("abcdefg")?.spellings == [])
  }
}
