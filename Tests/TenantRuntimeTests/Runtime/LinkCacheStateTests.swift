import Testing

@testable import TenantRuntime

@Suite struct LinkCacheStateTests {
  let book = LinkCacheState()
  let menu = Slug("menu")!

  @Test func whatIsNotKnownYetIsNotSaidToBeWrong() {
    #expect(book.find(menu) == .notKnownYet)
    book.add(slugs: ["menu": 1])
    #expect(book.find(menu) == .notKnownYet)
    book.fill(slugs: [:], page: LinkPage())
    #expect(book.find(menu) == .none)
    book.add(slugs: ["menu": 1])
    #expect(book.find(menu) == .code(1))
  }

  @Test func eachChangeAndEachOpeningMakesWhatIsRememberedOld() {
    var seen = [book.version]
    book.fill(slugs: [:], page: LinkPage())
    seen.append(book.version)
    book.setPage(LinkPage(name: "Acme"))
    seen.append(book.version)
    book.changed()
    seen.append(book.version)
    #expect(Set(seen).count == 4)
    #expect(book.page.name == "Acme")
  }

  @Test func noTwoTenantsHaveTheSameBook() { #expect(LinkCacheState().id != LinkCacheState().id) }
}
