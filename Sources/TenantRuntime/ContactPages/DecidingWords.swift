/// Texts that read as an opt-out, with the words marked by which they do.
struct DecidingWords {
  let languages: Set<String>

  func marked(_ text: String) -> Drawing {
    guard let range = FreeText.deciding(in: text, languages: languages) else { return Drawing(Markup.escape(text)) }
    func escaped(_ part: Substring) -> String { Markup.escape(String(part)) }
    return Drawing(
      escaped(text[..<range.lowerBound]) + "<mark class=\"matched\">" + escaped(text[range]) + "</mark>"
        + escaped(text[range.upperBound...]))
  }
}

extension Words {
  /// Until when a probable opt-out is decided: before the tenth business day begins, by the calendar of UTC (`OptOutReview.due`).
  func legalDay(_ due: Moment) -> String {
    let day = inUTC.day(due)
    return due <= now
      ? self("The tenth business day, {0}, has begun: the law gives no longer.", day)
      : self("Decide before {0}, the tenth business day: the law gives no longer.", day)
  }
}
