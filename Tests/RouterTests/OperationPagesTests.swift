import ControlPlane
import Foundation
import HTTPTypes
import Testing

@testable import Router
@testable import TenantRuntime

/// What the API can do, a person can do in the browser: each operation has a form, a page that shows it, or a link that downloads it. Found
/// from the templates, the declarations of pages and their sources.
@Suite struct OperationPagesTests {
  private static let forms = PageForm.all
  private static let pages = OperationPages()

  @Test func everyChangeHasAForm() {
    let found = Set(Self.forms.map(\.operation))
    for operation in PageOperation.all.keys where operation.method != "GET" {
      let reason = OperationExceptions.without[operation]
      if reason == nil, !found.contains(operation) { Issue.record("no form: \(operation)") }
      if reason != nil, found.contains(operation) { Issue.record("has a form now: \(operation)") }
    }
  }

  /// A form that leads nowhere would be found by who presses its button.
  @Test func everyFormIsAnOperation() {
    for form in Self.forms where !PageOperation.all.keys.contains(where: { $0.isMet(by: form.operation) }) {
      Issue.record("\(form.template): \(form.operation)")
    }
  }

  /// A member of a body that no form can say is an ability without a page.
  @Test func everyMemberOfABodyCanBeSaid() {
    for (operation, declaration) in PageOperation.all where OperationExceptions.without[operation] == nil {
      let shape = declaration.body?.contents.first { $0.type == "application/json" }?.shape
      let own = Self.forms.filter { $0.operation == operation }
      guard let members = shape?.schema["properties"]?.members?.map(\.0), !own.isEmpty else { continue }
      let said = Set(own.flatMap(\.fields))
      let left = OperationExceptions.unsaid[operation] ?? []
      // Names that are made in Swift stand for any.
      if own.contains(where: \.hasMadeNames) { continue }
      for member in members where !said.contains(member) && !left.contains(member) {
        Issue.record("no field: \(operation) \(member)")
      }
      for member in left where said.contains(member) || !members.contains(member) {
        Issue.record("not left out: \(operation) \(member)")
      }
    }
  }

  @Test func everyReadingHasAPage() {
    for operation in PageOperation.all.keys where operation.method == "GET" {
      let found = Self.pages.shows(operation)
      let page = OperationExceptions.shownBy[operation]
      let reason = OperationExceptions.without[operation]
      if !found, page == nil, reason == nil { Issue.record("no page: \(operation)") }
      if found, page != nil || reason != nil { Issue.record("is found without being told: \(operation)") }
      if page != nil, reason != nil { Issue.record("said twice: \(operation)") }
    }
  }

  @Test func whatIsListedIsThere() {
    let all = Set(PageOperation.all.keys)
    let listed = Set(OperationExceptions.without.keys).union(OperationExceptions.shownBy.keys)
      .union(OperationExceptions.unsaid.keys)
    #expect(listed.subtracting(all) == [])
    for (operation, page) in OperationExceptions.shownBy {
      #expect(Self.pages.paths(operation.base)[page] != nil, "\(operation): there is no page \(page)")
    }
  }

  /// Who may ask the API for something may see the page that shows it.
  @Test func whoMayReadMaySeeThePage() {
    for (operation, declaration) in PageOperation.all where operation.method == "GET" {
      guard let page = OperationExceptions.shownBy[operation] ?? Self.pages.page(of: operation),
        let needed = declaration.needs, let shown = Self.pages.paths(operation.base)[page] ?? nil
      else { continue }
      for role in Role.allCases where role.permissions.contains(needed) {
        #expect(role.permissions.contains(shown), "\(role) may \(operation), and not see \(page)")
      }
    }
  }
}

/// One operation of the API by its place; parameters stand as `:`.
struct PageOperation: Hashable, CustomStringConvertible {
  enum Base: String { case tenant, platform, own }

  var base: Base
  var method: String
  var path: String

