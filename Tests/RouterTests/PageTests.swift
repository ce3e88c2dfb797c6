import Foundation
import Testing

@testable import Router
@testable import TenantRuntime

/// Templates of pages, before anybody looks at one.
@Suite struct PageTests {
  private static let sources = PageLibrary.sources.mapValues { String(decoding: $0, as: UTF8.self) }

  private static func files(_ folder: String) throws -> Set<String> {
    Set(
      try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".mustache") }.map {
        String($0.dropLast(9))
      })
  }

  @Test func everyTemplateThereIsIsPartOfTheProgram() throws {
    let known = Set(Self.sources.keys)
    #expect(try Self.files("Sources/TenantRuntime/Pages").union(Self.files("Sources/Router/PageTemplates")) == known)
    for language in Words.Language.allCases {
      _ = try PageLibrary.templates(
        PageLibrary.sources, in: language, catalogue: PageLibrary.catalogues[language] ?? [:], assets: .here)
    }
  }

  @Test func everyIconThatATemplateShowsIsCutOut() throws {
    let names = try String(contentsOfFile: "Sources/TenantRuntime/Pages/icons.txt", encoding: .utf8)
    let known = Set(names.split(separator: "\n").map(String.init))
    for (name, source) in Self.sources {
      for match in source.matches(of: #/\{i:([a-z0-9-]+)\}/#) {
        #expect(known.contains(String(match.1)), "\(name): \(match.1) is not in icons.txt")
      }
    }
  }

  /// Only drawings of ours are shown as they are.
  @Test func nothingIsShownUnescapedButDrawings() {
    let drawings: Set<String> = [
      "main", ".icon", "icon", ".bar", "bar", ".cell", "budgetBar", "hours", "clicks", "hourTable", "days", "dayTable",
      ".body",
      "picture", ".chart", "chart", "table", ".table", ".ladder", "ladder", "qr", "code", ".picture", "byHour",
      "ladderTable", "costTable", "byDay",
      "costs", ".text", ".quote",
    ]
    for (name, source) in Self.sources {
      for match in source.matches(of: #/\{\{\{([^}]+)\}\}\}/#) {
        #expect(drawings.contains(String(match.1)), "\(name): {{{\(match.1)}}}")
      }
    }
  }

  @Test func noTemplateHoldsAScriptOrAStyle() {
    for (name, source) in Self.sources {
      #expect(
        source.firstMatch(of: #/\sstyle="|\son[a-z]+="|<style|<script(?! type="module" src="\{a:)/#) == nil, "\(name)")
    }
  }

  /// A title with an accent over its quote ends no attribute, wherever a template puts it.
  @Test func aQuoteUnderAnAccentStaysText() throws {
    let hostile = "\"\u{301}><img src=x onerror=alert(1)>'\u{308}&amp;{{x}}"
    struct Hostile: Page {
      static let template = "one"
      let title: String
      let list: [Row]
      struct Row: Sendable { let name: String }
    }
    let templates = try PageTemplates([
      "one": Array(
        "<p title=\"{{title}}\">{{title}}</p>{{> two}}{{#list}}<a href=\"{{.name}}\">{{.name}}</a>{{/list}}".utf8),
      "two": Array("<i title='{{title}}'>{{also}}</i>".utf8),
    ])
    let html = templates.render(Hostile(title: hostile, list: [.init(name: hostile)]), also: ["also": hostile])
    #expect(!html.contains("<img") && html.utf8.filter { $0 == UInt8(ascii: "<") }.count == 6)
    #expect(
      html.utf8.filter { $0 == UInt8(ascii: "\"") }.count == 4
        && html.utf8.filter { $0 == UInt8(ascii: "'") }.count == 2)
  }

  @Test func everyTextOfATemplateHasASpanishOne() {
    let known = TenantPageSources.spanish
    // The kit is for who builds pages.
    let signIn = SignInPages.sources.mapValues { String(decoding: $0, as: UTF8.self) }
    for (name, source) in Self.sources.merging(signIn, uniquingKeysWith: { first, _ in first }) where name != "kit" {
      let lines = source.split(separator: "\n").map { $0.drop { $0 == " " } }.joined()
      for text in PageTexts.all(in: lines) where known[text] == nil { Issue.record("\(name): \(text)") }
    }
  }

  /// Sentences that pages are given, where they are written as such.
  @Test func everySentenceOfAPageHasASpanishOne() throws {
    let known = TenantPageSources.spanish
    for folder in ["Sources/TenantRuntime", "Sources/Router"] {
      for case let path as String in FileManager.default.enumerator(atPath: folder) ?? .init()
      where path.hasSuffix(".swift") {
        let source = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
        for match in source.matches(of: #/\bwords\(\s*"((?:[^"\\]|\\.)+)"/#) where !match.1.contains("\\(") {
          if known[String(match.1)] == nil { Issue.record("\(path): \(match.1)") }
        }
      }
    }
  }

  /// A form sends its browser nowhere but below its own base.
  @Test(arguments: [
    "//evil.example", "/admin/", "https://evil.example", "a/../../admin", "javascript:alert(1)", "a\\b", "a\u{0}",
    "x\r\nSet-Cookie: a=b",
  ])
  func aFormLeadsNowhereElse(_ path: String) { #expect(Site.safe(path) == "") }

  @Test func aFormLeadsOnBelowItsBase() {
    #expect(Site.safe("campaigns/{id}/edit?texts=2") == "campaigns/{id}/edit?texts=2")
  }

  @Test func textsOfATemplateAreFoundForTranslation() {
    let template =
      "<h1 aria-label=\"Your people\">{{title}}</h1>{{#x}}<p>Sent {{.n}} of <b>{{.m}}</b></p>{{/x}}{h:How it is counted}{i:gear}12 %"
    #expect(PageTexts.all(in: template) == ["Your people", "Sent {{.n}} of", "How it is counted"])
  }
}
