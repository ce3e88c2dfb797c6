import HTTPTypes
import TenantRuntime

/// A form of a page that was refused.
struct RefusedForm: Sendable {
  /// Where it was sent.
  let path: String
  let typed: [(name: String, value: String)]
  let refusal: Refusal

  /// Whoever is told that somebody else has changed it has seen the new version: saving again is meant.
  init(path: String, typed: [(name: String, value: String)], refusal: Refusal) {
    self.path = path
    self.typed = refusal.status == .preconditionFailed ? typed.filter { $0.name != "_etag" } : typed
    self.refusal = refusal
  }
}

/// Marks the fields that a refusal names, in the page that shows their form once more: each says that it is invalid and why, and the first
/// one has the focus. It is done in the markup, so that no template has to know of it, and works without scripts.
struct FieldMarks {
  /// What is wrong with one field.
  struct Error: Sendable {
    /// As the operation names it: `variants[1].body`.
    let field: String
    /// Beside the field, which names itself.
    let sentence: String
    /// The id of the element that says it with the field's name, above the page.
    let summary: String
  }

  /// The page with its marks; nil: the page does not show the form, or none of the fields.
  static func marked(_ html: String, _ form: RefusedForm, _ errors: [Error]) -> String? {
    let page = PageMarkup(html)
    guard let shown = page.form(of: form.path, sentWith: form.typed) else { return nil }
    var wrong: [Int: [Error]] = [:]
    for error in errors {
      guard let control = page.control(of: error.field, in: shown) else { continue }
      wrong[control, default: []].append(error)
    }
    guard let first = wrong.keys.min() else { return nil }
    var edits = Edits()
    for tag in page.tags.indices where tag != first && page.tags[tag]["autofocus"] != nil {
      edits.change(page, tag) { $0.filter { $0.name != "autofocus" } }
    }
    for (control, errors) in wrong {
      mark(page, control, errors, isFirst: control == first, &edits)
      for outer in page.containers(of: control) where page.tags[outer].name == "details" || control == first {
        edits.change(page, outer) { $0 + ($0.contains { $0.name == "open" } ? [] : [("open", "")]) }
      }
    }
    return edits.applied(to: page.bytes)
  }

  private static func mark(_ page: PageMarkup, _ control: Int, _ errors: [Error], isFirst: Bool, _ edits: inout Edits) {
    let tag = page.tags[control]
    // Beside a box to tick the sentence would be a part of its label.
    let isBox = ["checkbox", "radio"].contains(tag["type"] ?? "")
    let ids = errors.map { isBox ? $0.summary : "wrong-\($0.summary)" }
    edits.change(page, control) { attributes in
      let kept = attributes.filter { !["aria-invalid", "aria-describedby", "autofocus"].contains($0.name) }
      let described = ([tag["aria-describedby"]].compactMap { $0 } + ids).joined(separator: " ")
      return kept + [("aria-invalid", "true"), ("aria-describedby", described)] + (isFirst ? [("autofocus", "")] : [])
    }
    guard !isBox else { return }
    let said = zip(ids, errors).map { id, error in
      "<span class=\"wrong\" id=\"\(id)\">\(Markup.escape(error.sentence))</span>"
    }
    edits.insert(said.joined(), at: page.end(of: control))
  }

  /// Changes of a page, each at a place of its own.
  private struct Edits {
    private var all: [(range: Range<Int>, text: String)] = []
    private var attributes: [Int: [(name: String, value: String)]] = [:]

    mutating func insert(_ text: String, at place: Int) { all.append((place..<place, text)) }

    mutating func change(
      _ page: PageMarkup, _ tag: Int, _ change: ([(name: String, value: String)]) -> [(name: String, value: String)]
    ) {
      attributes[tag] = change(attributes[tag] ?? page.tags[tag].attributes)
      let list = (attributes[tag] ?? []).map { name, value in
        value.isEmpty && name != "value" ? " \(name)" : " \(name)=\"\(Markup.escape(value))\""
      }
      all.removeAll { $0.range == page.tags[tag].range }
      all.append((page.tags[tag].range, "<\(page.tags[tag].name)\(list.joined())>"))
    }

    func applied(to bytes: [UInt8]) -> String {
      var (out, at) = ([UInt8](), 0)
      for edit in all.sorted(by: {
        ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
      }) {
        out += bytes[at..<edit.range.lowerBound]
        out += edit.text.utf8
        at = edit.range.upperBound
      }
      return String(decoding: out + bytes[at...], as: UTF8.self)
    }
  }
}
