/// What a user agent claims to be, as far as verdicts need it.
struct Browser: Equatable {
  enum Engine: Equatable { case chromium, gecko, safari, other }

  var engine = Engine.other
  /// The engine's (Safari: the browser's) major version; 0 when it does not say.
  var version = 0
  /// A claim of a desktop computer, and of nothing smaller.
  var isDesktop = false
  var isHandheld = false
  /// A browser inside an app, or one whose maker changes the engine: it may send fewer headers.
  var isInApp = false
  /// Says nothing of a device.
  var isBare = false
  /// Its maker's servers fetch the page for a person.
  var isProxied = false

  /// Nil when it does not look like a browser at all.
  init?(_ agent: AgentList.Agent) {
    var (bits, chromium, gecko, safari): (UInt32, Int, Int, Int) = (0, 0, 0, 0)
    Self.marks.find(in: agent) { tag, end in
      bits |= 1 << UInt32(tag)
      switch tag {
      case 1: chromium = Self.number(agent, at: end)
      case 2: gecko = Self.number(agent, at: end)
      case 3: safari = Self.number(agent, at: end)
      default: break
      }
    }
    func has(_ tag: Int) -> Bool { bits >> UInt32(tag) & 1 == 1 }
    guard has(0) else { return nil }
    if has(5) || has(3) && !has(1) && has(10) {
      (engine, version) = (.safari, safari)
    } else if has(1) {
      (engine, version) = (.chromium, chromium)
    } else if has(2) {
      (engine, version) = (.gecko, gecko)
    }
    isHandheld = has(4) || has(5)
    isDesktop = has(6) && !isHandheld && !has(7)
    isBare = !has(4) && !has(5) && !has(6) && !has(7) && engine == .other
    isInApp = has(8)
    isProxied = has(9)
  }

  /// Whether its engine sends Fetch Metadata with every page it opens over TLS: Chrome 80, Firefox 90, Safari 16.4
  /// (developer.mozilla.org, Sec-Fetch-Mode). Safari is asked from 17 on, since its agent does not distinguish 16.3 from 16.4 in apps.
  var sendsFetchMetadata: Bool {
    switch engine {
    case .chromium: version >= 80
    case .gecko: version >= 90
    case .safari: version >= 17
    case .other: false
    }
  }

  private static func number(_ agent: AgentList.Agent, at start: Int) -> Int {
    agent.bytes[start...].prefix { $0 &- 48 < 10 }.prefix(4).reduce(0) { $0 * 10 + Int($1 - 48) }
  }

  /// The order of the groups is the number asked for above.
  private static let marks = AgentList(
    """
    0 browser:
    ^mozilla/|^opera/|^ucweb/|ucbrowser/|opera mini|^nokia|^samsung-|^lg-|^sonyericsson|^blackberry|^mot-|^huawei|^zte|^alcatel|
    1 chromium:
    chrome/|chromium/|
    2 gecko:
    firefox/|
    3 safari:
    version/|
    4 handheld:
    android|~mobile|windows phone|kaios|opera mini|blackberry|symbian|nokia|j2me|midp|ucweb|harmonyos|openharmony|tablet|kindle|
    5 apple handheld:
    iphone|ipad;|ipod|
    6 desktop:
    windows nt|macintosh|x11;|cros |
    7 television:
    smart-tv|smarttv|tizen|web0s|webos|bravia|hbbtv|appletv|googletv|google tv|android tv|roku|; aft|crkey|playstation|xbox|nintendo|
    8 in app:
    ; wv)|fban/|fbav/|fb_iab|fbios|instagram|~gsa/|~line/|micromessenger|snapchat|musical_ly|tiktok|bytedance|trill_|twitter for|
    twitterandroid|pinterest|linkedinapp|duckduckgo|ddg/|ucbrowser|miuibrowser|huaweibrowser|vivobrowser|heytapbrowser|
    coloros|quark/|qqbrowser|baiduboxapp|naver(|kakaotalk|whatsapp|telegram|metaiab|silk/|puffin|yandexsearch|flipboard|
    reddit/|outlook-|~gmail|sogoumobile|phoenix/|aloha|ecosia|barcelona|
    9 proxied:
    opera mini|puffin|ucweb|
    10 safari's name:
    safari/|
    """)
}
