import TenantRuntime
import Testing

@Suite struct ClickVerdictTests {
  @Test func theLabelledSetIsJudgedAsItsLinesSay() {
    let table = ConfusionTable(LabelledClick.read(ClickSet.data))
    print("labelled set of \(table.judged.count)\n\(table)")
    #expect(table.judged.count >= 250)
    #expect(table.humanShare([.human]) >= 0.97)
    #expect(table.humanShare([.preview, .scanner]) <= 0.03)
    for (click, verdict) in table.judged {
      #expect(verdict.verdict == click.expected, "\(click.line): \(verdict.reasons)")
    }
  }

  @Test func theHoldOutIsJudgedWellEnough() {
    let table = ConfusionTable(LabelledClick.read(ClickHoldOut.data))
    print("hold-out of \(table.judged.count)\n\(table)")
    #expect(table.judged.count == 60)
    #expect(table.humanShare([.human]) >= 0.92)
    #expect(table.humanShare([.preview, .scanner]) <= 0.08)
    for (click, verdict) in table.judged where verdict.verdict != click.truth {
      print("hold-out: \(verdict.verdict) \(verdict.reasons) for \(click.line)")
    }
  }

  @Test(arguments: BrowserSamples.agents.keys.sorted()) func noBrowserOfPeopleNamesItselfABot(_ name: String) {
    let click = LabelledClick("human https page | @\(name)")
    #expect(ClickVerdict.judge(click.facts, click.context) == Verdict.human, "\(click.line)")
  }

