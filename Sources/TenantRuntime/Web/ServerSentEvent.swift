/// Lines of a stream of server-sent events. Each line of a text is a line of data of its own; a line ends at CR, LF, or both (HTML, 9.2.6).
package enum ServerSentEvent {
  /// The text with what begins a line of data put before all lines but the first, of whatever bytes it is.
  package static func data(_ text: String) -> String {
    guard text.utf8.contains(where: isEnd) else { return text }
    var (out, last) = ([UInt8](), UInt8(0))
    for byte in text.utf8 {
      if isEnd(byte) {
        if !(byte == newline && last == carriageReturn) { out += "\ndata: ".utf8 }
      } else {
        out.append(byte)
      }
      last = byte
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static let (newline, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
  private static func isEnd(_ byte: UInt8) -> Bool { byte == newline || byte == carriageReturn }
}
