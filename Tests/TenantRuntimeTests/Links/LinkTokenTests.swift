import TenantRuntime
import Testing

@Suite struct LinkTokenTests {
  static let key = (0..<32).map { UInt8($0) }

  @Test func everyTokenLeadsBackToItsJobAndLink() {
    for job in stride(from: Int64(1), through: LinkToken.highestJobID, by: 53_687_091) {
      for link in 0..<8 {
        let token = LinkToken(jobID: job, link: link)
        let text = token.text(key: Self.key)
        #expect(text.utf8.count == 8)
        #expect(LinkToken(text: text, key: Self.key) == token)
      }
    }
  }

  @Test func aTokenOfAnotherTenantDiesByArithmetic() {
    let other = Self.key.map { $0 ^ 0x55 }
    let passed = (1...2_000).filter {
      LinkToken(text: LinkToken(jobID: Int64($0), link: 0).text(key: other), key: Self.key) != nil
    }
    #expect(passed.count <= 3)
  }

  @Test func aChangedCharacterIsRefused() {
    let text = Array(LinkToken(jobID: 42, link: 1).text(key: Self.key))
    for position in text.indices {
      var changed = text
      changed[position] = changed[position] == "A" ? "B" : "A"
      #expect(LinkToken(text: String(changed), key: Self.key) == nil)
    }
  }

  @Test(arguments: ["", "short", "toolongtoken", "0OIl1000", "ÄÖÜäöü", "../../etc"]) func nonsenseIsRefused(
    _ text: String
  ) {
    #expect(LinkToken(text: text, key: Self.key) == nil)
  }
}
