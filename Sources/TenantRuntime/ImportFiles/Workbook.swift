import Foundation

/// The first visible sheet of an Excel workbook (`.xlsx`), written anew as CSV in place of the upload: values as the sheet holds them, dates as
/// `2026-03-01`, numbers with all their digits.
struct Workbook {
  private let zip: ZipFile
  private var strings = SharedStrings()
  /// By the style of a cell.
  private var datesByStyle: [Bool] = []
  private var begins1904 = false
  private var sheet = "xl/worksheets/sheet1.xml"
  private static let mostOfPart = 1 << 30
  private static let mostOfStrings = 64 << 20
  private static let mostOfSmall = 8 << 20

  static func convert(_ path: String) throws {
    let workbook = try Workbook(path)
    try workbook.write(to: path + ".csv")
    guard rename(path + ".csv", path) == 0 else {
      throw ImportFailure(reason: "the upload cannot be converted; the disk may be full")
    }
  }

  private init(_ path: String) throws {
    zip = try ZipFile(path: path)
    guard zip.has("xl/workbook.xml") else {
      let what =
        zip.has("content.xml")
        ? "an OpenDocument spreadsheet" : zip.names.contains { $0.hasSuffix(".iwa") } ? "a Numbers file" : "a zip file"
      throw ImportFailure(reason: "this is \(what), not CSV text: open it and save it as CSV UTF-8, or as .xlsx")
    }
    try findSheet()
    if zip.has("xl/styles.xml") { try readStyles() }
    if zip.has("xl/sharedStrings.xml") { try readStrings() }
  }

  private mutating func findSheet() throws {
    var wanted: String?
    var isOld = false
    try parse("xl/workbook.xml", Self.mostOfSmall) { piece in
      guard case .open(let name, let attributes) = piece else { return }
      if name == "sheet", wanted == nil, attributes["state"] != "hidden", attributes["state"] != "veryHidden" {
        wanted = attributes["id"]
      }
      if name == "workbookPr", ["1", "true"].contains(attributes["date1904"]) { isOld = true }
    }
    begins1904 = isOld
    var target: String?
    if zip.has("xl/_rels/workbook.xml.rels") {
      try parse("xl/_rels/workbook.xml.rels", Self.mostOfSmall) { piece in
        if case .open("Relationship", let attributes) = piece, attributes["Id"] == wanted {
          target = attributes["Target"]
        }
      }
    }
    if let target { sheet = target.hasPrefix("/") ? String(target.dropFirst()) : "xl/" + target }
    guard zip.has(sheet) else {
      throw ImportFailure(reason: "this Excel workbook has no sheet that can be read; save it as CSV UTF-8")
    }
  }

  private func parse(_ part: String, _ most: Int, _ take: (XMLPieces.Piece) throws -> Void) throws {
    var pieces = XMLPieces()
    try zip.read(part, atMost: most) { bytes in try pieces.feed(bytes, take) }
  }

  private mutating func readStyles() throws {
    var ofFormat: [Int: Bool] = [:]
    for id in [14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 30, 36, 45, 46, 47, 50, 57] { ofFormat[id] = true }
    var styles: [Bool] = []
    var isInside = false
    try parse("xl/styles.xml", Self.mostOfSmall) { piece in
      switch piece {
      case .open("numFmt", let attributes):
        if let id = attributes["numFmtId"].flatMap({ Int($0) }), let code = attributes["formatCode"] {
          ofFormat[id] = Self.isDate(code)
        }
      case .open("cellXfs", _): isInside = true
      case .close("cellXfs"): isInside = false
      case .open("xf", let attributes) where isInside && styles.count < 100_000:
        styles.append(ofFormat[attributes["numFmtId"].flatMap { Int($0) } ?? 0] ?? false)
      default: break
      }
    }
    datesByStyle = styles
  }

  /// A format with a year or a day in it, outside of quotes and brackets.
  private static func isDate(_ code: String) -> Bool {
    let plain = code.replacing(#/"[^"]*"|\[[^\]]*\]|\\./#, with: "").lowercased()
    return plain.contains("y") || plain.contains("d") || plain.contains("h")
  }

  private mutating func readStrings() throws {
    var strings = SharedStrings()
    var isText = false
    var phonetic = 0
    try parse("xl/sharedStrings.xml", Self.mostOfStrings) { piece in
      switch piece {
      case .open("t", _): isText = phonetic == 0
      case .close("t"): isText = false
      case .open("rPh", _): phonetic += 1
      case .close("rPh"): phonetic -= 1
      case .close("si"): strings.end()
      case .text(let bytes) where isText: strings.append(bytes)
      default: break
      }
    }
    self.strings = strings
  }

  private func write(to path: String) throws {
    guard let out = fopen(path, "wb") else {
      throw ImportFailure(reason: "the upload cannot be converted; the disk may be full")
    }
    var rows = SheetRows()
    var failed = false
    var written = 0
    do {
      try parse(sheet, Self.mostOfPart) { piece in
        guard let line = rows.take(piece, value: value) else { return }
        // A cell far to the right makes a long line of little.
        written += line.count
        guard written <= zip.room(for: sheet), !failed else {
          throw ImportFailure(reason: "this Excel workbook is too large to be read; save its sheet as CSV UTF-8")
        }
        if fwrite(line, 1, line.count, out) != line.count { failed = true }
      }
    } catch {
      fclose(out)
      unlink(path)
      throw error
    }
    guard fclose(out) == 0, !failed else {
      unlink(path)
      throw ImportFailure(reason: "the upload cannot be converted; the disk may be full")
    }
  }

  /// What a cell shows, as text.
  private func value(_ cell: SheetRows.Cell) -> [UInt8] {
    switch cell.type {
    case "s": return Int(String(decoding: cell.text, as: UTF8.self)).map { Array(strings[$0]) } ?? []
    case "b": return Array((cell.text == [0x31] ? "TRUE" : "FALSE").utf8)
    case "e": return []
    case "str", "inlineStr", "d": return cell.text
    default: break
    }
    let text = String(decoding: cell.text, as: UTF8.self)
    if let style = cell.style, datesByStyle.indices.contains(style), datesByStyle[style], let serial = Double(text),
      let date = date(serial)
    {
      return Array(date.utf8)
    }
    // `4.1526811E9` holds the whole number.
    guard text.contains(where: { "eE.".contains($0) }), let number = Double(text), abs(number) < 1e15,
      number == number.rounded()
    else { return cell.text }
    return Array(String(Int64(number)).utf8)
  }

  private func date(_ serial: Double) -> String? {
    guard serial >= 1, serial < 2_958_466 else { return nil }
    let seconds = Int64((serial * 86_400).rounded())
    let days = Int(seconds / 86_400) + (begins1904 ? 1_462 : 0)
    let (year, month, day) = CivilDay(number: days - 25_569).civil
    let time = Int(seconds % 86_400)
    let date = String(format: "%04d-%02d-%02d", year, month, day)
    return time == 0 ? date : date + String(format: " %02d:%02d:%02d", time / 3_600, time / 60 % 60, time % 60)
  }
}

/// The texts that a workbook keeps once and names by number.
private struct SharedStrings {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  /// A cell shows 32,767 characters at most.
  private static let longest = 4 * 32_767

  mutating func append(_ text: [UInt8]) {
    bytes += text.prefix(max(0, Self.longest - (bytes.count - (ends.last ?? 0))))
  }
  mutating func end() { ends.append(bytes.count) }

  subscript(index: Int) -> ArraySlice<UInt8> {
    guard ends.indices.contains(index) else { return [] }
    return bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }
}
