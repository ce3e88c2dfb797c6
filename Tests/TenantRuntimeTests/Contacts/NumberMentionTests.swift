import TestKit
import Testing

@testable import TenantRuntime

@Suite struct NumberMentionTests {
  /// The number's digits as they are looked for, a text, and whether it is in it.
  @Test(arguments: [
    ("4366012345", "Ada,+4366012345,Wien", true), ("4366012345", "+43 660 12345", true),
    ("4366012345", "0043 660/12345", true), ("4366012345", "4366012345", true), ("4366012345", "011436601 2345", true),
    ("4366012345", "00114366012345", true), ("4157000001", "00114157000001", true),
    ("4366012345", "0000004366012345", false), ("4366012345", "+43660123456", false),
    ("4366012345", "Ada,+43 660 123456,x", false),
    ("4366012345", "994366012345", false), ("4366012345", "436601,2345", false), ("4366012345", "", false),
    ("4366012345", "+436601234", false), ("4366012345", "43660123456 or 4366012345", true),
    ("4157000001", "(415) 700-0001", true), ("4157000001", "+1 415.700.0001", true),
    ("4157000001", "14157000001", true),
    ("4157000001", "24157000001", false), ("4157000001", "41570000012", false),
    ("4157000001", "4154157000001", false), ("4157000001", "415 4157000001", true),
  ])
  func aNumberIsFoundInAnySpellingAndNotInALongerOne(_ digits: String, _ text: String, _ isThere: Bool) {
    #expect(NumberMention.isIn(text, spelled: digits) == isThere)
  }

  @Test func aWrittenNumberIsReplacedAndALongerOneStays() {
    let replaced = { NumberMention.replaced($0, written: "+4366012345", by: "erased") }
    #expect(replaced(#"["+4366012345","+43660123456","+4366012345"]"#) == #"["erased","+43660123456","erased"]"#)
    #expect(replaced("+43660123456") == nil)
    #expect(replaced("") == nil)
    #expect(replaced("+4366012345") == "erased")
    #expect(NumberMention.isIn("To=%2B4366012345&x", written: "4366012345"))
    #expect(!NumberMention.isIn("at 14366012345", written: "4366012345"))
  }

  @Test func anyTextIsLookedThroughToItsEnd() {
    var chance = Chance()
    for _ in 0..<3_000 {
      let text = String((0..<Int(chance.next() % 24)).map { _ in "1234 +-\u{301}é\0".randomElement(using: &chance)! })
      // Digits that stand together are one number.
      let numbers = text.utf8.split { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      let isThere = numbers.contains { $0.elementsEqual("1213".utf8) }
      #expect(NumberMention.isIn(text, written: "1213") == isThere, "\(text)")
      if isThere { #expect(NumberMention.isIn(text, spelled: "1213"), "\(text)") }
    }
  }
}
