extension LinkToken {
  /// The text whose link it is, and what `LinkHit` calls the link: its number there, or its code when it is of its own.
  package var hit: (jobID: Int64?, link: Int) {
    switch self {
    case .link(let job, let number): (job, number)
    case .own(let code): (nil, Int(code))
    case .page(let job): (job, Self.pageNumber)
    }
  }
}

extension HitFacts {
  /// Whether the program says of itself that it draws cards of links. What else makes a request a preview may be a person's browser.
  package var isPreviewAgent: Bool {
    ClickVerdict.judge(HitFacts(method: "GET", userAgent: userAgent, isComplete: false, at: at)).verdict == .preview
  }
}
