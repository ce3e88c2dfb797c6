import Glibc

/// How a file's letters are written down: read by the C library, known by the names that people and programs use.
struct TextEncoding: Sendable, Equatable, Hashable {
  /// As the API says it.
  let name: String
  fileprivate let library: String

  private init(_ name: String, _ library: String) {
    self.name = name
    self.library = library
  }

  static let utf8 = TextEncoding("utf-8", "UTF-8")
  static let utf16LittleEndian = TextEncoding("utf-16le", "UTF-16LE")
  static let utf16BigEndian = TextEncoding("utf-16be", "UTF-16BE")
  static let windows1252 = TextEncoding("windows-1252", "CP1252")
  static let windows1251 = TextEncoding("windows-1251", "CP1251")
  static let windows1250 = TextEncoding("windows-1250", "CP1250")
  static let windows1253 = TextEncoding("windows-1253", "CP1253")
  static let windows1254 = TextEncoding("windows-1254", "CP1254")
  static let windows1255 = TextEncoding("windows-1255", "CP1255")
  static let windows1256 = TextEncoding("windows-1256", "CP1256")
  static let windows1257 = TextEncoding("windows-1257", "CP1257")
  static let macRoman = TextEncoding("macintosh", "MACINTOSH")
  static let koi8 = TextEncoding("koi8-r", "KOI8-R")
  static let cp850 = TextEncoding("ibm850", "CP850")
  static let cp866 = TextEncoding("ibm866", "CP866")
  static let shiftJIS = TextEncoding("shift_jis", "CP932")
  static let gb18030 = TextEncoding("gb18030", "GB18030")
  static let big5 = TextEncoding("big5", "CP950")
  static let eucKR = TextEncoding("euc-kr", "CP949")

  private static let others: [(TextEncoding, String)] = [
    (utf8, "utf8 unicode11utf8 utf8sig utf8bom usascii ascii"),
    (utf16LittleEndian, "utf16 utf16le unicode ucs2 ucs2le"),
    (utf16BigEndian, "utf16be ucs2be"),
    (windows1252, "windows1252 cp1252 1252 xcp1252 latin1 iso88591 l1 ansi westerneuropean iso885915 latin9"),
    (windows1251, "windows1251 cp1251 1251 xcp1251 cyrillic"), (windows1250, "windows1250 cp1250 1250 centraleuropean"),
    (windows1253, "windows1253 cp1253 1253 greek"), (windows1254, "windows1254 cp1254 1254 iso88599 latin5 turkish"),
    (windows1255, "windows1255 cp1255 1255 hebrew"), (windows1256, "windows1256 cp1256 1256 arabic"),
    (windows1257, "windows1257 cp1257 1257 baltic"), (macRoman, "macintosh macroman xmacroman mac xmacintosh"),
    (koi8, "koi8r koi8 koi"), (cp850, "ibm850 cp850 850 dos"), (cp866, "ibm866 cp866 866"),
    (shiftJIS, "shiftjis sjis xsjis cp932 windows31j mskanji"), (gb18030, "gb18030 gbk gb2312 cp936 936 chinese"),
    (big5, "big5 cp950 950 big5hkscs"), (eucKR, "euckr cp949 949 ksc56011987 korean"),
    (TextEncoding("iso-8859-2", "ISO-8859-2"), "iso88592 latin2 l2"),
    (TextEncoding("iso-8859-5", "ISO-8859-5"), "iso88595"),
    (TextEncoding("iso-8859-7", "ISO-8859-7"), "iso88597"), (TextEncoding("iso-8859-6", "ISO-8859-6"), "iso88596"),
    (TextEncoding("iso-8859-8", "ISO-8859-8"), "iso88598"), (TextEncoding("iso-8859-13", "ISO-8859-13"), "iso885913"),
    (TextEncoding("windows-1258", "CP1258"), "windows1258 cp1258 1258 vietnamese"),
    (TextEncoding("koi8-u", "KOI8-U"), "koi8u"),
    (TextEncoding("windows-874", "CP874"), "windows874 cp874 874 tis620 iso885911 thai"),
    (TextEncoding("euc-jp", "EUC-JP"), "eucjp"),
    (TextEncoding("ibm437", "CP437"), "ibm437 cp437 437"), (TextEncoding("ibm852", "CP852"), "ibm852 cp852 852"),
    (TextEncoding("x-mac-cyrillic", "MAC-CYRILLIC"), "xmaccyrillic maccyrillic"),
    (TextEncoding("iso-8859-4", "ISO-8859-4"), "iso88594"), (TextEncoding("iso-8859-3", "ISO-8859-3"), "iso88593"),
  ]

  private static let labels: [String: TextEncoding] = {
    var labels: [String: TextEncoding] = [:]
    for (encoding, names) in others {
      for name in names.split(separator: " ") { labels[String(name)] = encoding }
      labels[encoding.name.lowercased().filter { $0.isLetter || $0.isNumber }] = encoding
    }
    return labels
  }()

  init?(label: String) {
    guard let known = Self.labels[label.lowercased().filter { $0.isLetter || $0.isNumber }] else { return nil }
    self = known
  }

  var isUTF16: Bool { self == .utf16LittleEndian || self == .utf16BigEndian }
}

/// Bytes of one encoding as UTF-8, piece by piece; what is no letter of it becomes U+FFFD.
final class TextDecoder {
  private let library: iconv_t
  private let unit: Int
  private var held: [UInt8] = []
  private(set) var broken = 0

  init?(_ encoding: TextEncoding) {
    library = iconv_open("UTF-8", encoding.library)
    unit = encoding.isUTF16 ? 2 : 1
    if library == iconv_t(bitPattern: -1) { return nil }
  }

  deinit { iconv_close(library) }

  func decode(_ bytes: some Collection<UInt8>, isLast: Bool = false) -> [UInt8] {
    held += bytes
    var out = [UInt8](repeating: 0, count: held.count * 4 + 16)
    var written = 0
    var at = 0
    held.withUnsafeMutableBytes { input in
      out.withUnsafeMutableBytes { output in
        while at < input.count {
          var from = input.baseAddress.map { ($0 + at).assumingMemoryBound(to: CChar.self) }
          var left = input.count - at
          var to = output.baseAddress.map { ($0 + written).assumingMemoryBound(to: CChar.self) }
          var room = output.count - written
          let result = iconv(library, &from, &left, &to, &room)
          let problem = errno
          at = input.count - left
          written = output.count - room
          if result != -1 { break }
          // The rest of a character comes with the next piece.
          if problem == EINVAL, !isLast { break }
          broken += 1
          for (index, byte) in Unicode.UTF8.encodedReplacementCharacter.enumerated()
          where written + index < output.count {
            output[written + index] = byte
          }
          written += 3
          at += min(unit, input.count - at)
        }
        // A letter that may still be joined with the next one is kept back.
        guard isLast else { return }
        var to = output.baseAddress.map { ($0 + written).assumingMemoryBound(to: CChar.self) }
        var room = output.count - written
        _ = iconv(library, nil, nil, &to, &room)
        written = output.count - room
      }
    }
    held.removeFirst(at)
    return Array(out[..<min(written, out.count)])
  }
}
