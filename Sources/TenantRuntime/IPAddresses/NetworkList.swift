/// Address ranges that the operator keeps in a text file: one network or address a line, `#` begins a comment.
package struct NetworkList: Sendable, Equatable {
  /// Sorted, and no two touch.
  private var ranges: [ClosedRange<UInt128>] = []

  package init(_ networks: [Network] = []) {
    for range in networks.map({ $0.first.value...$0.last.value }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = ranges.last, range.lowerBound <= last.upperBound {
        ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        ranges.append(range)
      }
    }
  }

  package struct BadLine: Error, CustomStringConvertible {
    package var number: Int
    package var text: String
    package var description: String { "Line \(number) is no network like 192.0.2.0/24 or 2001:db8::/32: \(text)" }
  }

  /// Throws `BadLine` with the first line that cannot be read.
  package init(text: String) throws {
    var networks: [Network] = []
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
      guard let word = words.first else { continue }
      guard words.count == 1, let network = Network(word) else {
        throw BadLine(number: number + 1, text: String(line.prefix(80)))
      }
      networks.append(network)
    }
    self.init(networks)
  }

  package var count: Int { ranges.count }

  package func contains(_ address: IPAddress) -> Bool {
    let index = first(endingFrom: address.value)
    return index < ranges.count && ranges[index].lowerBound <= address.value
  }

  /// Whether all of a network is listed; nil: a part of it.
  package func covers(_ network: Network) -> Bool? {
    let (first, last) = (network.first.value, network.last.value)
    let index = self.first(endingFrom: first)
    guard index < ranges.count, ranges[index].lowerBound <= last else { return false }
    return ranges[index].lowerBound <= first && last <= ranges[index].upperBound ? true : nil
  }

  /// The place of the first range that does not end before `value`.
  private func first(endingFrom value: UInt128) -> Int {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
