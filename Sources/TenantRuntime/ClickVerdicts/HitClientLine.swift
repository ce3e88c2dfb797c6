/// What a client says, in the order in which it says it, each thing once and no longer than it is kept:
///
///     each: its `HitHeader` (255: the user agent), its length as LEB128, its UTF-8
struct HitClientLine: Hashable, Sendable {
  private(set) var bytes: [UInt8] = []
  /// What has been said: a bit for each.
  private var seen: UInt32 = 0

  private static let agent: UInt8 = 255
  private static let agentBit: UInt32 = 31

  init() {}

  mutating func append(agent value: String) {
    var value = value
    value.withUTF8 { append(agent: UnsafeRawBufferPointer($0)) }
  }

  mutating func append(_ header: HitHeader, _ value: String) {
    var value = value
    value.withUTF8 { append(header, UnsafeRawBufferPointer($0)) }
  }

  mutating func append(agent value: UnsafeRawBufferPointer) {
    append(Self.agent, Self.agentBit, value, atMost: HitFacts.longestAgent)
  }

  mutating func append(_ header: HitHeader, _ value: UnsafeRawBufferPointer) {
    append(header.rawValue, UInt32(header.rawValue), value, atMost: HitFacts.longestValue)
  }

  private mutating func append(_ code: UInt8, _ bit: UInt32, _ value: UnsafeRawBufferPointer, atMost longest: Int) {
    guard seen & 1 << bit == 0 else { return }
    seen |= 1 << bit
    if bytes.isEmpty { bytes.reserveCapacity(384) }
    bytes.append(code)
    bytes.append(number: UInt64(min(value.count, longest)))
    bytes.append(contentsOf: value.prefix(longest))
  }

  /// nil for what is no such line.
  init?(_ kept: ArraySlice<UInt8>) {
    var reader = LineReader(rest: kept)
    while !reader.rest.isEmpty {
      guard let code = reader.byte(), let value = reader.bytes(atMost: HitFacts.longestAgent) else { return nil }
      let isNew = value.withUnsafeBytes { value in
        let before = seen
        if code == Self.agent {
          append(agent: value)
        } else if let header = HitHeader(rawValue: code), value.count <= HitFacts.longestValue {
          append(header, value)
        }
        return seen != before
      }
      guard isNew else { return nil }
    }
  }

  /// A character that was cut in two is replaced.
  func read() -> (userAgent: String, headers: HitHeaders) {
    var (agent, headers) = ("", HitHeaders())
    var reader = LineReader(rest: bytes[...])
    while let code = reader.byte(), let value = reader.bytes(atMost: HitFacts.longestAgent) {
      let text = String(decoding: value, as: UTF8.self)
      if let header = HitHeader(rawValue: code) { headers[header] = text } else { agent = text }
    }
    return (agent, headers)
  }

  static func == (left: HitClientLine, right: HitClientLine) -> Bool { left.bytes == right.bytes }

  func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
}
