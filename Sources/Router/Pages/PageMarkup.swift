/// A page of ours, read as far as its forms go: tags, and which field stands in which form. Every text in it is escaped and every attribute
/// is quoted (`Markup`), so that a `<` begins a tag and nothing else does.
struct PageMarkup {
  struct Tag {
    let name: String
    let isEnd: Bool
    let attributes: [(name: String, value: String)]
    let range: Range<Int>

    subscript(name: String) -> String? { attributes.first { $0.name == name }?.value }
  }

  struct Form {
    fileprivate let tag: Int
    fileprivate var controls: [Int] = []
    fileprivate var hidden: [(name: String, value: String)] = []
    fileprivate var actions: [String] = []
  }

  let bytes: [UInt8]
  let tags: [Tag]
  private var forms: [Form] = []
  /// Dialogs and folded parts around a tag.
  private var around: [Int: [Int]] = [:]
  private static let controlNames: Set<String> = ["input", "select", "textarea"]
  private static let containerNames: Set<String> = ["dialog", "details"]

  init(_ html: String) {
    bytes = Array(html.utf8)
    tags = Self.tags(bytes)
    var (open, containers): (Int?, [Int]) = (nil, [])
    for (index, tag) in tags.enumerated() {
      switch tag.name {
      case "form":
        open = tag.isEnd ? nil : forms.count
        if !tag.isEnd { forms.append(Form(tag: index, actions: [tag["action"] ?? ""])) }
      case _ where Self.containerNames.contains(tag.name):
        if tag.isEnd { _ = containers.popLast() } else { containers.append(index) }
      case "button" where !tag.isEnd:
        if let form = open, let action = tag["formaction"] { forms[form].actions.append(action) }
      case _ where Self.controlNames.contains(tag.name) && !tag.isEnd:
        around[index] = containers
        let named = tag["form"].flatMap { id in forms.firstIndex { tags[$0.tag]["id"] == id } }
        guard let form = named ?? open else { continue }
        if tag["type"] == "hidden" {
          forms[form].hidden.append((tag["name"] ?? "", tag["value"] ?? ""))
        } else {
          forms[form].controls.append(index)
        }
      default: break
      }
    }
  }

  // MARK: Finding

  /// The form that is sent there. Of several the one whose hidden fields were sent, too.
  func form(of path: String, sentWith typed: [(name: String, value: String)]) -> Form? {
    let sent = Set(typed.map { "\($0.name)=\($0.value)" })
    func likeness(_ form: Form) -> Int { form.hidden.count { sent.contains("\($0.name)=\($0.value)") } }
    let able = forms.filter { form in form.actions.contains { $0.prefix { $0 != "?" } == path } }
    return able.max { likeness($0) < likeness($1) }
  }

  /// The field that people see of what an operation names; nil: there is none, or nobody can say which.
  /// - Parameter field: of several names with commas between, the first that is there.
  func control(of field: String, in form: Form) -> Int? {
    for name in field.split(separator: ",") {
      let path = name.replacing("[", with: ".").replacing("]", with: "").split(separator: " ").joined(separator: " ")
      func named(_ isIt: (Substring) -> Bool) -> [Int] {
        // Behind a colon stands how it is written (`FormJSON`).
        form.controls.filter { isIt((tags[$0]["name"] ?? "").prefix { $0 != ":" }) }
      }
      if let own = named({ $0 == path }).first ?? named({ $0.hasPrefix(path + ".") }).first { return own }
      // One field may hold all of it, like a list or a rule; of several nobody knows which.
      var parts = path.split(separator: ".").dropLast()
      while !parts.isEmpty {
        let outer = named { $0 == parts.joined(separator: ".") }
        if outer.count == 1 { return outer[0] }
        parts = parts.dropLast()
      }
    }
    return nil
  }

  /// Dialogs and folded parts that it stands in.
  func containers(of control: Int) -> [Int] { around[control] ?? [] }

  /// Behind the whole element.
  func end(of control: Int) -> Int {
    let tag = tags[control]
    guard tag.name != "input" else { return tag.range.upperBound }
    return tags[control...].first { $0.isEnd && $0.name == tag.name }?.range.upperBound ?? tag.range.upperBound
  }

  // MARK: Reading

  private static func tags(_ bytes: [UInt8]) -> [Tag] {
    var (tags, at) = ([Tag](), 0)
    while let open = bytes[at...].firstIndex(of: UInt8(ascii: "<")) {
      var end = open + 1
      let isEnd = end < bytes.count && bytes[end] == UInt8(ascii: "/")
      if isEnd { end += 1 }
      let name = word(bytes, &end)
      var attributes: [(name: String, value: String)] = []
      while end < bytes.count, bytes[end] != UInt8(ascii: ">") {
        let attribute = word(bytes, &end)
        if attribute.isEmpty {
          end += 1
        } else {
          attributes.append((attribute, value(bytes, &end)))
        }
      }
      at = min(end + 1, bytes.count)
      tags.append(Tag(name: name, isEnd: isEnd, attributes: attributes, range: open..<at))
    }
    return tags
  }

  private static func word(_ bytes: [UInt8], _ at: inout Int) -> String {
    let start = at
    while at < bytes.count, !" \n\t=>/\"".utf8.contains(bytes[at]) { at += 1 }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private static func value(_ bytes: [UInt8], _ at: inout Int) -> String {
    guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "="), bytes[at + 1] == UInt8(ascii: "\"") else { return "" }
    let start = at + 2
    let end = bytes[start...].firstIndex(of: UInt8(ascii: "\"")) ?? bytes.count
    at = min(end + 1, bytes.count)
    return unescaped(String(decoding: bytes[start..<end], as: UTF8.self))
  }

  private static func unescaped(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
    return [
      ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#123;", "{"), ("&#125;", "}"), ("&amp;", "&"),
    ]
    .reduce(text) { $0.replacing($1.0, with: $1.1) }
  }
}
