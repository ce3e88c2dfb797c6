/// Who fetches pages without reading them, by user agent. Made by `ops/data/crawler-agents` from PyPI crawler-user-agents 1.67.0
/// (MIT, Copyright (c) 2017 Martin Monperrus); do not edit. Lower-case needles, a group for each tag: `^` at the start, `$` at the end,
/// `~` where a word begins, `*` anything between. Left out, since people's browsers carry them:
/// - `AP3A\.240617\.008`: an Android 15 build that many OPPO and realme phones show
/// - `MetaIAB Facebook`: Meta's in-app browser, where people read
enum CrawlerAgents {
  static let data = #"""
    academic:
    ^lcc |a patent crawler|academicbotrtu|autoconfig test from ustc|blackboard|cdscbot|cispa webcrawler|citeseerxbot|
    classla-web|easybib autocite|fedineko|gaisbot|gulper web bot|hgfalphaxcrawl/|icc-crawler|integromedb|
    internetmeasurement|mithril-crawler|researchbot|researchscan.comsys.rwth-aachen.de|semanticscholarbot|spiderling|
    thesis-research-bot|thinklab|turnitin|ugaresearchagent|vu-server-health-scanner/|web measure/|
    zoterotranslationserver/wmf|~ai2bot|~aranea|~bubing|~citoid|~irlbot|~macocu|
    advertising:
     dvbot|;owler|a360-search|adbeat.com|adbeat_bot|adidxbot|adkerneltopiccrawler|admantx|adsbot-google|adsbot-iab|
    adscanner|adstxtcrawler|amazing-searchbot|amazonadbot|audigentadbot|awariorendererbot|baiduadsbot|bidswitchbot|
    centro ads.txt crawler|channable|clickagy|contextad bot|contextualbot*outcomes.net|criteobot|cxensebot|cybaabot|
    ecovadissustainabilitybot|eyeotabot|ezoicbot|facebookcatalog/|google-ads-conversions|google-adwords-express|
    google-adwords-instant|grapeshotcrawler|groovinaadsbot/|ias crawler|impact.com agent|kargobot-artemis|
    mcontextualbot|mediapartners (googlebot)|mediapartners-google|mediavinemetadataparser/|meta-externalads/|mgidbot|
    mixrankbot|moatbot|nanointeractive|netcraft web server survey|netseer crawler|netshelter contentscan|newsroom.bi|
    nostocrawlerbot|outbrain|outclicksbot|peer39_crawler|pixalate.com|productsup.io/crawler|proximic|pulsepoint |
    pulsepoint-crawler|quantcastbot/|qwarrybot|scraping@nytimes.com|sirdatabot|smartologybot/|snapchatads/|
    springservebot|taboolabot|tracking-quality-spider|ttd-content|verity/|voluumdsp-content-bot|webgains-bot|
    weborama-fetcher|webspidermount|wknd-bot|yahoo ad monitoring|~advbot|~ds9 |~ezlynx|~scope3|~uipbot|~um-fc|~um-ic|
    ai-crawler:
    amzn-searchbot|amzn-user|anomura|anthropic-ai|apifybot|apifywebsitecontentcrawler|aranet-searchbot|atlassian-bot|
    azureai-searchbot|bigsur.ai|brightbot|bytespider|channel3bot|chatglm-spider|chatgpt-user|claude-searchbot|
    claude-user|claude-web|claudebot|cloudflare-autorag|cohere-ai|cohere-training-data-crawler|crawl4ai|deepseekbot|
    extecontextcrawl|facebookbot|firecrawlagent|flyriverbot|gemini-deep-research|google-extended|google-notebooklm|
    henkbot|iaskspider|imagemind|imagespider|img2dataset|isonai-user|kagi-fetcher|kangaroo bot|kunatocrawler|
    laion-huggingface-processor|linerbot/|linkreader/|linkupbot|meta-externalagent/|mistralai-user|newsai/|novellum|
    oai-searchbot|perplexity-user|perplexitybot/|perplexityuser|phindbot|poggio-citations|sbintuitionsbot/|
    semantic-visions|shapbot|spawning-ai|spider*spider.com|taragroup intelligent bot|tavilybot|terracotta|
    the knowledge ai|thinkbot|tiktokspider|tsm-turingos|zanistabot|~ccbot|~gptbot|
    archiver:
    archive-it|archive.org_bot|archivebot|archivebox|arquivo-web-crawler|arquivobot|authory|
    bibliotheque nacional de france crawler|bl.uk_lddc_bot|bl.uk_ldfc_bot|bne.es_bot|bnf.fr_bot|cc metadata scaper|
    cyotekwebcopy|europarchive.org|heritrix|ia_archiver|kaikki.org-digital-archive|kb.dk_bot|lac_iaharvester|
    library of congress web archiving|linkace/|linkarchiver|loc.gov/programs/web-archiving|miniature.io/|
    mirrorweb.com|mirrorwebcrawler|nlnz_iaharvester|nlux_iaharvester|offline explorer|sitesucker|smarshbot|wayback|
    web-archive-net.com.bot|webcapture|webcopier|xy-archive-compliance|~bnfbot|~trove|~webzip|
    browser-automation:
    amazon-bedrock-agentcore-browser|amazonbuyforme|anchor browser|code/1.|ghost inspector|google-agent|
    google-gemini-cli|googleagent-mariner|headlesschrome|manus-user|opencode-smartfetch|phantomjs|playwright|
    puppeteer|selenium|splash version/|testlocally/|twinagent|~devin|~fluid/|~trae/|
    feed-reader:
    allafrica|artemis web reader|atom feed robot|awariorssbot|bestchange|blingerp|bloglines|blogtraffic/*feed-fetcher|
    blogtrottr|buttondown|capitalonebot|collapsify|commafeed|cozi-icalendar-feedreader|current*rss reader|dlvr.it|
    everyfeed-spider|fedoraplanet|feedbin|feedbot|feedburner|feeder /|feeder.co|feedfetcher-google|feedflow|
    feedpresso content index bot|feedsearch bot|feedsearch-crawler|feedspot|feedwind|flipboardrss|freshrss|
    g2reader-bot|innologica|inoreader|magpierss|mail.ru|mailchimp|miniflux/|monitorss/|naver blog rssbot|netvibes|
    newsblur|nextcloud|nicheindex|openrss|overcast/|page2rss|pocketcasts/|podchaserparser|protopage/|
    rss-is-dead.lol web bot|rss-parser|rss.social|rssapi/|rssbot/|rssingbot|rssreaderbot|shortpixel|simplepie|
    sottopopnone|specificfeeds|superfeedr|theoldreader.com|tiny tiny rss|yandorirssbot|yelpspider|~bazqux|~feedly|
    ~fever|~gwene|~podimo|~qcbot|~rss2tg|~upday/|
    http-library:
    ^apache-httpclient|^curl|^httpie/|^php-curl-class|aiohttp|alittle client|amazon cloudfront|anyevent|btwebclient|
    crawler4j|customasynchttpclient|download ninja|go-http-client|goparserbot|http_get|httpunit|httpurlconnection|
    httrack|libwww-perl|lwp-trivial|mechanize|newspaper/|node-fetch|pcore-http|phpcrawl|python-opengraph|
    python-requests|python-urllib|rawweb-bot|salesforce.com|simplecrawler|sindresorhus/got|trafilatura|~ahc/|~axios|
    ~colly|~httpx|~jetty|~larbin|~okhttp|~scrapy|~wget|
    monitoring:
    abevalbot|accessible web bot|accessstatus|acquia optimize|activecomply|alertsite|appinsights|atvowbot|
    baidu-yunguance|better uptime bot|betteruptimebot|binarycanary|blackbox exporter/|bling erp|blockaid|blogvault|
    buddybot|bugsnag|capsulechecker|capterrabot|carbon-umbrella-bot|catchpoint|caveman-hunter|changedetection|
    check_http|checkhost|checkly|checkmarknetwork/|chrome-lighthouse|cloudflare-alwaysonline|cloudflare-csup|
    cloudflare-custom-error-page-crawler|cloudflare-healthchecks|cloudflare-speedtest|cloudflare-traffic-manager|
    cloudflare-validator|cloudflareradarurlscanner|corporama matcher|crazy egg|critical css bot|cron-job.org|cronless|
    curebot|dareboost|dark visitor|datadog agent|datadog synthetic|datadogsynthetics|deepnoc|dmbrowser|dominicbot|
    dotcom-monitor|dow jones searchbot|downnotifier.com|downtimedetector/|drataautopilot|dreamhost data team|
    drupalbot|dubbotbot|easycron/|easydns monitoring|edgewatch|elmah.io uptime monitoring|elmahio-uptimebot|
    emoney advisor|evouptimebot|experibot|fastdast|fedilist agent|fedistatscrawler|fedreporter bot for ffiec|
    feedvalidator|freewebmonitoring sitechecker|freshbot|freshpingbot|genomecrawlerd|google trust services|
    googlestackdrivermonitoring|gotosocial|gotsitemonitor.com|gtmetrix|halobot|hanaleibot|headonlyscraper|hetrixtools|
    honeybadger uptime check|honeybadgerbot|hosttracker/|hydrozen.io|infosifter|internetvista monitor|
    irokez.cz monitoring|isdownbot/|jetmon/|keycdn-tools/|known agent|linkpadbot|logicmonitor|loopimprovements.com|
    magnetmebot|magus bot|mediatoolkitbot|minicrawler|minoru's fediverse crawler|modatscanner|monitis -|
    monitoring360bot/|monsidobot|monspark/|montastic-monitor|montasticmonitor|mxtoolbox|netumo|netvigie|
    new york times newsgathering|newrelicbot/|newrelicsynthetics|newsify feed fetcher|nixstatsbot|noahbot|nodeping|
    observepoint|ohdear/|onetrust|onlineornot.com_bot|owler-w|pagespeed/|panopta|parselysharesbot|pingadmin.ru/|
    pingdom|pingping.io/|plagawarebot|poduptime|pomothy-bot|prtg network monitor|prtgcloudbot/|pulsetic.com|
    rackspace monitoring/|rakuten image extraction bot|ruxitsynthetic|scrunchbot|sentinel-linkcheck|sequelwp|
    server density service monitoring|serverdensity|silktide|site24x7|siteimprove.com|sitelock|siteuptime.com|
    sleepbot|solarwinds/|spectate/|sqwatcher|statuscake|streamline3bot/|sv-watchagent|synthesibot|
    synthetic-monitoring-agent/|thousandeyes|updown.io|uptime-kuma|uptime/|uptimebot.org|uptimebot/|uptimedoctor|
    uptimerobot|uptimestatistics|uptimia|uptrends|urlsuma.de crawler|validator.nu|videootv bot|vmcrawl|w3c-checklink|
    w3c-mobileok|w3c_css_validator|w3c_i18n-checker|w3c_unicorn|w3c_validator|watchbot monitoring robot|watchforbot|
    watchful|watchmouse|webmon |websiteops|websitepulse|wedos online|wheresitup.com/|wisebot|wormlybot|wovn crawler|
    wpmu dev hub|wpmudev uptime monitor|wpumbrella|www.uptime.com|ylt chrome|~automaton|~buck/|~chirp|~cludo|~determ|
    ~fedidb|~linko|~noibu|~ptst/|~qualys|~red/|~rigor)|~sentry/|~sindup|~splunk|~termly|~tsmbot|~vigil/|~zabbix|
    scanner:
    abuse.xmco.fr|acunetix|air.ai/scanning|akismetbot|aliyunsecbot|antibot|artemisbot|asnriskscorer|
    bad neighborhood header detector|bitdiscovery|bitsightbot/|blackduck-fd|browserbot-observer|censysinspect/|
    cert pl|certchief|cloudflare-radar-scanner|cloudflare-ssldetector|cookie-maestro|cookiebot|cookiehub bot|
    cookiehubscan|cookiehubverify|cookieyesbot|csirt.cz|cyberpatrol|cypex.ai/scanning|detectify|digicert dcv|
    dirbuster|dnsscanner|do not track verifier|dratabot|ec2linkfinder|emailwolf|expanse|feed image audit|
    filterdb.iss.net/crawler|foregenix|google-trust-services/|hardenize|hstspreload-bot|http banner detection|
    https://developers.cloudflare.com/security-center/|ip-web-crawler.com|isscyberriskcrawler/|iubenda-radar/|
    jugendschutzprogramm-crawler|k7mlwcbot|keydrop.io|krawlerbot|l9explore|legalmonster|let's encrypt|
    lightspeedsystemscrawler|masscan|mrgbot/|netcraft ssl server survey|netcraftsurveyagent|netsystemsresearch|
    ninja bot|nmap scripting engine|nstoolsbot/|openvas|probelyspdr/|projectshield-urlcheck|reverseengineeringbot|
    riddler (http://riddler.io|safednsbot|sansec security monitor/|sbl-bot|securityheaders|software-security-research|
    ssl labs (https://www.ssllabs.com|ssl labs$|test certificate info|tls tester|twinwavescanner|unshorten.it!|
    urlbeebot|ut-dorkbot|vaultpress|verispider|virustotal|visionheight.com/scan|wanscannerbot|watchtowr|whatweb/|
    ~binlar|~l9scan|~ltx71|~nessus|~nikto|~sqlmap|~sucuri|~wpscan|~wpsec/|~wtotem|~zgrab|~zmeu|
    search-engine:
    360spider|7siters|^seekbot|a6-indexer|aboundex|acoonbot|addsearchbot|aihitbot|aisearchbot|alexandriaorgbot|
    algolia crawler|amazonbot|amazonproductdiscovery|amazonsellerinitiatedlisting|apis-google|appengine-google|
    applebot|aspiegelbot|baiduspider|biglotron|bingbot|blekkobot|bot.araturka.com|br-crawler|bravebot|cliqzbot/|
    convera|coveobot|cyberfindcrawler|developers.google.com/+/web/snippet|discobot|duckassistbot|duckduckbot|
    duckduckgo-favicons-bot|edisterbot|exabot|fast enterprise crawler|fast-webcrawler|fediindex|femtosearchbot|
    findfiles.net|findthatfile|findxbot|fiperbot|flamingo_searchengine|fleebsbot|fr-crawler|freespoke/|funnelback|
    fyndsearchengine-crawler|fyndsearchengine-recrawler|gabanzabot/|geedobot|geedoproductsearch|
    geedoshopproductfinder|gigablast|gigabot|globalwebsearch|gluten free crawler/|google favicon|
    google-certificates-bridge|google-cloudvertexbot|google-inspectiontool|google-physicalweb|google-read-aloud|
    google-safety|google-site-verification|google-structured-data-testing-tool|google-xrawler|googlebot-ia/|
    googlebot-image|googlebot-mobile|googlebot-news|googlebot-video|googlebot/|googleother|googleproducer|
    greppr web crawler|grub.org|gsa-crawler|iaskbot/|iboubot|imagesiftbot|indeedbot|indeedjobbot|inetdex-bot|
    intelx.io_bot|isonsearchbot|istellabot|jobboersebot|jobswithgptcom-bot|jooblebot|jyxobot|kagibot/|kendrabot|
    lb-spider|level9searchbot/|linguee bot|lyonl-asset-proxy|lyonl-crawler|magibot|mail.ru_bot|matchorysearch|
    mojeekbot/|naverbot|neevabot|nestdaddybot|nicecrawler|ntentbot|officestorebot|oicrawler|openhosebot|
    openindexspider|opentheboxbot|orangebot/|owler (ows.eu|pangubot|petalbot|playstore-google|purebot|qwantbot|
    qwantify|safesearch microdata crawler|scribdbot|scrubby|search.marginalia.nu|searcherweb|searcherxweb|
    searchexpress|seekport|seznambot|seznamhomepagecrawler/|sitesearch360/|smtnetpmbot|sogou*spider|sosospider|
    startpageprivateimageproxy/|stepstonecrawlbot|storebot-google|stractbot|swiftbot|swisscows|tagoobot|
    theinternetsearchx|timpibot|top100.rambler.ru crawler|toutiaospider|trovitbot|usinenouvellecrawler|voilabot|
    vsusearchspider/|wadoobot|wbsearchbot|wepchsearchengine|wesee:search|wordupinfosearch|woriobot|yacybot|
    yandex.com/bots|yandexrenderresourcesbot/|yisouspider|youdaobot|zealbot|zoominfo-|~arabot|~coccoc|~daum/|~daumoa|
    ~deusu/|~fluffy|~golfe/|~ichiro|~msnbot|~msrbot|~napbot|~nutch|~phxbot|~psbot|~slurp|~speedy|~teoma|~wikido|
    ~wocbot|~wotbox|~y!j-|~yanga|~yeti|~youbot|~zumbot|~zyborg|
    seo:
    007ac9 crawler|2ip bot|^crunchbot|^dcrawl|^silk/|acapbot|adagiobot|adminlabs|advanced_crawler|adventurer|
    agakidsbot|agencyanalyticsbot|ahrefsbot|ahrefssiteaudit|alexa site audit|alienfarm|allorigins|alphabot|
    anderspinkbot|apercite|appsiteassociation|aragog/|attracta|audisto crawler|audistobot|awariobot|awariosmartbot|
    awesomecrawler|b2b bot|backlinkcrawler|barkrowler|bdfetch|beeperbot|behloolbot|betabot|bigupdatabot|
    bitbucket-webhooks|bitlybot|blexbot/|blogmurabot|blp_bbot|boardgamepricesbot|bomborabot|bot-pge.chlooe.com|
    botpoke|boxcarbot|brainobot|brandonbot|brandverity|brandwatch|brightedge crawler|brokenlinkcheck.com|bublupbot|
    bushbaby|butterfly|buzzbot|caliberbot|caliperbot|capitaloneshopping|careerbot|centcombot/|centuryb.o.t9|
    centurybot|certytags|chargebeebot|charlotte|chrome privacy preserving prefetch proxy|cincraw|cirrusexplorer|
    claritybot/|clearscopebot|cloudflare-custom-hostname-verification|cloudflare-prefetch|cloudflare-stream-hook|
    cloudflare-stream-webhook|cloudtrellis|cmschecker|cocolyzebot|cognitiveseo bot|cognitiveseo.com|
    collection@infegy.com|companybook-crawler|content crawler spider|contentkingapp|contxbot|convermax|cotoyogi|
    crawler_eb_germany|crawlson|crawlyprojectcrawler|criticalcss.com|crusty/|crystalsemanticsbot|cxk_bot|daspeedbot|
    datafeedwatch|dataforseobot|datagnionbot|datanyze|dataprovider.com|dead link checker|deadlinkchecker|deepcrawl|
    deskyobot|diffbot/|digg deeper|digincore bot|dnbcrawler|dnyzbot|domain re-animator bot|domaincrawler|
    domains project/|domainstatsbot|domcopbot|dragonbot|drupact|e.ventures investment crawler|easybill-importmanager|
    echoboxbot/|edansbot|electricmonk|elisabot|emoneybot|epicbot|epivozcrawler|erepublik.tools|ev-crawler/|evc-batch|
    exodusmovement|extlinksbot|factset_spyderbot|fdl stats bot|fedicabot|fedreporterdatabot|fidget-spinner-bot|
    finditanswersbot|findlink|firmograph|friendly testing bot|friendly-spider|friendlycrawler/|fuelbot|fullstorybot/|
    fuseonbot/|fyrebot|g00g1e.net|g2 web services|garlikcrawler|gdnplus.com|getthit.com|giftedvisitor scan|
    gingercrawler|gnam gnam spider|gnowitnewsbot|goodzer|google-apps-script|google-area120|googleassociationservice$|
    googleassociationservice/|googledocs|gowikibot|grammarly/|gregcrawler|grobbot|grouphigh/|grover/|gslfbot|
    guestpostsbot/|happywing|harsilbot/|hawaiibot|hcardvalidator|hello world|helloworkjobpostingbot/|hifibot/|
    hlidam.to robot|hubspot|huckabot/|hype machine/|hypestat|hyscore.io|ibm crawler|imagefetcher/|imgproxy/|
    impendoom-bot/|indy library|infoobot|innguma/|instapaper/|integromat/|intelium_bot|interfaxscanbot|ioncrawl|
    ips-agent|iskanie|it2media-domain-crawler|james bot|jamie's spider|jpg-newsbot|kangaroobot/|kazbtbot/|kemvibot|
    keys-so-bot|kinsta-bot|klaviyo/|komodiabot|konturbot/|kosmiobot|kstandbot|kukei.eu-bot/|landau-media-spider|
    laserlikebot|lastmodbot/|leikibot|linkapediabot|linkcheckerbot|linkdex|linkisbot|linksindexerbot/|linktiger|
    linkwalker/|lipperhey|livelapbot|lssrocketcrawler|luminator-robots|macrobondbot|madbbot/|magellan|magicsearchdev/|
    magnet.me-web/|magpie-crawler|mainwp/|managewp|mappydata|marketgoo/|marketingminer|mauibot|mavifinds|
    mb-linkchecker|mbcrawler|medialogiabot|mediamonitoringbot/|megaindex|meltwaternews|memorybot|mergadobot|
    metainspector|metajobbot|metauri|metorik|mindupbot|missinglettrbot/|mixnodecache/|mj12bot|modernizebot|
    modularconnector/|mollie http client|monibot|montools.com|moodlebot|moreover|motominerbot/|mtrobot|muckrack|
    multiviewbot|my-tiny-bot|nbertaupete95|nerdbynature.bot|nerdybot|netestate ne crawler|neticle crawler|
    netpeakcheckerbot/|netresearchserver|newsnow/|niki-bot|nimbostratus-bot|nitrobot|nomore404.com robot|noorobot|
    nooshub/|notabot|novaact/|nyt_scraping|ocarinabot|omnisend/|oncrawl/|online domain tools|online-webceo-bot|
    opengraphcheck|operator/|optimizer)|orbbot/|outsellurlvalidator|page-preview-tool|pagepeeker/|pagething|
    pandalytics|panscient|paperlibot|paqlebot/|parse.ly scraper/|paypal/|pdf24 url to pdf|
    penthouse critical path css generator|piplbot|plesk screenshot bot|pocketparser|postrank|potions/|pr-cy.ru|
    pressenginebot|pricedroneshoppingbot/|priecobot/|primalbot|printfriendly.com|privacyawarebot|pro-sitemaps/|
    ps_daily/|pwabuilderhttpagent|pywikibot/|qualifiedbot/|rakutenusabot-image/|rankactivelinkbot|ranksonic|
    rankurbot/|ravencrawler/|readable/|recurly webhooks/|reelevant/|refindbot|regionstuttgartbot|remove.bg/|
    repolookoutbot|retool/|retrevopageanalyzer|retrolistecom/|revvimgort/|reward-gateway|ridderbot|robotschecker/|
    rogerbot|rsiteauditor|rytebot|s4a-probe-bot/|sandobacrawler/|schema-markup-validator|scoop.it/|scoutjet|
    scrapeherobot/|screaming frog seo spider|screeenly-bot|searchatlas|sebot-wa|seewithkids|semaltbot/|semanticbot|
    sempi.tech|semrushbot|sendgrid event api|sentibot|senutobot|seo-audit-check-bot/|seo4ajax.com|seobilitybot|
    seokicks|seolizer|seoscanners|seositecheckup|seostar.co|seoulbot|serankingbacklinksbot|serendeputybot|
    serpstatbot/|serptimizerbot|serverhunterspider/|sfdc-callout/|shopify-captain-hook|sidetrade indexer bot|
    simplescraper|sincerasyntheticuser/|sistrix crawler|siteauditbot/|sitebot|sitebulb|sitecheck-sitecrawl|
    sitecheckerbotcrawler|siteexplorer.info|sitescorebot|sitesoverpagesbot|skroutz imagebot|skroutzbot|skyworkspider|
    slaccalebot|slickbot/|snacktory|snipcart/|socialrankiobot|sora pos/|sparkpost|sparkshipping|ssssbot/|startmebot/|
    statabot/|statistikaustria/|statsdronebot|statusnestbacklinkspider|storygizebot|stripe/|summify|surdotlybot|
    surveybot|sustainabilitycrawler|svix-webhooks/|swifteqlinkchecker|swimgbot|sysomos|t3versionsbot|tactiscout/|
    tangibleebot|tchelebi/|test-bot|testcrawler|testuri|textrazor|tigerbot|tombapublicwebcrawler|toplistbot|
    traackr.com|tracemyfile|trellis-services|trendictionbot|trendsmapresolver|trentwil.es|trustly/|tweakers|
    tweetedtimes|twengabot|twingly|uaslinkchecker/|urlappendbot|urlcheckr/|urlsumabot|useebookchecker/|vagabondo/|
    vebidoobot|velenpublicwebcrawler|veoozbot|vercel-screenshot|vercelbot|videootvbot|vuhuvbot|wardbot/|
    web screen service by hyperhost|webceo online/|webcompanycrawler|webdatastats|webflow|webprosbot/|
    website-info.net-robot|websniffer/|webwikibot/|wellknownbot|whatsmyip.org|wheregoes.com|wirereaderbot/|
    wmtips.com/|woorankreview/|wordcountbot/|wordpress/|wordup-1|workona-favicon-service/|worldbot|wovncrawler/|
    wowlink crawler/|wp time capsule|wpmu dev broken link checker|wrtnbot|xenu link sleuth|xml sitemaps generator|
    xovibot|xovionpagecrawler|yahoocachesystem|yellowbrandprotectionbot|yextbot/|yokoygroupag/|yoozbot|yuuperbot|
    zebra-v2-bot|zenback bot|zendesk webhook|zombiebot/|zoombot|zoominfobot|zuperlistbot/|~008/|~2ip.ru|~asana/|
    ~bdbot/|~bdcbot|~bitbot|~botify|~bw/1|~cutbot|~df bot|~disqus|~dlc/|~dmbot|~dotbot|~eright|~ezgif|~ezid|~ezooms|
    ~fetch/|~genieo|~gopay|~hotjar|~icbot/|~idg/eu|~ifttt/|~imrbot|~jumio|~lssbot|~make/|~mlbot|~mybot/|~netapi|
    ~nitro-|~nuzzel|~nvdorz|~odin;|~omgili|~rivva|~s4a/|~seolyt|~smtbot|~sonic/|~spbot|~stape/|~tineye|~twurly|~um-ln|
    ~upflow|~webzio|~wjhro/|~woobot|~wpbot/|~wsm/|~yak/|~zapier|~zzhbot|
    social-preview:
    ^arenaunfurlbot|aasa-bot|addthis|bingpreview/|bluesky-domain-status-classifier|bluesky/|blueskypreviewbot|
    bufferlinkpreviewbot|chatwork linkpreview|clickuplinkunfurler|codabot|dazzle bluesky bot|dingtalkbot-linkservice|
    discordbot|discourse forum onebox|embedly|evernoterichlinkbot|everyonesocialbot|facebookexternalhit|facebot|
    fastmailua|flipboardproxy|friendica|gg peekbot|github-camo|goodreads|google web preview|googleimageproxy|
    groupmebot|iframely|jetslide|keybasebot|linespider|linkedinbot|listgembot|lmarenaunfurlbot|loomlybot|mastodon|
    mattermost-bot/|mediumbot-metatagfetcher|meta-externalfetcher/|meta-externalhit/|meta-webindexer|
    microsoftpreview/|newsharecounts|notion/|odklbot/|opengraph.io/|orlo-linkpreview/|pinterest.com/bot|quora-bot|
    redditbot|shortwave image fetcher|skypeuripreview|slack-imgproxy|slackbot|snap url preview service|
    snapurlpreview/|summalybot|supabase paired crawler|synapse|telegrambot|tumblr/|tweetmemebot|twilioproxy/|
    twitterbot|valve/steam|vkrobot|vkshare|whatsapp|xing bot|yahoo link preview|yahoomailproxy|~9bot/|~dbot)|~hatena|
    ~lemmy|~ning/|~viber|
    """#
}
