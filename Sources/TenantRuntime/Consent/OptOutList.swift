import Dispatch
import Foundation

/// A list of numbers to opt out, as people paste or upload it: one a line, or the first column of a CSV; six figures are usual.
struct OptOutList: Sendable {
  struct Invalid: Sendable {
    var line: Int
    var value: String
    var reason: String
  }

  static let most = 500_000
  /// Empty ones and such without a number, too.
  static let mostLines = 1_000_000
  static let mostShown = 100

  private(set) var phones: [PhoneNumber] = []
  private(set) var invalid: [Invalid] = []
  private(set) var invalidCount = 0

  /// Reading half a million numbers takes seconds: not on a thread that all tenants' work shares. One list at a time.
  private static let reader = DispatchQueue(label: "opt-out-lists")

  static func read(_ make: @escaping @Sendable () throws -> OptOutList) async throws -> OptOutList {
    try await withCheckedThrowingContinuation { done in
      reader.async { done.resume(with: Result { try make() }) }
    }
  }

  init(_ text: String) throws {
    var seen: Set<PhoneNumber> = []
    var (rest, number) = (text[...], 0)
    // One line at a time: all of them as an array would take many times the memory of the text.
    while !rest.isEmpty {
      let line = rest.prefix { !$0.isNewline }
      rest = rest[line.endIndex...].dropFirst()
      number += 1
      guard number <= Self.mostLines else {
        throw Refusal.tooLarge("A list may have at most \(Self.mostLines) lines.")
      }
      let value = line.drop(while: Self.isSeparator).prefix { !Self.isSeparator($0) }
      let cleaned = value.prefix(Self.longestValue).trimmingCharacters(in: Self.around)
      if cleaned.isEmpty { continue }
      // A header is not a number, and nobody minds.
      if number == 1, !cleaned.contains(where: \.isNumber) { continue }
      take(cleaned, line: number, &seen)
      guard phones.count <= Self.most else { throw Refusal.tooLarge("A list may hold at most \(Self.most) numbers.") }
    }
  }

  /// Of what no number is longer than.
  private static let longestValue = 200
  private static let around = CharacterSet(charactersIn: " \"'")
  private static func isSeparator(_ letter: Character) -> Bool { letter == "," || letter == ";" || letter == "\t" }

  init(_ values: [JSON]) throws {
    guard values.count <= Self.most else { throw Refusal.tooLarge("A list may hold at most \(Self.most) numbers.") }
    var seen: Set<PhoneNumber> = []
    for (index, value) in values.enumerated() { take(value.text ?? value.serialized, line: index + 1, &seen) }
  }

  private mutating func take(_ text: String, line: Int, _ seen: inout Set<PhoneNumber>) {
    // A landline that has opted out has opted out.
    switch PhoneReader.shared.dialled(text, region: "US") {
    case .success(let phone): if seen.insert(phone).inserted { phones.append(phone) }
    case .failure(let why):
      invalidCount += 1
      if invalid.count < Self.mostShown {
        invalid.append(Invalid(line: line, value: String(text.unicodeScalars.prefix(60)), reason: why.sentence))
      }
    }
  }
}
