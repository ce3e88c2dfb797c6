import ArgumentParser
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Plays Twilio's Messages API for tests and the demo: real shapes, codes, signed callbacks, people who answer, faults on request.
@main
struct Simulator: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "twilio-simulator", abstract: "A test double for Twilio's Messages API.",
    discussion: "Steer and read it under /_simulator: ledger, summary, idle, faults, people, inbound, callbacks/replay."
  )

  @Option(help: "HOST:PORT; port 0 takes a free one.") var listen = "127.0.0.1:0"
  @Option(help: "AC…=TOKEN, repeatable. None: an account's first token is learned.") var account: [String] = []
  @Option(help: "The inbound webhook: URL, or AC…=URL for one account. Repeatable.") var inbound: [String] = []
  @Option(help: "Connect webhooks to this HOST:PORT, whatever their URL says.") var webhooksVia: String?
  @Option(help: "Connect taps on links to this HOST:PORT.") var tapVia: String?
  @Option(help: "MG…=+1…,+1…: a Messaging Service's numbers. Repeatable.") var pool: [String] = []
  @Option(help: "Milliseconds before each answer.") var latency = 0
  @Option(help: "More requests at once than this: 429.") var maxConcurrent: Int?
  @Option(help: "Milliseconds between states, A-B.") var callbackDelay = "20-200"
  @Option(help: "Milliseconds until people answer, A-B.") var replyDelay = "200-2000"
  @Option(help: "Milliseconds until people tap, A-B.") var tapDelay = "6000-12000"
  @Flag(help: "Callbacks of one message overtake each other.") var shuffle = false
  @Option(help: "Share of callbacks sent twice.") var duplicate = 0.0
  @Option(help: "Share of callbacks never sent.") var drop = 0.0
  @Option(
    help:
      "`demo`, or JSON: delivered, undelivered {code: share}, failed {…}, stop, reply, tap, bot_tap, start_after_stop.")
  var people: String?
  @Option(help: "Segments per second and sender; the rest waits in the queue.") var mps: Double?
  @Option(help: "The list API shows a message this many milliseconds late.") var listLag = 0
  @Option(
    help: """
      KIND=SHARE, repeatable. Kinds: drop_reused, drop_before, 429, 503_before, drop_after, 500_after, reset_mid_body, slow, \
      bad_signature, or an error code (below 30000 in the answer, from 30000 in a callback).
      """)
  var fault: [String] = []
  @Option(help: "Milliseconds of a slow answer.") var slow = 30_000
  @Option(help: "The same seed gives the same people the same fate.") var seed: UInt64 = 1

  func run() async throws {
    let settings = try settings()
    let address = try parseAddress(listen)
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let provider = Provider(loop: loop, settings: settings)
    let channel = try await ServerBootstrap(group: loop, childGroup: loop)
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Door(provider))
        }
      }
      .bind(host: address.host, port: address.port)
      .get()
    // Whoever started us reads the port from this line.
    FileHandle.standardOutput.write(Data("listening on \(address.host):\(channel.localAddress?.port ?? 0)\n".utf8))
    try await channel.closeFuture.get()
  }

  private func settings() throws -> Settings {
    var settings = Settings()
    settings.accounts = try pairs(account, "--account")
    for text in inbound {
      let split = text.hasPrefix("AC") ? text.split(separator: "=", maxSplits: 1) : ["", text[...]]
      guard split.count == 2 else { throw SettingsError("--inbound \(text): URL or AC…=URL") }
      settings.inboundURLs[String(split[0])] = String(split[1])
    }
    settings.webhooksVia = try webhooksVia.map(parseAddress)
    settings.tapVia = try tapVia.map(parseAddress)
    settings.pools = try pairs(pool, "--pool").mapValues { $0.split(separator: ",").map(String.init) }
    settings.latencyMs = latency
    settings.maxConcurrent = maxConcurrent
    settings.callbackDelay = try parseRange(callbackDelay)
    settings.replyDelay = try parseRange(replyDelay)
    settings.tapDelay = try parseRange(tapDelay)
    settings.shuffle = shuffle
    settings.duplicate = duplicate
    settings.drop = drop
    settings.mps = mps
    settings.listLagMs = listLag
    settings.slowMs = slow
    settings.seed = seed
    if let people { settings.people = try People(json: Data((people == "demo" ? People.demo : people).utf8)) }
    for (kind, share) in try pairs(fault, "--fault") {
      guard let share = Double(share) else { throw SettingsError("--fault \(kind): a share from 0 to 1 is needed") }
      try Fault.check(kind, share)
      settings.faults[kind] = share
    }
    return settings
  }

  private func pairs(_ texts: [String], _ flag: String) throws -> [String: String] {
    var pairs: [String: String] = [:]
    for text in texts {
      let halves = text.split(separator: "=", maxSplits: 1)
      guard halves.count == 2 else { throw SettingsError("\(flag) \(text): NAME=VALUE is needed") }
      pairs[String(halves[0])] = String(halves[1])
    }
    return pairs
  }
}
