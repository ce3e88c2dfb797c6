extension LinkHit {
  /// A hit of what a token names. Of a link of its own `jobID` is its code and `link` is `LinkToken.ownNumber`: no text has that number.
  package init(_ token: LinkToken, facts: HitFacts, context: HitContext = HitContext()) {
    switch token {
    case .link(let job, let number): self.init(jobID: job, link: number, facts: facts, context: context)
    case .own(let code): self.init(jobID: code, link: LinkToken.ownNumber, facts: facts, context: context)
    case .page(let job): self.init(jobID: job, link: LinkToken.pageNumber, facts: facts, context: context)
    }
  }
}

extension HitFacts {
  /// Whether the program says of itself that it draws cards of links. What else makes a request a preview may be a person's browser.
  package var isPreviewAgent: Bool {
    ClickVerdict.judge(HitFacts(method: "GET", userAgent: userAgent, isComplete: false, at: at)).verdict == .preview
  }
}
