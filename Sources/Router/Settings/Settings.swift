import ArgumentParser
import Foundation
import TenantRuntime

/// Every setting: a flag, else its environment variable, else the default. Read once, checked before anything opens.
struct Settings: ParsableArguments {
  @Option(help: "Folder of all data (ROUNDHOUSE_DATA).") var data: String?
  @Option(help: "HOST:PORT to listen on (ROUNDHOUSE_LISTEN).") var listen: String?
  @Option(help: "Base of webhooks, pages and mails (ROUNDHOUSE_PUBLIC_URL).") var publicURL: String?
  @Option(help: "Twilio's API (ROUNDHOUSE_TWILIO_API).") var twilioAPI: String?
  @Option(help: "redis://… to share limits and caches with other nodes (ROUNDHOUSE_REDIS_URL).") var redisURL: String?
  @Option(help: "CIDRs that outgoing webhooks may reach although private, with commas (ROUNDHOUSE_WEBHOOK_ALLOW).")
  var webhookAllow: String?
  @Option(help: "CIDRs whose X-Forwarded-For, -Proto and -Host are believed, with commas (ROUNDHOUSE_TRUSTED_PROXIES).")
  var trustedProxies: String?
  @Option(help: "File of networks where no people sit, one a line (ROUNDHOUSE_SCANNER_NETWORKS).")
  var scannerNetworks: String?
  @Option(help: "File of mobile carriers' networks, one a line (ROUNDHOUSE_CARRIER_NETWORKS).")
  var carrierNetworks: String?
  @Option(help: "ADDRESS:PORT of the name server that hosts' TXT records are asked from (ROUNDHOUSE_DNS_SERVER).")
  var dnsServer: String?
  @Option(help: "Cap of open tenant files (ROUNDHOUSE_OPEN_FILES).") var openFiles: Int?

  struct Entry {
    let name: String
    let value: String
    let origin: String
  }

  static func environment(_ name: String) -> String? {
    let value = ProcessInfo.processInfo.environment[name]
    return value?.isEmpty == true ? nil : value
  }

  private func entry(_ name: String, _ flag: String?, _ fallback: String) -> Entry {
    if let flag { return Entry(name: name, value: flag, origin: "flag") }
    if let value = Self.environment(name) { return Entry(name: name, value: value, origin: "environment") }
    return Entry(name: name, value: fallback, origin: "default")
  }

  var dataEntry: Entry { entry("ROUNDHOUSE_DATA", data, ".") }
  var listenEntry: Entry { entry("ROUNDHOUSE_LISTEN", listen, "127.0.0.1:8080") }
  var publicURLEntry: Entry { entry("ROUNDHOUSE_PUBLIC_URL", publicURL, "http://" + listenEntry.value) }
  var twilioAPIEntry: Entry { entry("ROUNDHOUSE_TWILIO_API", twilioAPI, "https://api.twilio.com") }
  var openFilesEntry: Entry { entry("ROUNDHOUSE_OPEN_FILES", openFiles.map(String.init), "512") }
  var wantedOpenFiles: Int { Int(openFilesEntry.value) ?? 512 }
  var webhookAllowEntry: Entry { entry("ROUNDHOUSE_WEBHOOK_ALLOW", webhookAllow, "") }
  var trustedProxiesEntry: Entry { entry("ROUNDHOUSE_TRUSTED_PROXIES", trustedProxies, "") }
  var scannerNetworksEntry: Entry { entry("ROUNDHOUSE_SCANNER_NETWORKS", scannerNetworks, "") }
  var carrierNetworksEntry: Entry { entry("ROUNDHOUSE_CARRIER_NETWORKS", carrierNetworks, "") }
  var dnsServerEntry: Entry { entry("ROUNDHOUSE_DNS_SERVER", dnsServer, "") }
  var redisURLEntry: Entry { entry("ROUNDHOUSE_REDIS_URL", redisURL, "") }
  var secretEntry: Entry { entry("ROUNDHOUSE_SECRET_KEY", nil, "") }
  var logLevelEntry: Entry { entry("ROUNDHOUSE_LOG_LEVEL", nil, "info") }

