/// SipHash-2-4 with 64 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012): anyone who lacks the 128-bit key
/// cannot distinguish its answers from chance. Some twenty nanoseconds for a short message, where HMAC-SHA256 takes a microsecond.
package struct SipHash: Sendable, Equatable {
  private let key: (UInt64, UInt64)

  /// - Parameter bytes: the key, 16 of them.
  package init(key bytes: [UInt8]) {
    precondition(bytes.count == 16, "SipHash takes a key of 16 bytes")
    key = bytes.withUnsafeBytes {
      (
        UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)),
        UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }

  package static func == (left: SipHash, right: SipHash) -> Bool { left.key == right.key }

  package func hash(_ word: UInt64) -> UInt64 { withUnsafeBytes(of: word.littleEndian) { hash($0) } }

  package func hash(_ message: UnsafeRawBufferPointer) -> UInt64 {
    var state = State(
      a: key.0 ^ 0x736f_6d65_7073_6575, b: key.1 ^ 0x646f_7261_6e64_6f6d, c: key.0 ^ 0x6c79_6765_6e65_7261,
      d: key.1 ^ 0x7465_6462_7974_6573)
    let whole = message.count & ~7
    var offset = 0
    while offset < whole {
      state.take(UInt64(littleEndian: message.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
    }
    var last = UInt64(truncatingIfNeeded: message.count) &<< 56
    while offset < message.count {
      last |= UInt64(message[offset]) &<< UInt64(truncatingIfNeeded: (offset & 7) &* 8)
      offset += 1
    }
    state.take(last)
    return state.finish()
  }

  private struct State {
    var a: UInt64
    var b: UInt64
    var c: UInt64
    var d: UInt64

    @inline(__always) mutating func take(_ word: UInt64) {
      d ^= word
      round()
      round()
      a ^= word
    }

    @inline(__always) mutating func finish() -> UInt64 {
      c ^= 0xFF
      round()
      round()
      round()
      round()
      return a ^ b ^ c ^ d
    }

    @inline(__always) private mutating func round() {
      a &+= b
      c &+= d
      b = (b &<< 13 | b &>> 51) ^ a
      d = (d &<< 16 | d &>> 48) ^ c
      a = a &<< 32 | a &>> 32
      c &+= b
      a &+= d
      b = (b &<< 17 | b &>> 47) ^ c
      d = (d &<< 21 | d &>> 43) ^ a
      c = c &<< 32 | c &>> 32
    }
  }
}
