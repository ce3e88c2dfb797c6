import Foundation

/// Log lines on their way out: the caller leaves a line here and goes on, one thread writes. Where nobody reads, lines beyond a bound are
/// dropped, and a later line says how many.
final class LogDrain: @unchecked Sendable {
  static let standardError = LogDrain(descriptor: STDERR_FILENO)

  private let descriptor: Int32
  private let mostLines: Int
  private let mostBytes: Int
  /// Guards everything below.
  private let condition = NSCondition()
  private var waiting: [Data] = []
  private var bytes = 0
  private var dropped = 0
  private var isWriting = false

  init(descriptor: Int32, mostLines: Int = 10_000, mostBytes: Int = 4 << 20) {
    (self.descriptor, self.mostLines, self.mostBytes) = (descriptor, mostLines, mostBytes)
    // A reader that has gone ends a write, not the process.
    signal(SIGPIPE, SIG_IGN)
    let thread = Thread { [self] in run() }
    thread.name = "log"
    thread.stackSize = 256 << 10
    thread.start()
  }

  func add(_ line: Data) {
    condition.withLock {
      guard waiting.count < mostLines, bytes + line.count <= mostBytes else { return dropped += 1 }
      waiting.append(line)
      bytes += line.count
      condition.broadcast()
    }
  }

  /// Waits until all is written, or the time is over.
  func flush(within seconds: Double) {
    let end = Date(timeIntervalSinceNow: seconds)
    condition.withLock {
      while isWriting || !waiting.isEmpty { if !condition.wait(until: end) { return } }
    }
  }

  private func run() {
    while true {
      let lines = condition.withLock { () -> [Data] in
        isWriting = false
        condition.broadcast()
        while waiting.isEmpty { condition.wait() }
        isWriting = true
        defer { (waiting, bytes, dropped) = ([], 0, 0) }
        return dropped > 0 ? waiting + [Self.line(dropped: dropped)] : waiting
      }
      for line in lines { write(line) }
    }
  }

  private static func line(dropped: Int) -> Data {
    JSONLogHandler.line(
      level: "warning", label: "roundhouse", message: "Log lines were dropped: nobody read them",
      ["lines": "\(dropped)"])
  }

  private func write(_ line: Data) {
    line.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if errno == EAGAIN {
          var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&ready, 1, 1_000)
        } else if errno != EINTR {
          return
        }
      }
    }
  }
}
