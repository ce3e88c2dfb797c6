import Testing

@testable import TenantRuntime

/// Bytes of other encodings as UTF-8, however they are cut.
@Suite struct TextDecoderTests {
  /// In these a letter may be joined with a mark behind it, so the last one is kept back until the end.
  @Test(
    arguments: [
      ("windows-1255", [0xF9, 0xEC, 0xE5, 0xED], "שלום"), ("windows-1258", [0x4E, 0x67, 0x61], "Nga"),
      ("windows-1258", [0x61, 0xEC], "a\u{301}"), ("windows-1252", [0x63, 0x61, 0x66, 0xE9], "café"),
    ] as [(String, [UInt8], String)])
  func theLastLetterIsThere(_ label: String, _ bytes: [UInt8], _ text: String) throws {
    let encoding = try #require(TextEncoding(label: label))
    for cut in 0...bytes.count {
      let decoder = try #require(TextDecoder(encoding))
      let out = decoder.decode(bytes[..<cut]) + decoder.decode(bytes[cut...], isLast: true)
      #expect(String(decoding: out, as: UTF8.self) == text, "cut at \(cut)")
    }
  }
}
