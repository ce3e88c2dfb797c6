/// The path of a short link: eight characters that carry job and link number, so that no row per recipient is stored.
///
/// 46 bits = 30 of id, 3 of link number, 13 of check. A six-round Feistel permutation, whose round function is SipHash-2-4 under the
/// tenant's link key, scatters them; base 57 without look-alikes (0 O, 1 I l) writes them down. A token is tried under each of the
/// tenant's keys, newest first.
///
/// Three things are named by tokens, and each has a check of its own, so that none opens as another: a link in a text (numbers 0 to 6),
/// that text's unsubscribe page (number 7, at `/u/TOKEN`), and a link of its own (number 7, at `/TOKEN`; the id is its `code`). Anyone who
/// reads a poster's code does not hold a stranger's unsubscribe page.
///
/// What an attacker can do: try tokens at random. All but one in 8,192 per key die here by arithmetic, within a microsecond and without a
/// file being opened; the rest must still name a text that was sent or a link that is there. At a tenant of ten thousand texts that takes
/// some ten thousand million tries, wrong ones are bounded per address (Links/Links.swift), and the prize is where one person's link
/// leads. They can ask a token they know again, and see that two tokens differ.
///
/// What they cannot do without the key: make a neighbour's token from their own, count texts, see which tokens belong to one person or
/// campaign, or use a token at another tenant. 13 bits of check are no signature: a token is an address, and no right hangs on it but to
/// take one number off the list.
package enum LinkToken: Sendable, Hashable {
  case link(job: Int64, number: Int)
  case page(job: Int64)
  case own(code: Int64)

  package static let length = 8
  package static let highestID: Int64 = (1 << 30) - 1
  /// What stands where a link number would: the page of a text, or a link of its own.
  package static let pageNumber = 7
  package static let ownNumber = 7

  /// A link of a text by its number, which may be its unsubscribe page's.
  package static func inText(job: Int64, number: Int) -> LinkToken {
    number == pageNumber ? .page(job: job) : .link(job: job, number: number)
  }

  package func text(key: LinkKeys.Key) -> String {
    let (id, number) = bits
    precondition((0...Self.highestID).contains(id) && (0..<8).contains(number), "a token carries 30 bits of id")
    var value = UInt64(id) &<< 16 | UInt64(number) &<< 13
    value |= Self.check(value, kind, key.hash)
    var code = Self.permute(value, key.hash)
    var out: [UInt8] = Array(repeating: 0, count: Self.length)
    for position in stride(from: Self.length - 1, through: 0, by: -1) {
      out[position] = Base57.alphabet[Int(code % 57)]
      code /= 57
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// What `/TOKEN` names: never a page.
  package init?(path text: Substring, keys: LinkKeys) {
    guard let code = Base57.value(of: text) else { return nil }
    for key in keys.all {
      let value = Self.unpermute(code, key.hash)
      let (id, number) = (Int64(value &>> 16), Int(value &>> 13 & 7))
      let token = number == Self.ownNumber ? LinkToken.own(code: id) : .link(job: id, number: number)
      guard value & Self.checkBits == Self.check(value & ~Self.checkBits, token.kind, key.hash) else { continue }
      self = token
      return
    }
    return nil
  }

  /// Whose unsubscribe page `/u/TOKEN` is.
  package init?(page text: Substring, keys: LinkKeys) {
    guard let code = Base57.value(of: text) else { return nil }
    for key in keys.all {
      let value = Self.unpermute(code, key.hash)
      guard value &>> 13 & 7 == UInt64(Self.pageNumber),
        value & Self.checkBits == Self.check(value & ~Self.checkBits, .page, key.hash)
      else { continue }
      self = .page(job: Int64(value &>> 16))
      return
    }
    return nil
  }

  // MARK: Arithmetic

  /// The highest byte of a hashed word: rounds have 0 to 5.
  private enum Kind: UInt64 { case link = 0xFF, page = 0xFE, own = 0xFD }

  private var kind: Kind {
    switch self {
    case .link: .link
    case .page: .page
    case .own: .own
    }
  }

  private var bits: (id: Int64, number: Int) {
    switch self {
    case .link(let job, let number): (job, number)
    case .page(let job): (job, Self.pageNumber)
    case .own(let code): (code, Self.ownNumber)
    }
  }

  private static let half: UInt64 = (1 << 23) - 1
  private static let checkBits: UInt64 = (1 << 13) - 1
  private static let rounds: UInt64 = 6

  /// Swaps halves each round; run backwards it undoes itself.
  private static func permute(_ value: UInt64, _ hash: SipHash) -> UInt64 {
    var left = value &>> 23
    var right = value & half
    var round: UInt64 = 0
    while round < rounds {
      (left, right) = (right, left ^ (hash.hash(round &<< 56 | right) & half))
      round &+= 1
    }
    return left &<< 23 | right
  }

  private static func unpermute(_ value: UInt64, _ hash: SipHash) -> UInt64 {
    var left = value &>> 23
    var right = value & half
    var round = rounds
    while round > 0 {
      round &-= 1
      (left, right) = (right ^ (hash.hash(round &<< 56 | left) & half), left)
    }
    return left &<< 23 | right
  }

  private static func check(_ value: UInt64, _ kind: Kind, _ hash: SipHash) -> UInt64 {
    hash.hash(kind.rawValue &<< 56 | value) & checkBits
  }
}

/// Digits and letters that nobody mistakes for another on paper.
private enum Base57 {
  static let alphabet = Array("23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
  private static let none: UInt8 = 0xFF
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: none, count: 256)
    for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
    return values
  }()

  /// The 46 bits written down; nil of anything else.
  static func value(of text: Substring) -> UInt64? {
    guard text.utf8.count == LinkToken.length else { return nil }
    var code: UInt64 = 0
    for byte in text.utf8 {
      let value = values[Int(byte)]
      guard value != none else { return nil }
      code = code &* 57 &+ UInt64(value)
    }
    return code &>> 46 == 0 ? code : nil
  }
}
