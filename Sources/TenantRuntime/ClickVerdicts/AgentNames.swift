/// Which agents say that no person reads: crawler-user-agents and what it misses.
enum AgentNames {
  /// Preview or scanner, and the tags that say so; nil for what may be a browser.
  static func judge(_ agent: AgentList.Agent) -> Verdict? {
    let known = crawlers.tags(in: agent)
    var ours = gaps.tags(in: agent)
    if ours & person != 0 { ours &= ~(person | botWord) }
    if ours & oldBrowser != 0 { ours &= ~(oldBrowser | compatible) }
    if known | ours == 0 { return nil }
    var found: [String] = []
    for tag in crawlers.tags.indices where known >> UInt32(tag) & 1 == 1 { found.append(crawlerReasons[tag]) }
    for tag in gaps.tags.indices where ours >> UInt32(tag) & 1 == 1 && !found.contains(gapReasons[tag]) {
      found.append(gapReasons[tag])
    }
    return Verdict(found.contains(preview) ? .preview : .scanner, found)
  }

  private static let preview = reason("social-preview")
  private static func reason(_ tag: String) -> String { "agent_" + tag.replacing("-", with: "_") }
  private static let crawlerReasons = crawlers.tags.map(reason)
  private static let gapReasons = gaps.tags.map(reason)

  private static let crawlers = AgentList(CrawlerAgents.data)
  private static let person = bit("person")
  private static let oldBrowser = bit("old-browser")
  private static let botWord = bit("bot-word")
  private static let compatible = bit("compatible")
  private static func bit(_ tag: String) -> UInt32 { gaps.tags.firstIndex(of: tag).map { 1 << UInt32($0) } ?? 0 }

  /// Security gateways and libraries that crawler-user-agents 1.67.0 does not know, and words by which programs name themselves. CUBOT makes
  /// phones; Internet Explorer and Konqueror wrote `compatible` as browsers.
  private static let gaps = AgentList(
    """
    social-preview:
    facebot|linkpreview|link preview|link-preview|urlpreview|url preview|previewer|linkexpand|unfurl|kakaotalk-scrap|
    line-poker|linepoker|zulipurlpreview|rocket.chat|google-pagerenderer|googlemessages|google-messages|imessagelinkextension|
    com.apple.mobilesms|microsoft-teams|teams-preview|signal-android/|signal-ios/|outlook-linkpreview|~snapchat-preview|
    security-gateway:
    barracuda|proofpoint|mimecast|urldefense|safelinks|safe links|ms-office|msoffice|microsoft office|microsoft-office|
    office existence discovery|microsoft-webdav|zscaler|fortiguard|ironport|cisco-|trendmicro|trend micro|symantec|
    messagelabs|fireeye|trellix|sophos|netskope|checkpoint|forcepoint|websense|cloudmark|bluecoat|urlscan|phishtank|
    smishing|safebrowsing|~lookout/|virustotal|paloalto|palo alto networks|hornetsecurity|~vade/|avanan|
    http-library:
    ^dalvik/|^java/|~cfnetwork/|^ruby|^php/|^perl|~winhttp|winhttp.winhttprequest|^ktor|^dart/|^lua-|^rest-client|
    ^postmanruntime|^insomnia|^faraday|^guzzle|^apache-http|^undici|^deno/|^bun/|^node$|^restsharp|^urlgrabber|
    ^libcurl|^python|^aiohttp|^powershell|windowspowershell|^go-resty|^reqwest|^hyper/|^unirest|^axios|^cpp-httplib|
    ^alamofire|^okhttp|^volley|^nsurl|~httpclient|http-client|http_client|~libwww|
    browser-automation:
    headless|phantomjs|slimerjs|puppeteer|playwright|selenium|webdriver|cypress/|electron/|
    bot-word:
    bot/|bot;|bot |bot)|bot-|bot_|bot+|bot,|bot.|bot:|bot$|bots |
    program-word:
    crawler|spider|scraper|scanner|link check|linkcheck|site check|validator|uptime|monitoring|monitor/|~monitor |
    own-address:
    http://|https://|+www.|
    compatible:
    (compatible;|; compatible;|
    person:
    ~cubot|
    old-browser:
    compatible; msie|compatible; konqueror|
    """)
}
