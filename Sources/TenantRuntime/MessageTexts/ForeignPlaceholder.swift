import Foundation

/// A placeholder of another tool, which would go out as it is: `*|FNAME|*`, `%FIRST_NAME%`, `${name}`, `{first_name}`, `[[name]]`, `<<name>>`.
enum ForeignPlaceholder {
  /// Says what to write instead; nil when the text has none.
  static func problem(_ body: String, known: Set<String> = []) -> String? {
    let text = body.replacing(#/\{\{[^{}]*\}\}/#, with: " ")
    for (form, isPlain) in forms {
      guard let expression = try? Regex(form) else { continue }
      for match in text.matches(of: expression) {
        guard match.output.count > 1, let inside = match.output[1].substring else { continue }
        let name = String(inside.split { ":|,".contains($0) }.first ?? inside).trimmed
        let meant = MergeField.guess(name, known: known)
        // Brackets of one kind are ordinary signs where no field is named.
        if isPlain, meant == nil, !looksLikeField(name) { continue }
        let written = String(text[match.range].prefix(40))
        let proposal = meant.map { ": did you mean {{\($0)}}?" } ?? "; merge fields are written {{first_name}}"
        return "has \(written), a placeholder of another tool that would be sent as it is\(proposal)"
      }
    }
    return nil
  }

  /// With whether the same signs are also written for other reasons.
  private static let forms: [(String, Bool)] = [
    (#"\*\|([^|*]{1,60})\|\*"#, false), (#"%%([A-Za-z_][\w .]{1,59})%%"#, false),
    (#"%([A-Z][A-Z0-9_]{2,40}|[a-z]+_[a-z_]+)%"#, false),
    (#"\$\{([^{}]{1,60})\}"#, false), (#"\{!([^{}]{1,60})\}"#, false), (#"#\{([^{}]{1,60})\}"#, false),
    (#"\[\[([^\[\]]{1,60})\]\]"#, false), (#"<<([^<>]{1,60})>>"#, false), (#"«([A-Za-z_][\w ]{1,40})»"#, true),
    (#"\{%([^%{}]{1,60})%\}"#, false), (#"(?:^|[^{])\{([^{}]{1,60})\}"#, true), (#"\[([^\[\]]{1,60})\]"#, true),
    (#"<([A-Za-z_][\w ]{1,40})>"#, true), (#"#([A-Z][A-Z_]{3,40})#"#, true), (#"@([A-Za-z]+_[A-Za-z_]+)@"#, true),
    (#"\|([A-Z][A-Z_]{3,40})\|"#, true),
  ]

  private static func looksLikeField(_ name: String) -> Bool {
    name.wholeMatch(
      of:
        #/(?i)(first|last|full|your|customer|contact|company|business|insert|recipient|subscriber|user)?[ _.-]*(name|email|phone|city|company)([ _]here)?|[A-Z]+_[A-Z_]+|[a-z]+_[a-z_]+/#
    ) != nil
  }
}
