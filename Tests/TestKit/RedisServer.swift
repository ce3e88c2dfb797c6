import Foundation
import Glibc
import Synchronization

/// A real redis-server of a test's own, on a free port of this machine, without a memory on disk. Ends with the test.
package final class RedisServer: Sendable {
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  package let port: UInt16
  private let folder: TestFolder
  private let password: String?
  private let process = Mutex<Int32?>(nil)

  package var url: String { "redis://\(password.map { ":\($0)@" } ?? "")127.0.0.1:\(port)" }

  package init(password: String? = nil) throws {
    folder = try TestFolder()
    self.password = password
    port = try Self.freePort()
    try start()
  }

  deinit { kill() }

  /// Begins (again) on the same port, and waits until it answers.
  package func start() throws {
    let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/redis-server" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let path else { throw Failure(description: "redis-server is not installed: run ops/setup tests") }
    var arguments = [
      path, "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder.path,
      "--logfile", "\(folder.path)/log",
    ]
    if let password { arguments += ["--requirepass", password] }
    guard let pid = Self.spawn(arguments) else { throw Failure(description: "\(path) cannot be started") }
    process.withLock { $0 = pid }
    // Some 10 s at most; usually a few milliseconds.
    for _ in 0..<1000 {
      if say("PING") != nil { return }
      guard waitpid(pid, nil, WNOHANG) == 0 else {
        process.withLock { $0 = nil }
        break
      }
      usleep(10_000)
    }
    throw Failure(description: "redis-server does not answer on port \(port)")
  }

  /// SIGKILL, and waits for its end.
  package func kill() {
    process.withLock { process in
      guard let pid = process else { return }
      Glibc.kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
      process = nil
    }
  }

  /// SIGSTOP: the kernel still takes connections for it, but nobody answers.
  package func freeze() { signal(SIGSTOP) }
  package func thaw() { signal(SIGCONT) }

  private func signal(_ number: Int32) { process.withLock { _ = $0.map { Glibc.kill($0, number) } } }

  /// Sends one line and answers the first line that comes back within a second.
  @discardableResult package func say(_ line: String) -> String? {
    guard let socket = try? Self.socket(port, connect), socket >= 0 else { return nil }
    defer { close(socket) }
    var wait = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    let words = Array("\(line)\r\n".utf8)
    guard send(socket, words, words.count, Int32(MSG_NOSIGNAL)) == words.count else { return nil }
    var answer = [UInt8](repeating: 0, count: 512)
    let count = recv(socket, &answer, answer.count, 0)
    return count > 0
      ? String(decoding: answer[..<count], as: UTF8.self).split(separator: "\r\n").first.map(String.init) : nil
  }

  private static func spawn(_ arguments: [String]) -> Int32? {
    var pid: pid_t = 0
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    return posix_spawn(&pid, arguments[0], nil, nil, &words, environ) == 0 ? pid : nil
  }

  /// Ports of this process's servers, also of those that are down just now: tests run side by side.
  private static let taken = Mutex<Set<UInt16>>([])

  private static func freePort() throws -> UInt16 {
    while true {
      let port = try portOfTheKernel()
      if taken.withLock({ $0.insert(port).inserted }) { return port }
    }
  }

  /// Asks the kernel for a port that is free now.
  private static func portOfTheKernel() throws -> UInt16 {
    let socket = try socket(0, bind)
    defer { close(socket) }
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutableBytes(of: &address) { bytes in
      _ = bytes.withMemoryRebound(to: sockaddr.self) { getsockname(socket, $0.baseAddress, &size) }
    }
    return UInt16(bigEndian: address.sin_port)
  }

  private static func socket(
    _ port: UInt16, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws -> Int32 {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr = in_addr(s_addr: inet_addr("127.0.0.1"))
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        use(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      close(socket)
      throw Failure(description: "port \(port) of 127.0.0.1 cannot be used")
    }
    return socket
  }
}
