import Crypto
import Foundation
import Hummingbird

/// Where a list goes on, as clients are given it: text that means nothing to them.
///
/// It is bound to its list: the address with its ids, and the filters. So the cursor of another list, or of the same one with other filters, is
/// refused, instead of leading to rows that were not asked for.
package struct Cursor: Sendable {
  private static let version: UInt8 = 1
  private let list: [UInt8]

  /// Of a request to a list. `limit` may change from page to page.
  package init<Subject>(of call: Call<Subject>) {
    let filters = call.request.queryForm.filter {
      !Self.passing.contains($0.name) && !$0.value.isEmpty
    }
    .map { "\($0.name)\u{0}\($0.value)" }.sorted()
    let text = ([call.request.uri.path] + filters).joined(separator: "\u{0}\u{0}")
    list = Array(SHA256.hash(data: Array(text.utf8)).prefix(6))
  }

  /// No filters: `done` says what a button before has done.
  static let passing: Set<String> = ["after", "cursor", "limit", "done"]

  /// - Parameter values: what the list is ordered by, of the last entry that was shown.
  package func text(_ values: [Int64]) -> String {
    let bytes = [Self.version] + list + values.flatMap { value in withUnsafeBytes(of: value.bigEndian, Array.init) }
    return Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
      "=", with: "")
  }

  package func values(_ text: String, count: Int) throws -> [Int64] {
    let wrong = Refusal.invalid("cursor", "is not a cursor of this list with these filters")
    let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    guard text.utf8.count <= 100,
      let data = Data(base64Encoded: text.replacing("-", with: "+").replacing("_", with: "/") + padding)
    else { throw wrong }
    let bytes = Array(data)
    guard bytes.count == 7 + 8 * count, bytes[0] == Self.version, Array(bytes[1..<7]) == list else { throw wrong }
    let values = (0..<count).map { index in
      bytes[(7 + 8 * index)..<(15 + 8 * index)].reduce(Int64(0)) { $0 << 8 | Int64($1) }
    }
    // One spelling of each.
    guard self.text(values) == text else { throw wrong }
    return values
  }
}
