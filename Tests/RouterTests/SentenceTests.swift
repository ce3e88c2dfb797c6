import Foundation
import Testing

@testable import Router
@testable import TenantRuntime

/// Refusals are thrown in English, with their values in them; pages say them in the reader's language.
@Suite struct SentenceTests {
  /// Where a literal sentence of a refusal begins, up to its quote.
  private static let beginnings = [
    #"\.fail\(\s*(?:"[^"]*"|[\w.]+)\s*,\s*""#, #"\.invalid\(\s*(?:"[^"]*"|[\w.]+)\s*,\s*""#,
    #"\.(?:conflict|forbidden|notFound|unavailable|locked|unsupportedMedia|preconditionFailed)\(\s*""#,
    #"\bImportFailure\(\s*reason:\s*""#, #"\bmissing: ""#, #"\bProblem\(message: ""#, #"\bwhy\[[a-z]+\] = ""#,
    #"\bsay\("[a-z_]+", index\) \{\s*""#,
    #"\bnotice\(\s*"[a-z_]+", \w+,\s*""#, #""column": nil,\s*"message":\s*(?:\.text\(\s*)?""#,
  ].map(Pattern.init)
  private static let cases = Pattern(#"\b(?:case [^\n]*?|default): (?:flag \? )?""#)
  /// Calls whose sentences stand anywhere in them: mails, and pages that have a sentence of their own.
  private static let calls = [#"\bMail\("#, #"\.notify\("#].map(Pattern.init)
  /// Files of which every `case …: "…"` is a sentence.
  private static let tables = [
    "AudienceExplanation.swift", "PhoneNumber.swift", "ImportCheck.swift", "SignInPages.swift",
  ]

  @Test func everySentenceOfARefusalHasASpanishOne() throws {
    let known = TenantPageSources.spanish
    var count = 0
    for folder in ["Sources/TenantRuntime", "Sources/ControlPlane", "Sources/Router"] {
      for case let path as String in FileManager.default.enumerator(atPath: folder) ?? .init()
      where path.hasSuffix(".swift") {
        let source = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
        let cases = Self.tables.contains { path.hasSuffix("/\($0)") }
        for beginning in Self.beginnings + (cases ? [Self.cases] : []) {
          for match in beginning.matches(in: source) {
            guard var sentence = Self.literal(in: source, behind: match.range.upperBound), !sentence.isEmpty else {
              continue
            }
            // What the API alone says of columns.
            if let end = sentence.firstRange(of: "; map it with ") { sentence = String(sentence[..<end.lowerBound]) }
            count += 1
            if known[sentence] == nil { Issue.record("\(path): \(sentence)") }
          }
        }
      }
    }
    #expect(count > 400)
  }

  @Test func everySentenceOfAMailHasASpanishOne() throws {
    let known = TenantPageSources.spanish
    for case let path as String in FileManager.default.enumerator(atPath: "Sources/ControlPlane") ?? .init()
    where path.hasSuffix(".swift") && !path.hasSuffix("MailQueue.swift") {
      let source = try String(contentsOfFile: "Sources/ControlPlane/\(path)", encoding: .utf8)
      for call in Self.calls {
        for match in call.matches(in: source) {
          for sentence in Self.literals(in: source, from: match.range.upperBound)
          where sentence.contains(where: \.isLetter) && !sentence.hasPrefix("{0}/") && sentence != "{0}" {
            if known[sentence] == nil { Issue.record("\(path): \(sentence)") }
          }
        }
      }
    }
  }

  /// All that stand up to the end of a call.
  private static func literals(in source: String, from begin: String.Index) -> [String] {
    var (found, depth, at) = ([String](), 1, begin)
    while at < source.endIndex, depth > 0 {
      if source[at] == "(" { depth += 1 }
      if source[at] == ")" { depth -= 1 }
      if source[at] == "\"", let text = literal(in: source, behind: source.index(after: at), end: &at) {
        found.append(text)
      } else {
        at = source.index(after: at)
      }
    }
    return found
  }

  private static func literal(in source: String, behind quote: String.Index) -> String? {
    var end = quote
    return literal(in: source, behind: quote, end: &end)
  }

  /// A literal with `{0}`, `{1}` in the places of its values, and of what is added behind it. Nil: of several lines.
  private static func literal(in source: String, behind quote: String.Index, end: inout String.Index) -> String? {
    var (text, values, at) = ("", 0, quote)
    guard !source[at...].hasPrefix("\"\"") else { return nil }
    func next() { at = source.index(after: at) }
    while source[at] != "\"" {
      guard source[at] == "\\" else {
        text.append(source[at])
        next()
        continue
      }
      next()
      guard source[at] == "(" else {
        text.append(source[at] == "n" ? "\n" : source[at])
        next()
        continue
      }
      var depth = 0
      repeat {
        if source[at] == "(" { depth += 1 }
        if source[at] == ")" { depth -= 1 }
        next()
      } while depth > 0
      text += "{\(values)}"
      values += 1
    }
    end = source.index(after: at)
    let rest = source[end...].drop { $0.isWhitespace }
    return rest.hasPrefix("+") ? text + "{\(values)}" : text
  }

  /// What scripts say, and nothing that they say by a literal of their own.
  @Test func everySentenceOfAScriptHasASpanishOne() throws {
    #expect(ScriptSentences.all.count >= 12)
    for sentence in ScriptSentences.all where TenantPageSources.spanish[sentence] == nil { Issue.record("\(sentence)") }
    let own = Pattern(#"(?:\bsay|\btold|replaceChildren|new Error)\(\s*["`][^"`]*[a-z]|textContent = ["`][A-Z]"#)
    for name in try FileManager.default.contentsOfDirectory(atPath: "Sources/Router/Assets") where name.hasSuffix(".js")
    {
      let script = try String(contentsOfFile: "Sources/Router/Assets/\(name)", encoding: .utf8)
      for match in own.matches(in: script) { Issue.record("\(name): \(script[match.range])") }
    }
  }

  struct Sample: Sendable {
    let english: String
    let spanish: String
  }

  @Test(arguments: [
    Sample(english: "is required", spanish: "es obligatorio"),
    Sample(english: "There is no such campaign.", spanish: "No existe esa campaña."),
    Sample(english: "must have at most 40 characters", spanish: "debe tener como máximo 40 caracteres"),
    Sample(english: "+14155550100 belongs to another tenant.", spanish: "+14155550100 es de otro cliente."),
    Sample(
      english: "makes it 9 links: all variants together may hold at most 8",
      spanish: "suma 9 enlaces: todas las variantes juntas pueden tener como máximo 8"),
    // Values are what people wrote: nothing in them is taken for a pattern of its own.
    Sample(english: "A contact with {0} exists already.", spanish: "Ya existe un contacto con {0}."),
    Sample(english: "Nobody has written this.", spanish: "Nobody has written this."),
  ]) func aSentenceIsSaidInTheReadersLanguage(_ sample: Sample) {
    let spanish = Words(.es, zone: .gmt, now: .now(), catalogue: TenantPageSources.spanish)
    #expect(spanish.said(sample.english) == sample.spanish)
    #expect(Words(.en, zone: .gmt, now: .now()).said(sample.english) == sample.english)
  }
}
