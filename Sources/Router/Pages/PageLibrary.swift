import Foundation
import Synchronization
import TenantRuntime

/// All templates, in every language that a user may choose, with icons and addresses of assets filled in.
struct PageLibrary: Sendable {
  let templates: [Words.Language: PageTemplates]
  let english: PageTemplates
  let catalogues: [Words.Language: [String: String]]

  /// - Parameter sources: templates by name.
  init(_ sources: [String: [UInt8]], catalogues: [Words.Language: [String: String]], assets: Assets) throws {
    self.catalogues = catalogues
    var templates: [Words.Language: PageTemplates] = [:]
    for language in Words.Language.allCases {
      let catalogue = catalogues[language] ?? [:]
      var hints = 0
      templates[language] = try PageTemplates(sources) { source in
        let text = language == .en ? source : PageTexts.translated(source) { catalogue[$0] ?? $0 }
        return Self.filled(text, assets, &hints, catalogue: catalogue)
      }
    }
    self.templates = templates
    guard let english = templates[.en] else { throw PageTemplates.Missing(name: "layout") }
    self.english = english
  }

  /// Read once; a debug build reads them anew for each request from the folder that `ROUNDHOUSE_PAGES` names, so that a change shows at once.
  static func current() -> PageLibrary {
    #if DEBUG
      if let folder = ProcessInfo.processInfo.environment["ROUNDHOUSE_PAGES"] {
        do { return try PageLibrary(files(below: folder), catalogues: catalogues, assets: .here) } catch {
          preconditionFailure("a template cannot be read: \(error)")
        }
      }
    #endif
    return embedded
  }

  private static let embedded: PageLibrary = {
    do { return try PageLibrary(sources, catalogues: catalogues, assets: .here) } catch {
      preconditionFailure("a template cannot be read: \(error)")
    }
  }()

  static var sources: [String: [UInt8]] { TenantPageSources.all.merging(own) { first, _ in first } }

  static let catalogues: [Words.Language: [String: String]] = [.es: TenantPageSources.spanish]

  private static func files(below folder: String) -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for case let path as String in FileManager.default.enumerator(atPath: folder) ?? .init()
    where path.hasSuffix(".mustache") && (path.contains("TenantRuntime/Pages") || path.contains("Router/PageTemplates"))
    {
      let name = String((path.split(separator: "/").last ?? "").dropLast(".mustache".count))
      found[name] = FileManager.default.contents(atPath: "\(folder)/\(path)").map(Array.init)
    }
    return found
  }

  // MARK: Marks in templates

  /// - `{i:NAME}` is an icon, `{a:NAME}` the address of an asset.
  /// - `{h:SENTENCE}` is a definition behind a small button: the platform's popover, so it works by mouse, touch and keyboard.
  private static func filled(
    _ source: String, _ assets: Assets, _ hints: inout Int, catalogue: [String: String]
  ) -> String {
    var text = source.replacing(#/\{i:([a-z0-9-]+)\}/#) { match in icon(String(match.1), assets) }
    text = text.replacing(#/\{a:([a-z0-9.-]+)\}/#) { match in assets.address(String(match.1)) }
    while let match = text.firstMatch(of: #/\{h:([^{}]*)\}/#) {
      hints += 1
      text.replaceSubrange(
        match.range,
        with:
          "<button type=\"button\" class=\"hint-button\" popovertarget=\"hint-\(hints)\" aria-label=\"\(catalogue["How this is counted"] ?? "How this is counted")\">\(icon("question-circle", assets))</button><span class=\"pop hint\" id=\"hint-\(hints)\" popover>\(match.1)</span>"
      )
    }
    return text
  }

  static func icon(_ name: String, _ assets: Assets) -> String {
    "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"\(assets.address("icons.svg"))#\(name)\"/></svg>"
  }
}
