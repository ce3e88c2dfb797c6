import Testing

@testable import TenantRuntime

@Suite struct DecidingWordsTests {
  @Test(arguments: [
    ("please stop texting me thanks", "stop"), ("Hi there, remove me from your list ok", "remove"),
  ])
  func theFewestWordsThatDecideAreMarked(_ text: String, _ part: String) throws {
    let range = try #require(FreeText.deciding(in: text))
    #expect(text[range].contains(part))
    #expect(text[range].count < text.count)
  }

  @Test(arguments: ["", "   ", "see you at five", String(repeating: "word ", count: 400)])
  func whatIsNoOptOutHasNoSuchWords(_ text: String) { #expect(FreeText.deciding(in: text) == nil) }
}