  var all: [Entry] {
    let secret = secretEntry
    let redis = redisURLEntry
    let shown = Entry(
      name: redis.name, value: redis.value.replacing(/(\/\/[^:@\/]*):.*@/) { "\($0.1):********@" }, origin: redis.origin
    )
    let masked = Entry(name: secret.name, value: secret.value.isEmpty ? "" : "********", origin: secret.origin)
    return [
      dataEntry, listenEntry, publicURLEntry, twilioAPIEntry, shown, openFilesEntry, webhookAllowEntry,
      trustedProxiesEntry,
      scannerNetworksEntry, carrierNetworksEntry, dnsServerEntry, masked, logLevelEntry,
    ]
  }

  func address() throws -> (host: String, port: Int) {
    let parts = listenEntry.value.split(separator: ":")
    guard let port = parts.last.flatMap({ Int($0) }), (0...65535).contains(port), parts.count == 2 else {
      throw ValidationError("ROUNDHOUSE_LISTEN must be HOST:PORT, not \(listenEntry.value)")
    }
    return (String(parts[0]), port)
  }

  func allowedNetworks() throws -> [Network] {
    try webhookAllowEntry.value.split(whereSeparator: { $0 == "," || $0 == " " }).map { text in
      guard let network = Network(text) else {
        throw ValidationError(
          "ROUNDHOUSE_WEBHOOK_ALLOW must list blocks of addresses like 10.1.0.0/16,fd12::/32; \(text) is none")
      }
      return network
    }
  }

  func proxies() throws -> TrustedProxies {
    do { return try TrustedProxies(text: trustedProxiesEntry.value) } catch let bad as TrustedProxies.NotANetwork {
      throw ValidationError(
        "ROUNDHOUSE_TRUSTED_PROXIES must list networks like 10.0.0.0/8,fd00::/8; \(bad.text) is none")
    }
  }

  /// `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:53`; nil: the system's.
  func nameServer() throws -> String? {
    let text = dnsServerEntry.value
    if text.isEmpty { return nil }
    if IPAddress(text) != nil { return text.contains(":") ? "[\(text)]:53" : "\(text):53" }
    let colon = text.lastIndex(of: ":")
    var address = String(text[..<(colon ?? text.endIndex)])
    if address.hasPrefix("["), address.hasSuffix("]") { address = String(address.dropFirst().dropLast()) }
    let port = colon.flatMap { UInt16(text[text.index(after: $0)...]) } ?? 0
    guard IPAddress(address) != nil, address.contains(":") == text.hasPrefix("["), port > 0 else {
      throw ValidationError("ROUNDHOUSE_DNS_SERVER must be ADDRESS:PORT like 192.0.2.53:53, not \(text)")
    }
    return text
  }

  /// Read at the start, and again when the operator says so (SIGHUP).
  func networks() throws -> Networks {
    Networks(scanners: try Self.list(scannerNetworksEntry), carriers: try Self.list(carrierNetworksEntry))
  }

  private static let longestList = 32 << 20

  private static func list(_ entry: Entry) throws -> NetworkList {
    guard !entry.value.isEmpty else { return NetworkList() }
    // Nothing at all is what an empty file answers.
    guard let file = FileHandle(forReadingAtPath: entry.value),
      let bytes = try? file.read(upToCount: longestList + 1) ?? Data()
    else { throw ValidationError("\(entry.name): \(entry.value) cannot be read") }
    guard bytes.count <= longestList else {
      throw ValidationError("\(entry.name): \(entry.value) has more than \(longestList >> 20) MB")
    }
    do { return try NetworkList(text: String(decoding: bytes, as: UTF8.self)) } catch let bad as NetworkList.BadLine {
      throw ValidationError(
        "\(entry.name): \(entry.value), line \(bad.number) is no network like 192.0.2.0/24: \(bad.text)")
    }
  }

  func trimmed(_ url: String) throws -> String {
    guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
      throw ValidationError("\(url) must begin with http:// or https://")
    }
    return url.hasSuffix("/") ? String(url.dropLast()) : url
  }
}