  @Test func theSamplesOfTheCrawlerListAreFound() {
    var (tag, count) = ("", 0)
    for line in CrawlerSamples.data.split(separator: "\n") {
      if line.hasSuffix(":") && !line.contains(" ") {
        tag = String(line.dropLast())
        continue
      }
      count += 1
      let verdict = ClickVerdict.judge(
        HitFacts(method: "GET", userAgent: String(line), at: Moment(milliseconds: 0)))
      #expect(
        verdict.verdict == .preview || (verdict.verdict == .scanner && tag != "social-preview"), "\(tag): \(line)")
    }
    #expect(count == 150)
  }

  /// Each signal alone, on requests that are a person's but for it.
  @Test(arguments: [
    ("https page HEAD | @iphone17", "method_head", ClickVerdict.scanner),
    ("https page OPTIONS | @iphone17", "method_options", .scanner),
    ("https page PUT | @iphone17", "method_other", .scanner),
    ("https page purpose=prefetch | @iphone17", "prefetch_header", .preview),
    ("https page sec-purpose=prefetch;prerender | @chrome-android", "prefetch_header", .preview),
    ("https page x-purpose=preview | @safari-mac", "prefetch_header", .preview),
    ("https page x-moz=prefetch | @firefox", "prefetch_header", .preview),
    ("https page |", "agent_empty", .scanner),
    ("https page | WhatsApp/2.23", "agent_social_preview", .preview),
    ("https page | BarracudaCentral", "agent_security_gateway", .scanner),
    ("https page | Dalvik/2.1.0 (Linux; U; Android 12)", "agent_http_library", .scanner),
    ("https page | Java/17.0.2", "agent_http_library", .scanner),
    ("https page | Shortcuts CFNetwork/1568.100.1 Darwin/24.0.0", "agent_http_library", .scanner),
    ("https page | FriendlyBot/1", "agent_bot_word", .scanner),
    ("https page | Acme/3.2 (build 77)", "agent_not_browser", .unknown),
    ("https page | Mozilla/5.0", "agent_bare", .unknown),
    ("https plain | @chrome-android", "no_sec_fetch", .scanner),
    ("https plain | @firefox", "no_sec_fetch", .unknown),
    ("https plain | @iphone18", "no_sec_fetch", .unknown),
    ("https page sec-fetch-dest=image | @iphone17", "fetched_as_media", .preview),
    ("https page sec-fetch-mode=cors | @chrome-android", "no_navigation", .unknown),
    ("https page sec-fetch-dest=iframe | @chrome-android", "no_navigation", .unknown),
    ("https page x-requested-with=XMLHttpRequest | @edge", "requested_by_script", .unknown),
    ("https page accept | @iphone17", "no_accept", .unknown),
    ("https page accept=*/* | @iphone17", "accept_no_page", .unknown),
    ("https page accept-language | @chrome-android", "no_accept_language", .unknown),
    ("https page sec-ch-ua=\"Chromium\";v=\"99\" | @chrome-android", "hints_differ", .unknown),
    ("https page sent=4.9 | @iphone17", "at_once", .unknown),
    ("https page sent=60 delivered=4.9 | @iphone17", "at_once", .unknown),
    ("https page sent=2 | @chrome-windows", "at_once", .scanner),
    ("https page listed=scanner | @iphone17", "listed_network", .scanner),
    ("https page listed=scanner | @opera-mini", "listed_network", .unknown),
    ("https page near=3 | @chrome-windows", "burst", .scanner),
    ("https page near=3 | @iphone17", "burst", .unknown),
    ("https page near=3 listed=carrier | @iphone17", "burst_carrier", .human),
    ("https page near=3 listed=carrier | @chrome-windows", "burst_carrier", .unknown),
  ])
  func oneSignalAloneGivesItsReason(_ line: String, _ reason: String, _ verdict: ClickVerdict) {
    let click = LabelledClick("human " + line)
    let judged = ClickVerdict.judge(click.facts, click.context)
    #expect(judged.verdict == verdict)
    #expect(judged.reasons == [reason])
  }

  @Test(arguments: [
    "https page sent=5 | @iphone17", "https page sent=60 delivered=5 | @chrome-windows",
    "https page sent=60 delivered=-1 | @iphone17", "https page near=2 | @chrome-windows",
    "http plain | @chrome-android",
    "https plain | @webview-ios", "https plain | @uc", "https plain | @chrome-old",
  ])
  func whatIsJustWithinTheRulesIsAPerson(_ line: String) {
    let click = LabelledClick("human " + line)
    #expect(ClickVerdict.judge(click.facts, click.context) == Verdict.human)
  }

  @Test func theStrongestSignalDecidesAndAllAreNamed() {
    let click = LabelledClick("preview https HEAD bare sent=1 near=9 listed=scanner | Twitterbot/1.0")
    let judged = ClickVerdict.judge(click.facts, click.context)
    #expect(judged.verdict == .preview)
    #expect(judged.reasons.starts(with: ["method_head", "agent_social_preview"]))
    #expect(Set(judged.reasons).isSuperset(of: ["at_once", "burst", "listed_network"]))
    #expect(ClickVerdict.human < .unknown && ClickVerdict.unknown < .scanner && ClickVerdict.scanner < .preview)
  }

  @Test func aMachinesLookDoesNotTouchThePersonWhoComesAfterIt() {
    let machine = LabelledClick("scanner https bare sent=1 near=12 | @chrome-windows")
    let person = LabelledClick("human https page sent=90 | @iphone18")
    #expect(ClickVerdict.judge(machine.facts, machine.context).verdict == .scanner)
    #expect(ClickVerdict.judge(person.facts, person.context) == Verdict.human)
  }

  @Test func anInAppBrowserIsDoubtedWhenMoreIsMissing() {
    let judged = ClickVerdict.judge(LabelledClick("unknown https any | @facebook-android").facts)
    #expect(judged.verdict == .unknown)
    #expect(judged.reasons == ["no_sec_fetch", "accept_no_page", "no_accept_language"])
  }

  @Test func headersThatWereNotLookedForAreNotMissed() {
    var facts = LabelledClick("human https bare | @chrome-android").facts
    #expect(ClickVerdict.judge(facts).verdict == .scanner)
    facts.isComplete = false
    #expect(ClickVerdict.judge(facts) == Verdict.human)
  }

  @Test func headersAreFoundByTheirNamesInAnyCase() {
    for header in HitHeader.allCases {
      #expect(HitHeader(header.name) == header && HitHeader(header.name.uppercased()) == header)
      #expect(HitHeader(header.name + "x") == nil && HitHeader(String(header.name.dropLast())) != header)
    }
    for name in ["", "aCcep", "accepT-", "sec\u{0D}fetch-mode", String(repeating: "a", count: 5_000)] {
      #expect(HitHeader(name) == nil)
    }
  }

  @Test func factsAreBounded() {
    let facts = HitFacts(
      method: String(repeating: "X", count: 900), userAgent: String(repeating: "a", count: 9_000),
      at: Moment(milliseconds: 0))
    #expect(facts.userAgent.count == 500 && facts.method.count == 20)
    let sent = [
      ("Referer", "https://user:word@example.com/private?token=1"), ("Cookie", "secret"), ("VIA", "1.1 proxy"),
      ("user-agent", "Mozilla/5.0"), ("accept", String(repeating: "b", count: 900)), ("Accept", "a second one"),
      ("User-Agent", "a second one"),
    ]
    var reader = HitHeaderReader()
    for (name, value) in sent { reader.note(name, value) }
    let client = HitClients().client(reader)
    let kept = client.headers
    #expect(client.userAgent == "Mozilla/5.0" && kept.sorted.map(\.name) == ["accept", "referer", "via"])
    #expect(kept[.referer] == "example.com" && kept[.accept]?.count == 200)
  }
}
