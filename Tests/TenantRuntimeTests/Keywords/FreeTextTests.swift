import TenantRuntime
import Testing

@Suite struct FreeTextTests {
  @Test func theLabelledSetIsReadAsAPersonWouldReadIt() {
    let set = Score(FreeTextSet.texts)
    let holdOut = Score(FreeTextHoldOut.texts)
    print("free text: \(set) (hold-out \(holdOut))")
    #expect(set.precision >= 0.9 && set.recall >= 0.95, "missed \(set.missed), false alarm \(set.falseAlarms)")
    #expect(
      holdOut.precision >= 0.97 && holdOut.recall >= 0.98,
      "missed \(holdOut.missed), false alarm \(holdOut.falseAlarms)")
  }

  @Test func theSetIsLargeEnoughToMeanSomething() {
    #expect(FreeTextSet.texts.count { $0.isOptOut } >= 120)
    #expect(FreeTextSet.texts.count { !$0.isOptOut } >= 150)
    #expect(FreeTextHoldOut.texts.count == 60)
    #expect(Set(FreeTextSet.texts.map(\.text)).isDisjoint(with: FreeTextHoldOut.texts.map(\.text)))
  }

  @Test(arguments: [
    ("please stop texting me", "stop-texting"), ("STOP PLEASE", "stop"),
    ("I already texted stop twice", "asked-to-stop"),
    ("dont text me again", "do-not-text"), ("I don't want these messages", "do-not-want"),
    ("no more messages", "no-more"),
    ("take me off your list", "remove"), ("can you unsubcribe me?", "unsubscribe"), ("unsubcribe", "stop"),
    ("how do I opt out", "opt-out"),
    ("cancel these alerts", "cancel-texts"), ("wrong number", "wrong-number"),
    ("No one here by that name", "not-this-person"),
    ("I did not sign up for this", "never-agreed"), ("leave me alone", "leave-me-alone"),
    ("this is spam", "spam-complaint"),
    ("no más", "es-alto"), ("no mas mensajes", "es-no-mas"), ("ya no quiero mensajes", "es-no-quiero"),
    ("deje de escribirme", "es-deje-de"), ("no me escriban", "es-no-me-escriban"), ("quíteme de la lista", "es-quitar"),
    ("número equivocado", "es-numero-equivocado"), ("nunca me suscribí", "es-nunca-acepte"),
  ])
  func theReviewQueueIsToldWhichRuleFired(_ text: String, _ reason: String) {
    #expect(FreeText.readsAsOptOut(text) == reason)
  }

  @Test func aFurtherLanguageIsReadOnlyWhenTheTenantHasIt() {
    let text = "Bitte keine Nachrichten mehr"
    #expect(FreeText.readsAsOptOut(text) == nil)
    #expect(FreeText.readsAsOptOut(text, languages: ["fr"]) == nil)
    #expect(FreeText.readsAsOptOut(text, languages: ["de"]) == "de-keine-mehr")
    #expect(FreeText.readsAsOptOut(text, languages: ["klingon"]) == nil)
    #expect(FreeText.furtherLanguages == ["fr", "de", "pt", "it", "nl", "pl", "vi", "zh", "tl"])
  }

  @Test func spanishIsReadWithoutBeingAskedFor() {
    #expect(FreeText.readsAsOptOut("Señorita, ya no me manden mensajes") != nil)
  }

  @Test func aWishBuriedInALongTextIsFound() {
    let chatter = String(repeating: "We bought the blue one and the kids are happy with it. ", count: 12)
    #expect(FreeText.readsAsOptOut(chatter + "Anyway please stop sending me these. " + chatter) == "stop-texting")
    #expect(FreeText.readsAsOptOut(chatter) == nil)
  }

  @Test func aTextBeyondWhatAnyPhoneSendsIsReadUpToTheBound() {
    #expect(FreeText.readsAsOptOut(String(repeating: "la ", count: 100_000) + "please stop texting me") == nil)
  }

  @Test(arguments: [
    "STOP TEXTING ME", "ＳＴＯＰ texting me", "𝘀𝘁𝗼𝗽 texting me", "stop texting me 😡😡", "*stop texting me*",
    "stóp texting me",
  ])
  func dressDoesNotHideAWish(_ text: String) { #expect(FreeText.readsAsOptOut(text) == "stop-texting") }

  @Test(arguments: [
    "don't text me", "don’t text me", "don´t text me", "dont text me", "do not text me", "DON'T TEXT ME",
  ])
  func everyApostropheIsTheSame(_ text: String) { #expect(FreeText.readsAsOptOut(text) == "do-not-text") }

  @Test func aPhraseDoesNotReachOverTheEndOfASentence() {
    #expect(FreeText.readsAsOptOut("I don't. Text me later") == nil)
    #expect(FreeText.readsAsOptOut("No, more texts please") == nil)
    #expect(FreeText.readsAsOptOut("The bus did not stop. Texting you from the next one") == nil)
  }

  @Test(arguments: ["", " ", "🛑", "?!", "1234", "\u{0}\u{1}", "👍🏽", "…"]) func nothingIsReadIntoNothing(_ text: String) {
    #expect(FreeText.readsAsOptOut(text) == nil)
  }
}

private struct Score: CustomStringConvertible {
  var missed: [String] = []
  var falseAlarms: [String] = []
  private var found = 0

  init(_ texts: [LabelledText]) {
    for labelled in texts {
      let reason = FreeText.readsAsOptOut(labelled.text, languages: labelled.languages)
      switch (labelled.isOptOut, reason) {
      case (true, nil): missed.append(labelled.text)
      case (true, _): found += 1
      case (false, let reason?): falseAlarms.append("\(labelled.text) (\(reason))")
      case (false, nil): break
      }
    }
  }

  var precision: Double { Double(found) / Double(found + falseAlarms.count) }
  var recall: Double { Double(found) / Double(found + missed.count) }

  var description: String { "precision \(rounded(precision)) recall \(rounded(recall))" }
  private func rounded(_ share: Double) -> Double { (share * 1000).rounded() / 1000 }
}
