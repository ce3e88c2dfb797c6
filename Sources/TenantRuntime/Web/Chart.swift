import Foundation

/// Charts as SVG without a single inline style: they print, follow the theme, and need no script. The plot stretches, strokes do not; labels are
/// HTML beside it, so that text never shrinks on a phone.
package struct Chart: Sendable {
  /// One of the colours that the style sheet has: go, go2, go3, wait, stop, info, talk, brand, quiet.
  package typealias Kind = String

  package struct Part: Sendable {
    let count: Int64
    let kind: Kind
    let name: String
    package init(_ count: Int64, _ kind: Kind, _ name: String) {
      (self.count, self.kind, self.name) = (count, kind, name)
    }
  }

  package struct Series: Sendable {
    let kind: Kind
    let name: String
    let values: [Int64]
    package init(_ kind: Kind, _ name: String, _ values: [Int64]) {
      (self.kind, self.name, self.values) = (kind, name, values)
    }
  }

  let words: Words
  /// Values of columns and tables are millionths of a dollar.
  let isMoney: Bool
  package init(_ words: Words, isMoney: Bool = false) { (self.words, self.isMoney) = (words, isMoney) }

  private func told(_ value: Int64) -> String { isMoney ? words.money(value) : words.number(value) }
  private func mark(_ value: Double) -> String {
    guard isMoney else { return Self.short(value) }
    return value < 1_000_000_000 ? words.money(Int64(value)) : "$" + Self.short(value / 1_000_000)
  }

  /// With one decimal; a chart has some hundred of them.
  private func n(_ value: Double) -> String {
    guard let tenths = Int64(exactly: (value * 10).rounded()) else { return "0" }
    return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
  }

  /// One bar in shares of its sum.
  package func split(_ parts: [Part], isTall: Bool = false) -> Drawing {
    let total = Double(max(1, parts.reduce(0) { $0 + $1.count }))
    var x = 0.0
    var out = ""
    for part in parts where part.count > 0 {
      let width = 1000 * Double(part.count) / total
      out += "<rect class=\"\(part.kind)\" x=\"\(n(x))\" width=\"\(n(max(width, 3)))\" height=\"10\"/>"
      x += width
    }
    let told = parts.filter { $0.count > 0 }.map { "\($0.name) \(words.number($0.count))" }.joined(separator: ", ")
    return Drawing(
      "<svg class=\"bar\(isTall ? " tall" : "")\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"\(Markup.escape(told.isEmpty ? words("Nothing yet") : told))\">\(out)</svg>"
    )
  }

  /// How much of a whole, from 0 to 1.
  package func share(_ value: Double, _ kind: Kind = "brand", label: String) -> Drawing {
    Drawing(
      "<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"\(Markup.escape(label))\"><rect class=\"\(kind)\" width=\"\(n(1000 * min(1, max(0, value))))\" height=\"10\"/></svg>"
    )
  }

  /// A bar in a cell of a table, beside its figure.
  package static func cell(_ value: Double) -> Drawing {
    let width = String(format: "%.1f", 100 * min(1, max(0, value)))
    return Drawing(
      "<svg viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect fill=\"currentColor\" width=\"\(width)\" height=\"6\"/></svg>"
    )
  }

  /// Columns, the first series at the bottom. Each column says its figures to the pointer and to the arrow keys.
  package func columns(_ labels: [String], _ stacks: [Series], caption: String, every: Int = 1, isLow: Bool = false)
    -> Drawing
  {
    guard !labels.isEmpty else { return Drawing("") }
    let height = 200.0
    let highest =
      labels.indices.map { at in stacks.reduce(0) { $0 + ($1.values.indices.contains(at) ? $1.values[at] : 0) } }.max()
      ?? 0
    let marks = Self.marks(Double(max(1, highest)))
    let top = marks.last ?? 1
    let slot = 1000.0 / Double(labels.count)
    var out = marks.dropFirst().map {
      "<line class=\"grid\" x1=\"0\" x2=\"1000\" y1=\"\(n(height - height * $0 / top))\" y2=\"\(n(height - height * $0 / top))\" vector-effect=\"non-scaling-stroke\"/>"
    }.joined()
    for at in labels.indices {
      var y = height
      for series in stacks where series.values.indices.contains(at) && series.values[at] > 0 {
        let part = height * Double(series.values[at]) / top
        y -= part
        out +=
          "<rect class=\"\(series.kind)\" x=\"\(n(Double(at) * slot + slot * 0.16))\" y=\"\(n(y))\" width=\"\(n(slot * 0.68))\" height=\"\(n(max(part - 0.8, 0.8)))\"/>"
      }
    }
    out += "<line class=\"base\" x1=\"0\" x2=\"1000\" y1=\"200\" y2=\"200\" vector-effect=\"non-scaling-stroke\"/>"
    for at in labels.indices { out += column(at, labels[at], stacks, slot) }
    let ys = marks.reversed().map { "<span>\(mark($0))</span>" }.joined()
    let xs = labels.enumerated().map { "<span>\($0 % max(1, every) == 0 ? Markup.escape($1) : "")</span>" }.joined()
    let hear = Markup.escape("\(caption). \(words("Arrow keys walk through it."))")
    return Drawing(
      "<div class=\"chart\" data-chart tabindex=\"0\" role=\"group\" aria-label=\"\(hear)\"><div class=\"plot\(isLow ? " low" : "")\"><div class=\"y\" aria-hidden=\"true\">\(ys)</div><svg viewBox=\"0 0 1000 200\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\(out)</svg><div class=\"x\" aria-hidden=\"true\">\(xs)</div></div></div>"
    )
  }

  private func column(_ at: Int, _ label: String, _ stacks: [Series], _ slot: Double) -> String {
    let rows = stacks.reversed().filter { $0.values.indices.contains(at) && $0.values[at] > 0 }.map {
      "\($0.kind)|\(Markup.escape($0.name))|\(told($0.values[at]))"
    }.joined(separator: ";")
    return
      "<rect class=\"slot\" x=\"\(n(Double(at) * slot))\" y=\"0\" width=\"\(n(slot))\" height=\"200\" data-head=\"\(Markup.escape(label))\" data-rows=\"\(rows)\"/>"
  }

  /// The same figures as a table, behind a fold.
  package func table(_ labels: [String], _ stacks: [Series], head: String, caption: String) -> Drawing {
    let heads = ([head] + stacks.map(\.name)).enumerated().map {
      "<th scope=\"col\" class=\"\($0 == 0 ? "" : "n")\">\(Markup.escape($1))</th>"
    }.joined()
    let rows = labels.enumerated().map { at, label in
      "<tr><td>\(Markup.escape(label))</td>"
        + stacks.map { "<td class=\"n\">\(told($0.values.indices.contains(at) ? $0.values[at] : 0))</td>" }
        .joined()
        + "</tr>"
    }.joined()
    return Drawing(
      "<details class=\"figures\"><summary>\(words("Show as a table"))</summary><div class=\"table-scroll\" tabindex=\"0\"><table class=\"table\"><caption class=\"sr\">\(Markup.escape(caption))</caption><thead><tr>\(heads)</tr></thead><tbody>\(rows)</tbody></table></div></details>"
    )
  }

  static func marks(_ top: Double) -> [Double] {
    let step = max(1, top / 4)
    let magnitude = pow(10, floor(log10(step)))
    let nice = [1, 2, 2.5, 5, 10].map { $0 * magnitude }.first { $0 >= step } ?? step
    let whole = max(1, nice.rounded(.up))
    return (0...Int((top / whole).rounded(.up))).map { Double($0) * whole }
  }

  private static func short(_ value: Double) -> String {
    func trimmed(_ value: Double) -> String {
      value == value.rounded() ? String(Int64(value)) : String(format: "%.1f", value)
    }
    return value >= 1_000_000
      ? trimmed(value / 1_000_000) + "M" : value >= 1_000 ? trimmed(value / 1_000) + "k" : trimmed(value)
  }
}
