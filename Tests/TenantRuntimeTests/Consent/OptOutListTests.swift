import Testing

@testable import TenantRuntime

/// Lists of numbers as they are pasted and uploaded.
@Suite struct OptOutListTests {
  @Test func theFirstValueOfEachLineIsTheNumber() throws {
    let list = try OptOutList("Phone,Name\r\n+14155550101,Ann\r\n\r\n;\t\"415 555 0102\";Bob\n+14155550101\nnobody\n")
    #expect(list.phones.map(\.digits) == [14_155_550_101, 14_155_550_102])
    #expect(list.invalid.map(\.line) == [6])
    #expect(list.invalidCount == 1)
  }

  /// They would fill the memory as an array, and the time of whoever's list comes next.
  @Test(arguments: ["\n", ",\n", "x\n"])
  func aListOfLinesWithoutANumberEnds(_ line: String) throws {
    let most = String(repeating: line, count: line == "x\n" ? 1_000 : OptOutList.mostLines)
    #expect(try OptOutList(most).phones.isEmpty)
    guard line != "x\n" else { return }
    #expect(throws: Refusal.tooLarge("A list may have at most \(OptOutList.mostLines) lines.")) {
      try OptOutList(most + line)
    }
  }

  @Test func aLineWithoutEndIsOneValueThatIsNoNumber() throws {
    let list = try OptOutList("Phone\n" + String(repeating: "1", count: 100_000))
    #expect(list.phones.isEmpty && list.invalidCount == 1)
  }
}