  /// `GET campaigns/:` of a tenant unless said otherwise.
  init(_ text: String, _ base: Base = .tenant) {
    let parts = text.split(separator: " ")
    (self.base, method, path) = (base, String(parts[0]), String(parts[1]))
  }

  init(_ base: Base, _ declaration: RouteDeclaration) {
    (self.base, method, path) = (base, declaration.method.rawValue, Self.plain(declaration.path))
  }

  static func plain(_ path: String) -> String { path.replacing(#/:[a-z_]+/#, with: ":") }

  var description: String { "\(method) \(path) (\(base))" }

  /// A form's action whose parts are filled in by the page may be any of them.
  func isMet(by other: PageOperation) -> Bool {
    let (mine, theirs) = (path.split(separator: "/"), other.path.split(separator: "/"))
    return base == other.base && method == other.method && mine.count == theirs.count
      && zip(mine, theirs).allSatisfy { $0 == $1 || $1 == ":" }
  }

  static let all: [PageOperation: RouteDeclaration] = {
    let tenant = SiteMap.all.map(\.operation) + SiteMap.account.map(\.operation)
    let declared =
      tenant.map { (PageOperation(.tenant, $0), $0) }
      + AdminRoutes.all.map { (PageOperation(.platform, $0.operation), $0.operation) }
      + OwnAccountRoutes.all.map { (PageOperation(.own, $0.operation), $0.operation) }
    return Dictionary(declared, uniquingKeysWith: { first, _ in first })
  }()
}

/// A form of a template, as it is for one state of the page.
struct PageForm {
  let template: String
  let operation: PageOperation
  let fields: Set<String>
  /// Some names of its fields are made by the page.
  let hasMadeNames: Bool

  static let all: [PageForm] = {
    let sources = PageLibrary.sources.mapValues { source in
      String(decoding: source, as: UTF8.self).split(separator: "\n").map { $0.drop { $0 == " " } }.joined()
    }
    return sources.sorted { $0.key < $1.key }.flatMap { name, source in forms(of: name, whole(source, sources)) }
  }()

  /// With what it includes.
  private static let part = Pattern(#"\{\{> ([a-z-]+)\}\}"#)
  private static let form = Pattern(#"<form\b.*?</form>"#)
  private static let method = Pattern(#"name="_method" value="([A-Z]+)""#)
  private static let named = Pattern(#" name="([^"_][^"]*)""#)
  private static let action = Pattern(#"action="(\{\{base\}\}|/admin|/account)/do/([^"?]*)"#)
  private static let anyAction = Pattern(#"action="([^"]*)""#)
  private static let filled = Pattern(#"\{\{[^}]*\}\}"#)
  private static let section = Pattern(#"\{\{[#^]([^}]+)\}\}"#)

  private static func whole(_ source: String, _ sources: [String: String]) -> String {
    var text = source
    for _ in 0..<3 {
      for part in Set(Self.part.matches(in: text).compactMap { $0[1] }) {
        text = text.replacingOccurrences(of: "{{> \(part)}}", with: part == "form" ? "" : sources[part] ?? "")
      }
    }
    return text
  }

  private static func forms(of template: String, _ source: String) -> [PageForm] {
    // Pages of both staff and tenants: the base is that of who looks.
    let shared = ["keys", "audit"].contains(template)
    return form.matches(in: source).flatMap { match in
      states(of: match[0] ?? "").flatMap { form in
        let method = Self.method.matches(in: form).first?[1] ?? "POST"
        let names = named.matches(in: form).compactMap { $0[1] }
        let fields = Set(names.compactMap { $0.split { ":.".contains($0) }.first.map(String.init) })
        return action.matches(in: form).flatMap { action in
          let path = filled.replacing(in: action[2] ?? "", with: ":")
          let bases: [PageOperation.Base] =
            switch action[1] {
            case "/admin": [.platform]
            case "/account": [.own]
            default: shared ? [.tenant, .platform] : [.tenant]
            }
          return bases.map { base in
            PageForm(
              template: template, operation: PageOperation("\(method) \(path)", base), fields: fields,
              hasMadeNames: names.contains { $0.contains("{{") })
          }
        }
      }
    }
  }

  /// A form once for each way in which the sections that its action or method depends on may turn out.
  private static func states(of form: String) -> [String] {
    let deciding = Set(
      section.matches(in: form).compactMap { $0[1] }.filter { name in
        form.contains("{{^\(name)}}<input type=\"hidden\" name=\"_method\"")
          || form.contains("{{#\(name)}}<input type=\"hidden\" name=\"_method\"")
          || anyAction.matches(in: form).compactMap { $0[1] }.contains { action in
            action.contains("{{#\(name)}}") || action.contains("{{^\(name)}}")
          }
      })
    return deciding.sorted().reduce([form]) { forms, name in
      forms.flatMap { form in [true, false].map { Self.with(form, name, $0) } }
    }
  }

  private static func with(_ form: String, _ name: String, _ holds: Bool) -> String {
    var text = form
    for (sign, isKept) in [("#", holds), ("^", !holds)] {
      let (open, close) = ("{{\(sign)\(name)}}", "{{/\(name)}}")
      while let begin = text.firstRange(of: open),
        let end = text[begin.upperBound...].firstRange(of: close)
      {
        let inner = isKept ? String(text[begin.upperBound..<end.lowerBound]) : ""
        text.replaceSubrange(begin.lowerBound..<end.upperBound, with: inner)
      }
    }
    return text
  }
}

/// Pages by their declarations, and what their sources read and link to.
struct OperationPages {
  private var read: Set<PageOperation> = []
  private let own: [PageOperation.Base: [String: Permission?]]

  func paths(_ base: PageOperation.Base) -> [String: Permission?] { own[base] ?? [:] }

  func page(of operation: PageOperation) -> String? {
    paths(operation.base).keys.first { PageOperation.plain($0) == operation.path }
  }

  func shows(_ operation: PageOperation) -> Bool { read.contains(operation) || page(of: operation) != nil }

  init() {
    let tenant = SiteMap.pages.map { ($0.path, $0.needs) } + AccountPages.all.map { ($0.path, $0.needs) }
    own = [
      .tenant: Dictionary(tenant.map { ($0.0, Optional($0.1)) }, uniquingKeysWith: { first, _ in first }),
      .platform: Dictionary(
        AdminPages.all.map { ($0.path, Optional($0.needs)) }, uniquingKeysWith: { first, _ in first }),
      .own: Dictionary(OwnPages.all.map { ($0.path, nil) }, uniquingKeysWith: { first, _ in first }),
    ]
    for folder in ["Sources/TenantRuntime", "Sources/Router"] {
      for case let path as String in FileManager.default.enumerator(atPath: folder) ?? .init()
      where path.hasSuffix(".swift") && path.contains("Pages/") || path.hasSuffix(".mustache") {
        let source = (try? String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)) ?? ""
        add(source, isPlatform: path.contains("AdminPages"))
      }
    }
  }

  private static let api = Pattern(#"\\\((?:visit\.)?api\)"#)
  private static let value = Pattern(#"\\\((?:[^()]|\([^()]*\))*\)|\{\{[^}]*\}\}"#)
  private static let address = Pattern(#"/api/v1/(?:tenants/:|(admin))/([a-z][^"?#&]*)["?#&]"#)
  private static let answer = Pattern(#"\.answer\("([a-z][^"]*)""#)

  private mutating func add(_ source: String, isPlatform: Bool) {
    let text = Self.value.replacing(in: Self.api.replacing(in: source, with: "/api/v1/tenants/:"), with: ":")
    for match in Self.address.matches(in: text) {
      read.insert(PageOperation("GET \(match[2] ?? "")", match[1] == nil ? .tenant : .platform))
    }
    for match in Self.answer.matches(in: text) {
      read.insert(PageOperation("GET \(match[1] ?? "")", isPlatform ? .platform : .tenant))
    }
  }
}
