import Foundation
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct JSONReaderTests {
  private func read(_ text: String) -> JSON? { try? JSON(parsing: text) }

  private func steps(_ bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      var reader = JSONReader(bytes)
      return (try? reader.read()) == nil ? nil : reader.steps
    }
  }

  @Test(
    arguments: [
      ("null", JSON.null), (" true\n", true), ("false", false), ("0", 0), ("-1", -1),
      ("9223372036854775807", .int(Int64.max)),
      ("-9223372036854775808", .int(Int64.min)), ("9223372036854775808", .double(9_223_372_036_854_775_808)),
      ("1.5", .double(1.5)),
      ("5.0", 5), ("1e3", 1000), ("-0", 0), ("1E-2", .double(0.01)), ("1e-999", 0), ("\"\"", ""),
      (#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00\u0000""#, .text("\"\\/\u{8}\u{C}\n\r\tAé😀\u{0}")), ("[]", .list([])),
      ("{}", .object([])),
      ("[1,[2],{\"a\":[]}]", .list([1, .list([2]), .object([("a", .list([]))])])),
      ("{\"b\":1,\"a\":2}", .object([("a", 2), ("b", 1)])),
    ] as [(String, JSON)])
  func whatTheStandardAllowsIsRead(_ text: String, _ value: JSON) { #expect(read(text) == value) }

  @Test(arguments: [
    "", " ", "nul", "tru", "True", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "Infinity", "1e999",
    "-1e999", "\"",
    "\"\n\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "'a'", "[",
    "[1", "[1,",
    "[1,]", "[,]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}", "1 2", "[] []",
    "\u{FEFF}1",
    "// a\n1", String(repeating: "1", count: 513),
  ])
  func whatItDoesNotAllowIsRefused(_ text: String) { #expect(read(text) == nil) }

  @Test(arguments: [
    [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0xFF, 0x22],
    [0xFF],
  ])
  func textThatIsNotUTF8IsRefused(_ bytes: [UInt8]) { #expect((try? JSON(parsing: bytes)) == nil) }

  @Test func depthAndNumberAreBounded() {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(read(nested(65)) != nil && read(nested(66)) == nil && read(String(repeating: "[", count: 100_000)) == nil)
    let many = "[" + String(repeating: "0,", count: 999_998) + "0]"
    #expect(read(many) != nil && read("[0," + many.dropFirst()) == nil)
    #expect((try? JSON(parsing: "[[[[1]]]]".utf8, bounds: .flat)) == nil)
  }

  @Test func membersKeepTheirOrderAndANameCountsOnce() {
    #expect(read(#"{"z":1,"a":2,"z":3}"#)?.serialized == #"{"z":3,"a":2}"#)
    let many = (0..<500).map { "\"k\($0 % 250)\":\($0)" }.joined(separator: ",")
    let read = read("{\(many)}")
    #expect(read?.members?.count == 250 && read?["k0"] == 250 && read?["k249"] == 499)
    // One letter, two spellings: two names.
    #expect(self.read("{\"\u{E9}\":1,\"e\u{301}\":2}")?.members?.count == 2)
  }

  /// Counted in bytes and values, so that no machine's pace decides.
  @Test(arguments: [
    ("[", "1", "]"), ("{\"a\":", "1", "}"), ("[0,", "0", "]"), ("[[],", "[]", "]"), ("[\"\\u0041\",", "0", "]"),
    ("{\"b\":{},\"a\":", "3", "}"),
  ])
  func costGrowsAsTheTextDoes(_ open: String, _ middle: String, _ close: String) throws {
    let inner = String(repeating: open, count: 30) + middle + String(repeating: close, count: 30)
    func cost(_ count: Int) throws -> (bytes: Int, steps: Int) {
      let bytes = Array("[\(Array(repeating: inner, count: count).joined(separator: ","))]".utf8)
      return (bytes.count, try #require(steps(bytes)))
    }
    for count in [1, 10, 100, 400] {
      let (bytes, steps) = try cost(count)
      #expect(steps <= 3 * bytes, "\(bytes) bytes took \(steps) steps")
    }
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    var chance = Chance()
    for _ in 0..<500 {
      let value = Self.value(&chance, depth: 0)
      #expect(try JSON(parsing: value.serialized) == value)
    }
  }

  @Test func nothingTraps() {
    var chance = Chance()
    let alphabet = Array(#"{}[]",:0123456789.eE+-\u dtrfalsn"#.utf8)
    for _ in 0..<5_000 {
      let noise = chance.bytes(80, from: alphabet)
      _ = try? JSON(parsing: noise)
      var broken = Array(Self.value(&chance, depth: 0).serialized.utf8)
      for _ in 0..<chance.below(3) where !broken.isEmpty { broken[chance.below(broken.count)] = chance.pick(alphabet) }
      if let read = try? JSON(parsing: broken) { #expect((try? JSON(parsing: read.serialized)) == read) }
    }
  }

  static func value(_ chance: inout Chance, depth: Int) -> JSON {
    switch chance.below(depth > 4 ? 5 : 7) {
    case 0: return .null
    case 1: return .bool(chance.happens(1, in: 2))
    case 2: return .int(Int64(bitPattern: chance.next()) >> Int64(chance.below(60)))
    case 3:
      let double = Double(bitPattern: chance.next())
      return double.isFinite && Int64(exactly: double) == nil ? .double(double) : 7
    case 4: return .text(chance.text(8, of: ["a", "\"", "\\", "\n", "é", "😀", "\u{0}", "e\u{301}", " "]))
    case 5: return .list((0..<chance.below(5)).map { _ in value(&chance, depth: depth + 1) })
    default: return .object((0..<chance.below(5)).map { ("k\($0)", value(&chance, depth: depth + 1)) })
    }
  }
}
