import Testing

@testable import TenantRuntime

/// What a text asks for, read as the door reads it: keyword, or free text that holds the person until somebody decides.
@Suite struct FieldTextTests {
  private func holds(_ body: String) -> Bool {
    let reading = InboundReading(body: body, optOutType: nil, words: .standard, languages: [])
    return reading.intent == .stop || reading.reviewRule != nil
  }

  @Test func whatPeopleReallyWriteIsReadAsTheyMeanIt() {
    let optOuts = FieldTexts.optOuts + FieldTexts.scripts
    let others = FieldTexts.reactions + FieldTexts.autoReplies + FieldTexts.talk
    #expect(optOuts.count + others.count >= 300)
    let missed = optOuts.filter { !holds($0) }
    let alarms = others.filter(holds)
    let found = optOuts.count - missed.count
    print("field texts: \(optOuts.count + others.count), missed \(missed.count), false alarms \(alarms.count)")
    #expect(Double(found) / Double(found + alarms.count) >= 0.97, "false alarms \(alarms)")
    #expect(Double(found) / Double(optOuts.count) >= 0.98, "missed \(missed)")
  }

  @Test(arguments: FieldTexts.reactions) func aReactionIsNoWish(_ text: String) { #expect(!holds(text)) }

  @Test(arguments: FieldTexts.scripts) func theWordsOfAScriptStop(_ text: String) {
    #expect(InboundReading(body: text, optOutType: nil, words: .standard, languages: []).intent == .stop)
  }

  @Test(arguments: ["Stop - Jane", "Reply STOP", "stop period", "STOP to 55555", "st0p"])
  func aStopWordWithSomethingRoundItHolds(_ text: String) { #expect(holds(text)) }
}
