/// 150 samples of PyPI crawler-user-agents 1.67.0 (MIT), over all its tags. Made by `ops/data/crawler-agents`; do not edit.
enum CrawlerSamples {
  static let data = #"""
    academic:
    TurnitinBot (https://turnitin.com/robot/crawlerinfo.html)
    SemanticScholarBot/1.0 (+http://s2.allenai.org/bot.html)
    Thinklab (thinklab.com)
    LCC (+http://corpora.informatik.uni-leipzig.de/crawler_faq.html)
    CISPA Webcrawler (https://vuln-notify-checker.cispa.saarland)
    AcademicBotRTU (https://academicbot.rtu.lv; mailto:caps@rtu.lv)
    Fedineko (crabo/0.3.1; +https://fedineko.org/about)
    mithril-crawler
    Mozilla/5.0 (compatible; UGAResearchAgent/1.0; Please visit: NISLabUGA.github.io)
    Aranea Web-Crawled Corpora Project (+http://unesco.uniba.sk/guest (Hebrew 2024 Spring Crawl))
    Mozilla/5.0 researchscan.comsys.rwth-aachen.de
    Gulper Web Bot 0.2.4 (www.ecsl.cs.sunysb.edu/~maxim/cgi-bin/Link/GulperBot)
    hgfAlphaXCrawl/1.0 (+https://www.fim.uni-passau.de/data-science/forschung/open-search)
    advertising:
    AdsBot-Google (+http://www.google.com/adsbot.html)
    cXensebot/1.1a
    OutclicksBot/2 +https://www.outclicks.net/agent/VjzDygCuk4ubNmg40ZMbFqT0sIh7UfOKk8s8ZMiupUR
    Pulsepoint XT3 web scraper
    Mozilla/5.0 (compatible; Taboolabot/3.7; +http://www.taboola.com)
    Mozilla/5.0 AppleWebKit/537.36 Chrome/139.0.7258.127 Safari/537.36 Google-Ads-Conversions
    Mozilla/5.0 (compatible; ContextualBot/1.0; +http://outcomes.net)
    Mozilla/5.0 (compatible; NetSeer crawler/2.0; +http://www.netseer.com/crawler.html; crawler@netseer.com)
    Mozilla/5.0 (compatible; Qwarrybot/2.0; +http://www.qwarry.com/bot.html)
    wknd-bot
    SpringserveBot/1.0
    Verity/1.1 (https://gumgum.com/verity; verity-support@gumgum.com)
    SmartologyBot/1.0 (+http://www.smartology.net/smartologybot)
    ai-crawler:
    CCBot/2.0 (http://commoncrawl.org/faq/)
    claudebot
    anthropic-ai
    Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityUser/1.0; +https://perplexity.ai)
    ApifyWebsiteContentCrawler/1.0 (+https://apify.com/apify/website-content-crawler)
    Brightbot 1.0
    Mozilla/5.0 (compatible; Google-NotebookLM; +https://notebooklm.google.com/)
    Mozilla/5.0 (compatible; laion-huggingface-processor; +https://laion.ai/)
    Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ShapBot/0.1.0
    crawl4ai-adapter/1.0
    TerraCotta https://github.com/CeramicTeam/CeramicTerracotta
    Mozilla/5.0 (compatible; ChatGLM-Spider/1.0; +https://chatglm.cn/)
    linkReader/1.0 (+https://gochitchat.ai)
    archiver:
    ia_archiver (+http://www.alexa.com/site/help/webmasters; crawler@alexa.com)
    Mozilla/5.0 (compatible; MSIE 7.0 +http://www.europarchive.org)
    Mozilla/5.0 (compatible; bnf.fr_bot; +http://bibnum.bnf.fr/robot/bnf.html)
    @LinkArchiver twitter bot
    Mozilla/5.0 (compatible; Authory/1.0; +https://authory.com/)
    SmarshBot/1.0
    kaikki.org-digital-archive
    MirrorWebCrawler
    WebZIP/3.5 (http://www.spidersoft.com)
    SiteSucker for macOS/6.1.5
    ArquivoBot
    BnFBot
    LinkAce/1 (https://github.com/Kovah/LinkAce)
    browser-automation:
    Mozilla/5.0 (compatible; Amazon-Bedrock-AgentCore-Browser; +https://aws.amazon.com/bedrock/)
    Mozilla/5.0 (compatible; Amazon-Bedrock-AgentCore-Browser; +https://aws.amazon.com/bedrock/)
    Mozilla/5.0 (compatible; AmazonBuyForMe; +https://www.amazon.com/)
    Mozilla/5.0 (compatible; AmazonBuyForMe; +https://www.amazon.com/)
    Mozilla/5.0 (compatible; Anchor Browser; +https://anchorbrowser.io/)
    Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; compatible; Google-Agent)
    Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; compatible; Google-Agent)
    Mozilla/5.0 (compatible; Google-Gemini-CLI/1.0; +https://github.com/google-gemini/gemini-cli)
    Mozilla/5.0 (compatible; Google-Gemini-CLI/1.0; +https://github.com/google-gemini/gemini-cli)
    opencode-smartfetch/1.0
    Mozilla/5.0 (compatible; TwinAgent; +https://www.twinagent.com/)
    Mozilla/5.0 (compatible; TwinAgent; +https://www.twinagent.com/)
    Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/602.1 (KHTML, like Gecko) splash Version/10.0 Safari/602.1
    feed-reader:
    Feedfetcher-Google; (+http://www.google.com/feedfetcher.html; 1 subscribers; feed-id=728742641706423)
    g2reader-bot/1.0 (+http://www.g2reader.com/)
    venus/fedoraplanet
    Superfeedr bot/2.0 http://superfeedr.com - Make your feeds realtime: get in touch - feed-id:1162088860
    Mozilla/5.0 (compatible; BlogTraffic/1.4 Feed-Fetcher; +http://www.blogtraffic.de/rss-bot.html)
    artemis web reader/1.0 - https://artemis.jamesg.blog/bot
    Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10; rv:60.0) Gecko/20100101 Firefox/60.0 Collapsify
    Mozilla/5.0 (compatible; Innologica; +https://www.innologica.com/)
    RSS.Social/1.0 +https://rss.social/bot
    Mozilla/5.0 (Compatible; Feedsearch Bot; +https://feedearch.dev)
    rss-parser / Buttondown
    Mozilla/5.0 (compatible; FlipboardRSS/1.2; +http://flipboard.com/browserproxy)
    Protopage/3.0 (http://www.protopage.com)
    http-library:
    WGETbot/1.0 (+http://wget.alanreed.org)
    Python/3.9 aiohttp/3.7.3
    Go-http-client/1.1
    SimpleCrawler/0.1
    okhttp/2.5.0
    Jetty/9.3.z-SNAPSHOT
    axios/0.18.0
    Mozilla/5.0 (compatible; U; AnyEvent-HTTP/2.24; +http://software.schmorp.de/pkg/AnyEvent)
    python-opengraph-jaywink/0.2.0 (+https://github.com/jaywink/python-opengraph)
    colly - https://github.com/gocolly/colly
    Salesforce.com
    Mozilla/5.0 (compatible; GoParserBot/1.0)
    monitoring:
    Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1;  http://www.changedetection.com/bot.html )
    W3C-mobileOK/DDC-1.0
    Testomatobot/1.0 (Linux x86_64; +https://www.testomato.com/testomatobot) minicrawler/5.2.2
    gotosocial/0.19.2+git-90851fc (+https://chirp.zadzmo.org)
    Mozilla/5.0 (compatible; Qualys; +https://www.qualys.com/)
    Determ
    videootv Bot
    SENTINEL-LinkCheck/1.0 (+https://sentinel.oblivionzone.com/bot)
    Cloudflare-Validator/1.0
    Honeybadger Uptime Check
    NodePing
    Datadog Synthetic
    scanner:
    CyberPatrol SiteCat Webbot (http://www.cyberpatrol.com/cyberpatrolcrawler.asp)
    Mozilla/5.0 (compatible; oBot/2.3.1; +http://filterdb.iss.net/crawler/)
    NINJA bot
    Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)
    Mozilla/5.0 (Windows NT 6.1; WOW64) acunetix-product/wvs (Acunetix Web Vulnerability Scanner - Free Edition)
    Mozilla/5.0 (compatible; CertChief; +https://www.certchief.com/)
    Mozilla/5.0 (compatible; Verispider; +https://www.projecthoneypot.org/)
    Mozilla/5.0; Keydrop.io/1.0(onlyscans.com/about);
    Cloudflare-Radar-Scanner
    hstspreload-bot
    Mozilla/5.0 (compatible; +https://probely.com/sos) ProbelySPDR/0.1.0
    Test Certificate Info
    search-engine:
    Googlebot/2.1 (+http://www.google.com/bot.html)
    FAST Enterprise Crawler 6 / Scirus scirus-crawler@fast.no; http://www.scirus.com/srsapp/contactus/
    Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)
    DoCoMo/2.0 P900i(c100;TB;W24H11) (compatible; ichiro/mobile goo; +http://help.goo.ne.jp/help/article/1142/)
    Mozilla/5.0 (compatible; OpenHoseBot/2.1; +http://www.openhose.org/bot.html)
    Mozilla/5.0 (compatible; ZumBot/1.0; http://help.zum.com/inquiry)
    Mozilla/5.0 (compatible; SeekportBot; +https://bot.seekport.com)
    DuckAssistBot/1.2; (+http://duckduckgo.com/duckassistbot.html)
    Mozilla/5.0 (compatible; stepstoneCrawlBot; +https://www.thestepstonegroup.com/crawler/)
    YoudaoBot
    daumoa,damoa,daum,daumos,duamoa,duam,duamo
    Owler (ows.eu/owler)
    seo:
    findlinks/1.0 (+http://wortschatz.uni-leipzig.de/findlinks/)
    Mozilla/5.0 (compatible; yoozBot-2.2; http://yooz.ir; info@yooz.ir)
    Nuzzel
    Mozilla/5.0 (compatible; ZuperlistBot/1.0)
    http://seewithkids.com/bot
    Audisto Crawler (mobile; +https://audisto.com/bot)
    BeeperBot/0 Matrix-Media-Repo/1
    EpivozCrawler/1.7
    Mozilla/5.0 (compatible; KangarooBot/1.0; +https://kangaroobot.com)
    Mozilla/5.0 (compatible; Nooshub/1.0; +https://www.nooshub.com/statics/bots)
    Mozilla/5.0 (compatible; ScrapeheroBot/1.0; +https://scrapehero.de/)
    Mozilla/5.0 (compatible; TestURI; +http://testuri.org/)
    social-preview:
    LinkedInBot/1.0 (compatible; Mozilla/5.0; Jakarta Commons-HttpClient/3.1 +http://www.linkedin.com)
    Slack-ImgProxy (+https://api.slack.com/robots)
    Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)
    Mozilla/5.0 (compatible; EveryoneSocialBot/1.0; support@everyonesocial.com http://everyonesocial.com/)
    Friendica 'The Tazmans Flax-lily' 2019.01-1293; https://hoyer.xyz
    Mozilla/5.0 (compatible; Linespider/1.1; +https://lin.ee/4dwXkTH)
    SummalyBot/5.1.0
    BufferLinkPreviewBot/1.0 (+https://scraper.buffer.com/about/bots/link-preview-bot)
    CodaBot/1.0
    DingTalkBot-LinkService/1.0 (+https://open-doc.dingtalk.com/microapp/faquestions/ftpfeu)
    LoomlyBot
    Mozilla/5.0 (compatible; SnapURLPreview/1.0; +https://www.snapchat.com)
    """#
}
