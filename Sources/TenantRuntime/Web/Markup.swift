import Mustache

/// Text that becomes a part of HTML.
package enum Markup {
  /// Byte by byte, as a browser reads: a quote with an accent over it is one `Character`, and still ends an attribute.
  package static func escape(_ text: String) -> String {
    guard text.utf8.contains(where: isSpecial) else { return text }
    var out: [UInt8] = []
    out.reserveCapacity(text.utf8.count + 32)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): out += "&amp;".utf8
      case UInt8(ascii: "<"): out += "&lt;".utf8
      case UInt8(ascii: ">"): out += "&gt;".utf8
      case UInt8(ascii: "\""): out += "&quot;".utf8
      case UInt8(ascii: "'"): out += "&#39;".utf8
      default: out.append(byte)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func isSpecial(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
    default: false
    }
  }
}

/// Templates of pages, parsed once. Each is given its content type here, for Mustache's own escapes by `Character`, and what a template
/// includes begins with that one again.
package struct PageTemplates: Sendable {
  private var library = MustacheLibrary()

  private struct Escaping: MustacheContentType {
    func escapeText(_ text: String) -> String { Markup.escape(text) }
  }

  package struct Missing: Error {
    package var name: String
    package init(name: String) { self.name = name }
  }

  /// Sources by name. Line breaks and the indentation behind them are no part of a page.
  /// - Parameter fill: what is put in the place of our own marks (icons, addresses of assets, other languages) before a source is parsed.
  package init(_ sources: [String: [UInt8]], fill: (String) throws -> String = { $0 }) throws {
    MustacheContentTypes.register(Escaping(), named: "PAGE")
    for (name, source) in sources {
      let lines = String(decoding: source, as: UTF8.self).split(separator: "\n").map { $0.drop { $0 == " " } }
      let text = try fill(lines.joined())
      // What includes a template that there is not would print nothing in its place.
      for tag in text.matches(of: /\{\{[<>]\s*([^\s}]+)/) where sources[String(tag.1)] == nil {
        throw Missing(name: String(tag.1))
      }
      try library.register("{{% CONTENT_TYPE: PAGE}}" + text, named: name)
    }
  }

  package func has(_ name: String) -> Bool { library.getTemplate(named: name) != nil }

  /// `values`: strings, bools, optionals, and lists of such structs.
  package func render(_ name: String, _ values: Any) -> String {
    guard let page = library.render(values, withTemplate: name) else { preconditionFailure("no template \(name)") }
    return page
  }

  /// A page's own values; what it has not is looked up in `also`.
  package func render(_ page: any Page, template: String? = nil, also: [String: any Sendable]) -> String {
    render(template ?? type(of: page).template, PageValues(page: page, also: also))
  }
}

/// The names that a template finds: a page's own first.
private struct PageValues: MustacheParent {
  private let own: PageNode
  private let also: [String: Any]

  init(page: any Page, also: [String: any Sendable]) {
    own = PageNode(page)
    self.also = also.mapValues { value -> Any in
      if let text = value as? String { PageText(renderText: text) } else { value }
    }
  }

  func child(named name: String) -> Any? { own.child(named: name) ?? also[name] }
}

/// Text as a template prints it. Of a plain string Mustache finds out by four casts and a description that it is one.
private struct PageText: MustacheCustomRenderable {
  let renderText: String
  var isNull: Bool { false }
}

/// A struct as a template reads it: its members by name, found out once. Mustache itself would look through all of them, by reflection, at each
/// name that it comes to: that was a third of a page's time.
private struct PageNode: MustacheParent {
  private let members: [String: Any]

  init(_ value: Any) {
    members = Dictionary(
      Mirror(reflecting: value).children.compactMap { child in
        child.label.flatMap { label in Self.value(child.value).map { (label, $0) } }
      },
      uniquingKeysWith: { first, _ in first })
  }

  func child(named name: String) -> Any? { members[name] }

  /// Text, yes or no, and markup as they are; a struct as its members; nil: there is none, for an `Any` that holds nil is not nil.
  static func value(_ value: Any) -> Any? {
    // These casts see through optionals.
    if let text = value as? String { return PageText(renderText: text) }
    if let flag = value as? Bool { return flag }
    if let drawing = value as? Drawing { return drawing }
    let mirror = Mirror(reflecting: value)
    return switch mirror.displayStyle {
    case .optional: mirror.children.first.flatMap { Self.value($0.value) }
    case .collection: mirror.children.compactMap { Self.value($0.value) }
    case .struct: PageNode(value)
    default: value
    }
  }
}
