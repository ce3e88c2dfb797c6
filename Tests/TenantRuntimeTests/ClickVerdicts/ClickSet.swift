/// Requests of short links with their label; how a line reads stands at `LabelledClick`. Where the rules cannot reach the truth from what a
/// request shows, the line says what they must answer instead: `human>unknown`.
enum ClickSet {
  static let data = """
    human https page | @iphone17
    human https page sent=20 | @iphone18
    human https page sent=95 delivered=92 | @iphone26
    human https page near=2 | @iphone15
    human https page sent=3600 delivered=3598 | @iphone12
    human https page listed=carrier | @ipad-phone
    human https page sent=45 | @ipad-desktop
    human https page referer=www.google.com | @crios
    human https page | @fxios
    human https page sent=20 | @edgios
    human https page sent=95 delivered=92 | @ddg-ios
    human https page near=2 | @gsa-ios
    human https page sent=3600 delivered=3598 | @opera-ios
    human https page listed=carrier | @instagram-ios
    human https page near=6 listed=carrier | @facebook-ios
    human https page referer=www.google.com | @linkedin-ios
    human https page | @snapchat-ios
    human https page sent=20 | @outlook-ios
    human https page sent=95 delivered=92 | @tiktok-ios
    human https page near=2 | @line-ios
    human https page sent=3600 delivered=3598 | @wechat-ios
    human https page listed=carrier | @webview-ios
    human https page near=6 listed=carrier | @chrome-android
    human https page referer=www.google.com | @chrome-pixel
    human https page | @chrome-moto
    human https page sent=20 | @chrome-old
    human https page sent=95 delivered=92 | @chrome-tablet
    human https page near=2 | @cubot
    human https page sent=3600 delivered=3598 | @cubot-note
    human https page listed=carrier | @cubot-echo
    human https page near=6 listed=carrier | @samsung
    human https page referer=www.google.com | @samsung-old
    human https page | @firefox-android
    human https page sent=20 | @focus-android
    human https page sent=95 delivered=92 | @edge-android
    human https page near=2 | @opera-android
    human https page sent=3600 delivered=3598 | @opera-mini
    human https page listed=carrier | @opera-mini-new
    human https page near=6 listed=carrier | @uc
    human https page referer=www.google.com | @ucweb
    human https page | @miui
    human https page sent=20 | @huawei
    human https page sent=95 delivered=92 | @vivo
    human https page near=2 | @heytap
    human https page sent=3600 delivered=3598 | @ddg-android
    human https page listed=carrier | @brave-android
    human https page near=6 listed=carrier | @ecosia-android
    human https page referer=www.google.com | @sogou
    human https page | @instagram-android
    human https page sent=20 | @instagram-pixel
    human https page sent=95 delivered=92 | @facebook-android
    human https page near=2 | @messenger-android
    human https page sent=3600 delivered=3598 | @meta-iab
    human https page listed=carrier | @oppo-webview
    human https page near=6 listed=carrier | @snapchat-android
    human https page referer=www.google.com | @tiktok-android
    human https page | @kakao
    human https page sent=20 | @gsa-android
    human https page sent=95 delivered=92 | @chrome-windows
    human https page near=2 | @chrome-mac
    human https page sent=3600 delivered=3598 | @chromebook
    human https page listed=carrier | @edge
    human https page sent=45 | @firefox
    human https page referer=www.google.com | @firefox-linux
    human https page | @tor
    human https page sent=20 | @safari-mac
    human https page sent=95 delivered=92 | @opera
    human https page near=2 | @vivaldi
    human https page sent=3600 delivered=3598 | @yandex
    human https page listed=carrier | @whale
    human https page sent=45 | @norton
    human https page referer=www.google.com | @ie11
    human https page | @ie9
    human https page sent=20 | @kaios
    human https page sent=95 delivered=92 | @kaios3
    human https page near=2 | @silk
    human https page sent=3600 delivered=3598 | @tizen
    human https page listed=carrier | @webos-tv
    human https page sent=45 | @bravia
    human https page referer=www.google.com | @nokia
    human https page | @blackberry
    human http page sent=95 delivered=92 | @iphone17
    human http page sent=95 delivered=92 | @iphone18
    human http page | @chrome-android
    human http page | @samsung
    human http page sent=95 delivered=92 | @cubot
    human http page sent=20 | @firefox-android
    human http page sent=95 delivered=92 | @facebook-android
    human http page sent=20 | @instagram-ios
    human http page | @chrome-windows
    human http page sent=20 | @safari-mac
    human http page | @kaios
    human http page sent=20 | @opera-mini
    human http page sent=20 | @uc
    human http page | @webview-ios
    human http page sent=95 delivered=92 | @chrome-pixel
    human http page sent=95 delivered=92 | @edge
    human http page | @ucweb
    human http page | @ddg-ios
    human https page sent=6.5 | @iphone18
    human https page sent=30 delivered=5.2 | @chrome-android
    human https page sent=25 delivered=-3 | @iphone17
    human https page via=1.1_google | @opera-mini-new
    human https page x-requested-with=com.instagram.android | @instagram-android
    human https page x-requested-with=com.google.android.apps.messaging | @oppo-webview
    human https page x-requested-with=com.facebook.katana | @facebook-android
    human https page sec-fetch-site=cross-site referer=teams.microsoft.com | @edge
    human https page sec-fetch-site=cross-site referer=messages.google.com | @chrome-windows
    human https page sec-fetch-site=cross-site referer=nam12.safelinks.protection.outlook.com | @chrome-mac
    human https page sec-fetch-site=cross-site referer=urldefense.proofpoint.com | @outlook-ios
    human https plain | @webview-ios
    human https plain | @crios
    human https plain | @gsa-ios
    human https plain | @linkedin-ios
    human https plain | @chrome-old
    human https plain | @ipad-phone
    human https plain | @kaios3
    human https plain | @ie11
    human https page sec-ch-ua= sec-ch-ua-mobile= | @brave-android
    human https page sec-ch-ua="Not_A(Brand";v="8",_"Chromium";v="142",_"Google_Chrome";v="142" | @chrome-android
    human https page near=9 listed=carrier | @samsung
    human https page near=3 listed=carrier sent=40 | @chrome-pixel
    human https page near=2 sent=15 | @iphone26
    human http page near=5 listed=carrier | @iphone18
    human https page sent=86400 delivered=86390 | @iphone15
    human http page sent=8 | @chrome-moto
    human https page accept-language=es-MX | @chrome-moto
    human https page accept-language=vi-VN,vi;q=0.9 | @iphone26
    human>unknown https page sent=3 delivered=1 | @iphone17
    human>unknown https page near=4 | @chrome-android
    human>unknown https page accept-language | @firefox-android
    human https plain | @uc
    human https plain | @vivo
    human https plain x-requested-with=com.google.android.gm | @oppo-webview
    human>scanner https plain | @brave-android
    preview https any | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0
    preview https page sent=2 | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0
    preview https bare | WhatsApp/2.23.20.0
    preview https any | WhatsApp/2.2412.54 N
    preview https any | WhatsApp/2.24.14.77 i
    preview https any | WhatsApp
    preview https any near=40 listed=scanner | Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)
    preview https any | Slack-ImgProxy (+https://api.slack.com/robots)
    preview https bare | Slackbot 1.0 (+https://api.slack.com/robots)
    preview https any | TelegramBot (like TwitterBot)
    preview https any | Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)
    preview https any | Twitterbot/1.0
    preview https any | facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)
    preview https any | facebookexternalhit/1.1
    preview https any | meta-externalfetcher/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)
    preview https any | LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)
    preview https any | Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 microsoft-teams
    preview https any | Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)
    preview https any | Pinterest/0.2 (+https://www.pinterest.com/bot.html)
    preview https any | Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/56.0.2924.87 Safari/537.36 Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/)
    preview https any | Mozilla/5.0 (Linux; Android 7.0; SM-G930V) AppleWebKit/537.36 (KHTML, like Gecko; Google Web Preview) Chrome/41.0.2272.118 Mobile Safari/537.36
    preview https any | GoogleMessages/20240801 (Android)
    preview https any | Viber/22.7.0.1
    preview https any | facebookexternalhit/1.1; line-poker/1.0
    preview https any | facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984
    preview https any | Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots
    preview https any | Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)
    preview https any | Iframely/1.3.1 (+https://iframely.com/docs/about)
    preview https any | Embedly/0.2 (+http://support.embed.ly/)
    preview https any | Synapse (bot; +https://github.com/matrix-org/synapse)
    preview https any | Mattermost-Bot/1.1
    preview https any | ZulipURLPreview/10.0; +https://chat.example.com
    preview https any | GroupMeBot/1.0
    preview https HEAD any | Twitterbot/1.0
    preview https any | Mozilla/5.0 (iPhone; CPU iPhone OS 8_3 like Mac OS X) AppleWebKit/600.1.4 (KHTML, like Gecko) Version/8.0 Mobile/12F70 Safari/600.1.4 BingPreview/1.0b
    preview https page purpose=prefetch | @chrome-android
    preview https page sec-purpose=prefetch | @chrome-windows
    preview https page sec-purpose=prefetch;anonymous-client-ip | @chrome-pixel
    preview https page sec-purpose=prefetch;prerender | @edge
    preview https page x-purpose=preview | @safari-mac
    preview https page x-moz=prefetch | @firefox
    preview https page sec-purpose=prefetch near=5 | @samsung
    preview https page sec-fetch-dest=image sec-fetch-mode=no-cors | @chrome-android
    preview https page sec-fetch-dest=video sec-fetch-mode=no-cors | @safari-mac
    preview https any | Bluesky Cardyb/1.1; +mailto:support@bsky.app linkpreview
    preview>scanner https any | Mozilla/5.0 (Linux; Android 13) CFNetwork/1410.0.3 Darwin/22.6.0
    preview>scanner https any | MobileSMS/1.0 CFNetwork/1568.100.1 Darwin/24.0.0
    preview>scanner https any | Dalvik/2.1.0 (Linux; U; Android 14; Pixel 7 Build/UQ1A.240205.002)
    preview>scanner https any | okhttp/4.12.0
    scanner https bare | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0.0.0 Safari/537.36
    scanner https any | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.0.0 Safari/537.36
    scanner https plain | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.0.0 Safari/537.36
    scanner https plain sent=2 | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/103.0.0.0 Safari/537.36
    scanner https any near=12 | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0.0.0 Safari/537.36
    scanner https plain delivered=1 sent=3 | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36
    scanner https bare sent=0.5 | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36
    scanner https any sent=4 | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36
    scanner https plain near=30 | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36
    scanner https bare near=3 | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36
    scanner http bare | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36
    scanner http any | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/115.0.0.0 Safari/537.36
    scanner http any sent=1 | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36
    scanner http bare near=5 | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0.0.0 Safari/537.36
    scanner https bare |
    scanner https any sent=1 |
    scanner http any |
    scanner https HEAD bare |
    scanner https HEAD plain | @chrome-windows
    scanner https HEAD page | @iphone17
    scanner https HEAD any | Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928; Pro)
    scanner https OPTIONS any | Microsoft Office Protocol Discovery
    scanner https POST any | @chrome-mac
    scanner https PROPFIND any | Microsoft-WebDAV-MiniRedir/10.0.19045
    scanner https any | Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928; Pro)
    scanner https any | Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; ms-office)
    scanner https any | Microsoft Office Existence Discovery
    scanner https any | BarracudaCentral
    scanner https any | Barracuda Sentinel (EE)
    scanner https any | Mozilla/5.0 (compatible; ProofpointURLDefense/1.0)
    scanner https any | Mimecast-URL-Protect/2.1
    scanner https any | Zscaler/1.0
    scanner https any | Mozilla/5.0 (compatible; FortiGuard Labs)
    scanner https any | Cisco-Talos/1.2
    scanner https any | TrendMicro WRS/3.0
    scanner https any | Mozilla/5.0 (compatible; SophosLabs URL analysis)
    scanner https any | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 urlscan.io
    scanner https page listed=scanner | @chrome-windows
    scanner https page listed=scanner sent=3 | @edge
    scanner https page listed=scanner | @iphone17
    scanner https plain listed=scanner near=22 | @firefox
    scanner https page near=8 | @chrome-mac
    scanner https page near=25 | @edge
    scanner https page near=3 | @safari-mac
    scanner https plain near=6 | @iphone18
    scanner https plain near=14 | @chrome-android
    scanner http bare near=4 | @iphone17
    scanner http any near=4 | @chrome-pixel
    scanner https page sent=1 | @chrome-windows
    scanner https page sent=2 | @safari-mac
    scanner https page sent=10 delivered=3 | @edge
    scanner https page sent=-1 | @firefox
    scanner https plain sent=2 | @iphone17
    scanner https plain sent=1 | @iphone26
    scanner https plain | @chrome-android
    scanner https any | @chrome-android
    scanner https bare | @samsung
    scanner https any | @chrome-mac
    scanner https bare | @edge
    scanner https any accept-language=en | @vivaldi
    scanner https bare | @chrome-tablet
    scanner>unknown https bare | @iphone17
    scanner>unknown https any | @iphone26
    scanner>unknown https plain | @iphone18
    scanner>unknown https plain | @firefox
    scanner>unknown https plain | @firefox-android
    scanner http bare | @firefox
    scanner http any | @safari-mac
    scanner>unknown http bare | @iphone15
    scanner>unknown http any | @chrome-pixel
    scanner>unknown http any | @samsung-old
    scanner>unknown https page sent=2 | @iphone18
    scanner>unknown https page sent=4 delivered=0.4 | @chrome-android
    scanner>unknown https page sec-ch-ua="Chromium";v="115",_"Google_Chrome";v="115" | @chrome-windows
    scanner https page sec-ch-ua="HeadlessChrome";v="115",_"Chromium";v="115" | @chrome-windows
    scanner>unknown https page sec-ch-ua="Chromium";v="119",_"Not?A_Brand";v="24" | @chrome-pixel
    scanner>unknown https page sec-fetch-mode=cors sec-fetch-dest=empty | @chrome-windows
    scanner>unknown https page sec-fetch-mode=no-cors sec-fetch-dest=script | @chrome-mac
    scanner>unknown https page near=5 | @chrome-android
    scanner>unknown https any near=5 listed=carrier | @webview-ios
    scanner https any | curl/7.88.1
    scanner http any | curl/8.7.1
    scanner https any | Wget/1.21.4
    scanner https any | python-requests/2.32.3
    scanner https any | Python/3.11 aiohttp/3.9.5
    scanner https any | Python-urllib/3.12
    scanner https any | Go-http-client/1.1
    scanner https any | Java/11.0.22
    scanner https any | Java/1.8.0_392
    scanner https any | Apache-HttpClient/4.5.14 (Java/17.0.10)
    scanner https any | axios/1.7.2
    scanner https any | node-fetch/1.0 (+https://github.com/bitinn/node-fetch)
    scanner https any | undici
    scanner https any | node
    scanner https any | Ruby
    scanner https any | GuzzleHttp/7
    scanner https any | libwww-perl/6.72
    scanner https any | PostmanRuntime/7.39.0
    scanner https any | Ktor client
    scanner https any | Dart/3.4 (dart:io)
    scanner https any | Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.4648
    scanner https page | Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.6099.28 Safari/537.36
    scanner https any | Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1
    scanner https any | Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)
    scanner https any | Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.6533.119 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)
    scanner https any | Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)
    scanner https any | Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)
    scanner https any | Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)
    scanner https any | Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)
    scanner https any | Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)
    scanner https any | Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)
    scanner https HEAD any | Better Uptime Bot Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_4)
    scanner https any | Mozilla/5.0 (compatible; Uptime-Kuma/1.23.13)
    scanner https any | StatusCake Monitoring Agent
    scanner https any | W3C-checklink/4.5 libwww-perl/5.833
    scanner https any | Xenu Link Sleuth/1.3.8
    scanner https any | LinkChecker/10.4 (+https://linkchecker.github.io/linkchecker/)
    scanner https any | Mozilla/5.0 (compatible; Dead Link Checker; https://www.deadlinkchecker.com)
    scanner https any | bitlybot/3.0 (+http://bit.ly/)
    scanner https any | Mozilla/5.0 zgrab/0.x
    scanner https any | masscan/1.3 (https://github.com/robertdavidgraham/masscan)
    scanner https any | Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)
    scanner https any | Expanse, a Palo Alto Networks company, searches across the global IPv4 space multiple times per day
    scanner https any | Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)
    scanner https any | Nuclei - Open-source project (github.com/projectdiscovery/nuclei) scanner
    scanner https any | virustotalcloud/1.0
    scanner https any | Mozilla/5.0 (compatible; PhishTank-verifier/1.0)
    scanner https any | AcmeCorpBot/0.1
    scanner https any | Carrier-URL-Scanner
    scanner>unknown https any | Mozilla/5.0
    scanner>unknown https any | MyCompanyApp/3.2 (build 77)
    unknown https any | SmsFilter/4.1 (com.example.smsfilter)
    unknown https bare | Mozilla/5.0 AppleWebKit/537.36
    unknown https any | ShortcutsAgent
    unknown https page x-requested-with=XMLHttpRequest | @chrome-windows
    unknown https page sec-fetch-dest=iframe | @edge
    human http page sent=33 | @miui
    human http page sent=7 | @huawei
    human http page near=2 | @ddg-android
    human http page sent=410 delivered=405 | @samsung-old
    human http page sent=19 | @iphone12
    human http page sent=75 | @gsa-android
    human http page near=2 | @focus-android
    human http page sent=61 delivered=58 | @edge-android
    human http page sent=24 | @snapchat-android
    human http page sent=900 | @tiktok-ios
    human http page sent=130 | @chromebook
    human http page sent=12 | @firefox
    scanner>human https page sent=120 | @chrome-windows
    scanner>human https page sent=45 near=2 | @iphone26
    scanner>human http page sent=600 | @chrome-mac
    preview>human https page sent=9 | @chrome-pixel
    human https page sent=5 | @iphone18
    human https page sent=5.1 delivered=5 | @chrome-android
    human https page sent=900 delivered=-20 | @samsung
    human https page sent=86400 delivered=86395 | @webview-ios
    human https page near=2 sent=30 | @chrome-windows
    human https page near=3 listed=carrier | @iphone18
    human https page near=16 listed=carrier sent=8 | @samsung
    human https page near=5 listed=carrier | @firefox-android
    human http page near=4 listed=carrier sent=40 | @iphone17
    human http plain sent=60 near=2 | @chrome-android
    human http plain listed=carrier near=8 | @chrome-pixel
    human http plain sent=7 delivered=6 | @edge
    scanner https page sent=1 | @edge
    scanner http page sent=0.3 | @chrome-windows
    scanner https page sent=40 delivered=1 | @safari-mac
    scanner https plain sent=2 | @chrome-android
    scanner https plain sent=7200 | @chrome-pixel
    scanner https page near=3 | @chrome-mac
    scanner https page near=16 sent=50 | @firefox
    scanner https plain near=4 | @iphone17
    scanner http bare near=3 | @chrome-android
    scanner https page listed=scanner | @safari-mac
    scanner https page listed=scanner near=4 | @chrome-android
    scanner http page listed=scanner sent=4000 | @iphone17
    scanner>unknown https page near=4 listed=carrier | @chrome-windows
    scanner>unknown http bare sent=3600 | @chrome-android
    scanner>unknown http page sent=2 | @iphone17
    preview https page sent=0.4 near=3 purpose=prefetch | @safari-mac
    preview https bare sent=0.2 near=9 listed=scanner | WhatsApp/2.23
    scanner https any sent=1 | @iphone17
    """
}
