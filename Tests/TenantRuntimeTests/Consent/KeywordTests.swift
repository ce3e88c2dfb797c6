import TenantRuntime
import Testing

@Suite struct KeywordTests {
  @Test(arguments: [
    "STOP", "stop.", " Stop! ", "UNSUBSCRIBE", "Opt out", "OPTOUT", "revoke", "end", "quit", "cancel", "STOPALL",
  ])
  func aWholeBodyThatRevokesIsAStop(_ body: String) { #expect(Keyword(body: body) == .stop) }

  @Test(arguments: ["start", "YES", "Unstop"]) func aWholeBodyThatGrantsIsAStart(_ body: String) {
    #expect(Keyword(body: body) == .start)
  }

  @Test(arguments: ["don't stop", "the end of it", "", "🛑", "yes please"]) func otherTextIsNoKeyword(_ body: String) {
    #expect(Keyword(body: body) == nil)
  }
}
