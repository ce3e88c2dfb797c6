import Foundation
import Glibc

/// How a file is written down, found out from its beginning.
struct CSVFormat: Sendable, Equatable {
  var encoding = TextEncoding.utf8
  var delimiter = UInt8(ascii: ",")
  var newline = UInt8(ascii: "\n")
  /// Lines before the header: `sep=;`, and a title.
  var linesBefore = 0
  /// The title above the header, which is no row of the table.
  var title: String?
  /// The file had no header, and was given one.
  var hasMadeHeader = false
  /// What else it could have been, and a text that reads differently there.
  var doubt: Doubt?

  struct Doubt: Sendable, Equatable {
    var sample: String
    var others: [(name: String, sample: String)]
    static func == (left: Doubt, right: Doubt) -> Bool {
      left.sample == right.sample && left.others.count == right.others.count
    }
  }

  private static let looked = 1 << 20
  static let delimiters: [UInt8] = [",", ";", "\t", "|"].map { UInt8(ascii: $0) }

  /// Looks at the file, and writes it anew as UTF-8 CSV in its place if it is something else.
  /// - Parameter asked: the encoding that the caller names, which is believed.
  static func normalise(
    _ path: String, asked: TextEncoding? = nil, declared: TextEncoding? = nil, region: String = "US"
  ) throws -> CSVFormat {
    var head = try beginning(path)
    if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
      try Workbook.convert(path)
      head = try beginning(path)
    }
    if let refusal = FileKind.refusal(head) { throw ImportFailure(reason: refusal) }
    var format = CSVFormat()
    format.encoding = try format.settle(head, asked, declared, region)
    if format.encoding != .utf8 {
      try transcode(path, from: format.encoding)
      head = try beginning(path)
    }
    format.guess(head)
    return format
  }

  private static func beginning(_ path: String) throws -> [UInt8] {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? file.close() }
    return Array(try file.read(upToCount: looked) ?? Data())
  }

  /// A mark in the file counts first, then what the caller says, then what came with the upload where the bytes bear it out, then evidence.
  private mutating func settle(
    _ head: [UInt8], _ asked: TextEncoding?, _ declared: TextEncoding?, _ region: String
  ) throws -> TextEncoding {
    if let marked = Self.marked(head) { return marked }
    if let asked { return asked }
    if Self.isMostlyUTF8(head) { return .utf8 }
    if let declared, declared != .utf8, !declared.isUTF16 { return declared }
    let guess = EncodingGuess(head, region: region)
    let sample = Self.sample(head, guess.encoding)
    doubt = Doubt(sample: sample, others: guess.rivals.map { ($0.name, Self.sample(head, $0)) })
    return guess.encoding
  }

  /// The first line with foreign letters, as it reads.
  private static func sample(_ head: [UInt8], _ encoding: TextEncoding) -> String {
    let line = head.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }).first { $0.contains { $0 >= 0x80 } } ?? []
    guard let decoder = TextDecoder(encoding) else { return "" }
    return String(String(decoding: decoder.decode(line, isLast: true), as: UTF8.self).unicodeScalars.prefix(80))
  }

  private static func marked(_ head: [UInt8]) -> TextEncoding? {
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { return .utf8 }
    if head.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
    if head.starts(with: [0xFE, 0xFF]) { return .utf16BigEndian }
    // Without a mark: a header in a European script has a NUL in every second byte.
    let sample = head.prefix(200)
    guard sample.count >= 8 else { return nil }
    let odd = sample.enumerated().count { $0.offset % 2 == 1 && $0.element == 0 }
    let even = sample.enumerated().count { $0.offset % 2 == 0 && $0.element == 0 }
    if odd * 3 > sample.count, even == 0 { return .utf16LittleEndian }
    return even * 3 > sample.count && odd == 0 ? .utf16BigEndian : nil
  }

  /// A few broken lines in a UTF-8 file are broken lines; only a file whose foreign letters are mostly no UTF-8 is of another encoding.
  private static func isMostlyUTF8(_ head: [UInt8]) -> Bool {
    if isUTF8(head) { return true }
    var good = 0
    var bad = 0
    for line in head.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) where line.contains(where: { $0 >= 0x80 }) {
      if String(validating: line, as: UTF8.self) != nil { good += 1 } else { bad += 1 }
    }
    return good > bad
  }

  /// A character cut off at the end of the sample does not count against it.
  private static func isUTF8(_ head: [UInt8]) -> Bool {
    var end = head.count
    if end == looked {
      for _ in 0..<4 where end > 0 && head[end - 1] >= 0x80 { end -= 1 }
    }
    return String(validating: head[..<end], as: UTF8.self) != nil
  }

  private mutating func guess(_ head: [UInt8]) {
    if !head.contains(UInt8(ascii: "\n")), head.contains(UInt8(ascii: "\r")) { newline = UInt8(ascii: "\r") }
    let text = head.starts(with: [0xEF, 0xBB, 0xBF]) ? head.dropFirst(3) : head[...]
    let first = text.prefix { $0 != newline }
    if let separator = Self.separator(first) {
      delimiter = separator
      linesBefore = 1
      skipTitle(text.dropFirst(first.count + 1), delimiter: separator)
      return
    }
    delimiter = Self.delimiter(text, newline)
    skipTitle(text, delimiter: nil)
  }

  /// The one that stands most often in the first row.
  private static func delimiter(_ text: ArraySlice<UInt8>, _ newline: UInt8) -> UInt8 {
    var counts: [UInt8: Int] = [:]
    var quoted = false
    for byte in text {
      if byte == 0x22 { quoted.toggle() }
      if byte == newline, !quoted { break }
      if !quoted, delimiters.contains(byte) { counts[byte, default: 0] += 1 }
    }
    guard let most = delimiters.max(by: { counts[$0, default: 0] < counts[$1, default: 0] }), counts[most] != nil else {
      return UInt8(ascii: ",")
    }
    return most
  }

  private static let mostTitleLines = 5

  /// A first row with one filled cell is a title where a row of names of columns follows it.
  private mutating func skipTitle(_ text: ArraySlice<UInt8>, delimiter known: UInt8?) {
    var rest = text
    var title: String?
    for skipped in 0..<Self.mostTitleLines {
      let line = rest.prefix { $0 != newline }
      guard !rest.isEmpty else { return }
      let separator = known ?? Self.delimiter(line, newline)
      let cells = CSVText.fields(String(decoding: line, as: UTF8.self), delimiter: separator).map {
        TextCleaner.clean($0)
      }
      let filled = cells.filter { !$0.isEmpty }
      if filled.count > 1 {
        guard let title, filled.contains(where: HeaderName.isKnown), !filled.contains(where: Self.isValue) else {
          return
        }
        self.title = title
        linesBefore += skipped
        delimiter = separator
        return
      }
      if title == nil { title = filled.first.map { String($0.unicodeScalars.prefix(80)) } }
      rest = rest.dropFirst(line.count + 1)
    }
  }

  /// A number or an address: the row is a person's.
  private static func isValue(_ cell: String) -> Bool {
    cell.contains("@") || cell.utf8.count { (0x30...0x39).contains($0) } > 6
  }

  /// Excel's own first line: `sep=;`.
  private static func separator(_ line: ArraySlice<UInt8>) -> UInt8? {
    guard line.count < 40 else { return nil }
    // A tab may be the separator itself.
    let plain = line.filter { $0 != 0x22 && $0 != 0x0D && $0 != 0x20 }
    let text = String(decoding: plain, as: UTF8.self).lowercased()
    guard text.hasPrefix("sep="), let byte = plain.dropFirst(4).first, byte < 0x80, byte > 32 || byte == 9 else {
      return nil
    }
    return plain.dropFirst(5).allSatisfy { delimiters.contains($0) } ? byte : nil
  }

  private static func transcode(_ path: String, from encoding: TextEncoding) throws {
    guard let decoder = TextDecoder(encoding), let from = fopen(path, "rb") else {
      throw ImportFailure(reason: "the upload cannot be converted from \(encoding.name)")
    }
    guard let to = fopen(path + ".utf8", "wb") else {
      fclose(from)
      throw ImportFailure(reason: "the upload cannot be converted; the disk may be full")
    }
    var input = [UInt8](repeating: 0, count: 1 << 16)
    var isFine = true
    while isFine {
      let got = fread(&input, 1, input.count, from)
      let out = decoder.decode(input[..<got], isLast: got == 0)
      isFine = fwrite(out, 1, out.count, to) == out.count
      if got == 0 { break }
    }
    let failed = ferror(from) != 0 || ferror(to) != 0 || !isFine
    fclose(from)
    guard fclose(to) == 0, !failed, rename(path + ".utf8", path) == 0 else {
      unlink(path + ".utf8")
      throw ImportFailure(reason: "the upload cannot be converted; the disk may be full")
    }
  }
}

/// Files that people take for CSV, recognized by their first bytes, with what to do instead.
enum FileKind {
  static func refusal(_ head: [UInt8]) -> String? {
    func begins(_ text: String) -> Bool { head.starts(with: Array(text.utf8)) }
    if head.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
      return "this is an old Excel workbook (.xls): open it and save it as CSV UTF-8, or as .xlsx"
    }
    if begins("%PDF") { return "this is a PDF document: export the list as CSV UTF-8" }
    if head.starts(with: [0x1F, 0x8B]) { return "this file is compressed (gzip): unpack it and upload the CSV inside" }
    let text = String(decoding: head.prefix(300), as: UTF8.self).lowercased().drop {
      $0.isWhitespace || $0 == "\u{FEFF}"
    }
    if text.hasPrefix("begin:vcard") { return "this is a vCard file: export the contacts as CSV UTF-8" }
    if text.hasPrefix("<html") || text.hasPrefix("<!doctype") || text.hasPrefix("<table") || text.hasPrefix("<?xml") {
      return "this is a web page or XML, not CSV text: open it in a spreadsheet and save it as CSV UTF-8"
    }
    if text.hasPrefix("{\\rtf") { return "this is a text document: save the list as CSV UTF-8" }
    return nil
  }
}
