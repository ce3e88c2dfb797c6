import Testing

@testable import ControlPlane

@Suite struct EmailAddressTests {
  @Test(arguments: [
    "ana@shop.example", " Ana@Shop.Example ", "a+b@x.test", "o'neil@x.test", "a@localhost", "a.b-c_d@x-y.test",
  ])
  func addressesAreReadTrimmedAndInLowerCase(text: String) {
    #expect(EmailAddress(text)?.description == text.trimmingPrefix(" ").lowercased().split(separator: " ").joined())
  }

  @Test(arguments: [
    "", "ana", "@x.test", "ana@", "a@b@c", "a b@x.test", "a@x..test", "a@-x.test", "a@x.test-", ".a@x.test",
    "a.@x.test",
    "a@x.test\r\nBcc: b@x.test", "<a@x.test>", "Ana <a@x.test>", "a@x.test,b@x.test", "анна@x.test", "a@bücher.test",
    "a\u{0}@x.test",
    String(repeating: "a", count: 250) + "@x.test",
  ])
  func whatNoMailCanGoToIsRefused(text: String) { #expect(EmailAddress(text) == nil, "\(text)") }
}
