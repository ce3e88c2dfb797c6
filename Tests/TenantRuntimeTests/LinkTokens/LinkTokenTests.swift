import TenantRuntime
import TestKit
import Testing

@Suite struct LinkTokenTests {
  static let keys = TestKeys.keys(1)
  static let key = keys.newest

  @Test func aMillionTokensLeadBackAndNoTwoAreTheSame() async {
    // Four links each of ids spread over all that a token can carry.
    let count = Int64(1 << 18)
    var seen = Set<String>(minimumCapacity: 1 << 20)
    var wrong = 0
    for index in 0..<count {
      await breathe(Int(index))
      let job = index * (LinkToken.highestID / count) + index % 7
      for number in 0..<4 {
        let token = LinkToken.link(job: job, number: number)
        let text = token.text(key: Self.key)
        seen.insert(text)
        if LinkToken(path: text[...], keys: Self.keys) != token { wrong += 1 }
      }
    }
    #expect(wrong == 0)
    #expect(seen.count == 1 << 20)
  }

  @Test func ofAMillionGuessesOneInEightThousandPasses() async {
    var passed = 0
    var generator = Seeded(state: 42)
    for index in 0..<1_000_000 {
      await breathe(index)
      if LinkToken(path: Self.guess(&generator)[...], keys: Self.keys) != nil { passed += 1 }
    }
    // Of all strings 63 in 100 write down 46 bits, and one in 8,192 of those has its check: 77 expected, give or take five deviations.
    #expect((33...121).contains(passed), "\(passed)")
  }

  @Test func theTokensOfATenantOpenNothingAtAnother() {
    let other = TestKeys.keys(2)
    let passed = (0..<200_000).count {
      LinkToken(path: LinkToken.link(job: Int64($0), number: 0).text(key: other.newest)[...], keys: Self.keys) != nil
    }
    // 24 expected.
    #expect((1...60).contains(passed), "\(passed)")
  }

  @Test func aPageALinkAndALinkOfItsOwnDoNotOpenAsOneAnother() {
    var crossed = 0
    for id in Int64(0)..<50_000 {
      let page = LinkToken.page(job: id).text(key: Self.key)
      let own = LinkToken.own(code: id).text(key: Self.key)
      #expect(LinkToken(page: page[...], keys: Self.keys) == .page(job: id))
      #expect(LinkToken(path: own[...], keys: Self.keys) == .own(code: id))
      if LinkToken(path: page[...], keys: Self.keys) != nil { crossed += 1 }
      if LinkToken(page: own[...], keys: Self.keys) != nil { crossed += 1 }
      if LinkToken(page: LinkToken.link(job: id, number: 0).text(key: Self.key)[...], keys: Self.keys) != nil {
        crossed += 1
      }
    }
    // By chance alone: 12 of 100,000.
    #expect(crossed <= 40, "\(crossed)")
  }

  @Test func aTokenOfAFormerKeyLeadsWhereItLed() {
    var keys = LinkKeys([TestKeys.key(1)])
    let token = LinkToken.link(job: 42, number: 1)
    let old = token.text(key: keys.newest)
    for round in 1..<LinkKeys.most {
      keys = keys.rotated(at: Moment(milliseconds: Int64(round)))
      #expect(LinkToken(path: old[...], keys: keys) == token)
      #expect(token.text(key: keys.newest) != old)
    }
    keys = keys.rotated(at: Moment(milliseconds: 9))
    #expect(keys.all.count == LinkKeys.most)
    #expect(LinkToken(path: old[...], keys: keys) != token)
  }

  @Test func aChangedCharacterIsRefused() {
    let text = Array(LinkToken.link(job: 42, number: 1).text(key: Self.key))
    for position in text.indices {
      var changed = text
      changed[position] = changed[position] == "A" ? "B" : "A"
      #expect(LinkToken(path: String(changed)[...], keys: Self.keys) == nil)
    }
  }

  @Test(arguments: ["", "short", "toolongtoken", "0OIl1000", "ÄÖÜäöü", "../../etc", "zzzzzzzz"])
  func nonsenseIsRefused(_ text: String) {
    #expect(LinkToken(path: text[...], keys: Self.keys) == nil)
    #expect(LinkToken(page: text[...], keys: Self.keys) == nil)
  }

  /// Other tests, which measure time, run beside this one.
  private func breathe(_ index: Int) async { if index % 1_000 == 0 { await Task.yield() } }

  // MARK: Guesses

  private static let letters = Array("23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)

  private static func guess(_ generator: inout Seeded) -> String {
    var value = generator.next()
    return String(
      unsafeUninitializedCapacity: LinkToken.length
    ) { buffer in
      for position in 0..<LinkToken.length {
        buffer[position] = letters[Int(value % 57)]
        value /= 57
      }
      return LinkToken.length
    }
  }

  /// SplitMix64: the same guesses every time.
  private struct Seeded {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z &>> 31)
    }
  }
}
