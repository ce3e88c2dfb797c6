import CQRCode

/// A text as a QR code (ISO/IEC 18004), error correction M.
package struct QRCode: Sendable {
  /// Modules on a side.
  package let side: Int
  /// Row by row; true is dark.
  package let modules: [Bool]
  /// Light modules around it that readers need.
  private static let quiet = 4

  /// Nil of a text that is too long for any code.
  package init?(_ text: String) {
    guard !text.isEmpty, let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
    defer { QRcode_free(code) }
    side = Int(code.pointee.width)
    modules = (0..<side * side).map { code.pointee.data[$0] & 1 == 1 }
  }

  /// Dark on white whatever the theme, as readers want it; one unit a module, so that it is sized from outside.
  package func svg(title: String) -> String {
    var path = ""
    for row in 0..<side {
      var column = 0
      while column < side {
        let end = (column..<side).first { !modules[row * side + $0] } ?? side
        if end > column { path += "M\(column + Self.quiet) \(row + Self.quiet)h\(end - column)v1h-\(end - column)z" }
        column = max(end, column + 1)
      }
    }
    let whole = side + 2 * Self.quiet
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(whole) \(whole)" role="img" shape-rendering="crispEdges">\
      <title>\(Markup.escape(title))</title><path fill="#fff" d="M0 0h\(whole)v\(whole)H0z"/><path d="\(path)"/></svg>
      """
  }
}
