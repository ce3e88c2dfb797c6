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
    discussion: """
      Steer and read it under /_simulator: ledger, summary, rates, idle, faults, people, signing, inbound, \
      callbacks/replay, media.
      """
  )

  @Option(help: "HOST:PORT; port 0 takes a free one.") var listen = "127.0.0.1:0"
  @Option(help: "AC…=TOKEN or TOKEN1,TOKEN2 (the first signs), repeatable. None: the first token seen is learned.")
  var account: [String] = []
  @Option(help: "The inbound webhook: URL, or AC…=URL for one account. Repeatable.") var inbound: [String] = []
  @Option(help: "Where an inbound text goes when that fails: URL, or AC…=URL. Repeatable.") var fallback: [String] = []
  @Option(help: "AC…=TOKEN: that account's webhooks are signed with another token. Repeatable.") var signWith:
    [String] = []
  @Option(help: "Connect webhooks to this HOST:PORT, whatever their URL says.") var webhooksVia: String?
  @Option(help: "Connect taps on links to this HOST:PORT.") var tapVia: String?
  @Option(help: "MG…=+1…,+1…: a Messaging Service's numbers. Repeatable.") var pool: [String] = []
  @Option(help: "MG…: this service has Advanced Opt-Out. Repeatable.") var advancedOptOut: [String] = []
  @Option(help: "MG…=WORD,WORD: more words for STOP; Advanced Opt-Out goes with it. Repeatable.")
  var optOutWords: [String] = []
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
  @Option(help: "Segments per second and number; the rest waits in the number's queue.") var mps: Double?
  @Option(help: "+1…=N: this number's own segments per second. Repeatable.") var rate: [String] = []
  @Option(help: "A queue holds this many seconds of its number's rate; then 21611, or 30001 with a service.")
  var queueSeconds = 36_000
  @Option(help: "The list API shows a message this many milliseconds late.") var listLag = 0
  @Option(help: "Share of messages that the list API never shows.") var listGap = 0.0
  @Option(help: "Milliseconds from a message's end until its price is known.") var priceDelay = 500
  @Option(help: "+44=MICROS per segment, by the beginning of the destination; else 8300. Repeatable.")
  var price: [String] = []
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
    let port = channel.localAddress?.port ?? 0
    provider.ownURL = "http://\(address.host):\(port)"
    // Anyone who started us reads the port from this line.
    FileHandle.standardOutput.write(Data("listening on \(address.host):\(port)\n".utf8))
    try await channel.closeFuture.get()
  }
}
