import Foundation
import TenantRuntime

/// All templates, in every language that a user may choose, with icons and addresses of assets filled in. Each language is read when
/// somebody asks for the first page in it.
struct PageLibrary: Sendable {
  let catalogues: [Words.Language: [String: String]]
  private let read: @Sendable (Words.Language) -> PageTemplates

  func templates(in language: Words.Language) -> PageTemplates { read(language) }

  /// - Parameter sources: templates by name.
  static func templates(
    _ sources: [String: [UInt8]], in language: Words.Language, catalogue: [String: String], assets: Assets
  ) throws -> PageTemplates {
    var hints = 0
    return try PageTemplates(sources) { source in
      let text = language == .en ? source : PageTexts.translated(source) { catalogue[$0] ?? $0 }
      return filled(text, assets, &hints, catalogue: catalogue)
    }
  }

  /// Read once; a debug build reads them anew for each request from the folder that `ROUNDHOUSE_PAGES` names, so that a change shows at once.
  static func current() -> PageLibrary {
    #if DEBUG
      if let folder = ProcessInfo.processInfo.environment["ROUNDHOUSE_PAGES"] {
        return PageLibrary(catalogues: catalogues) { language in read(files(below: folder), in: language) }
      }
    #endif
    return PageLibrary(catalogues: catalogues) { language in
      switch language {
      case .en: english
      case .es: spanish
      }
    }
  }

  private static let english = read(sources, in: .en)
  private static let spanish = read(sources, in: .es)

  private static func read(_ sources: [String: [UInt8]], in language: Words.Language) -> PageTemplates {
    do { return try templates(sources, in: language, catalogue: catalogues[language] ?? [:], assets: .here) } catch {
      preconditionFailure("a template cannot be read: \(error)")
    }
  }

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
    let how = catalogue["How this is counted"] ?? "How this is counted"
    var (text, rest) = ("", Substring(source))
    while let open = rest.utf8.firstIndex(of: UInt8(ascii: "{")) {
      text += rest[..<open]
      rest = rest[open...]
      guard let kind = ["{i:", "{a:", "{h:"].first(where: rest.hasPrefix),
        let close = rest.utf8.firstIndex(of: UInt8(ascii: "}"))
      else {
        text += "{"
        rest = rest.dropFirst()
        continue
      }
      let value = String(rest[..<close].dropFirst(3))
      switch kind {
      case "{i:": text += icon(value, assets)
      case "{a:": text += assets.address(value)
      default:
        hints += 1
        text +=
          "<button type=\"button\" class=\"hint-button\" popovertarget=\"hint-\(hints)\" aria-label=\"\(how)\">\(icon("question-circle", assets))</button><span class=\"pop hint\" id=\"hint-\(hints)\" popover>\(value)</span>"
      }
      rest = rest[close...].dropFirst()
    }
    return text + rest
  }

  static func icon(_ name: String, _ assets: Assets) -> String {
    "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"\(assets.address("icons.svg"))#\(name)\"/></svg>"
  }
}
