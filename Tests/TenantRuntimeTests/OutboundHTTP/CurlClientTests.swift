import Foundation
import Glibc
import Synchronization
import TenantRuntime
import Testing

/// The door and a peer that listens on this machine.
@Suite struct CurlClientTests {
  private let peer = try! Listener()

  private func call() -> HTTPCall {
    var call = HTTPCall(url: "http://127.0.0.1:\(peer.port)/Messages.json", turnKey: "acme")
    call.body = Array("Body=Hello".utf8)
    call.timeout = .seconds(10)
    return call
  }

  @Test(.timeLimit(.minutes(5))) func aCallThatIsNotWantedAnyMoreOnceItIsConnectedSendsNothing() async throws {
    let door = CurlClient(connections: 1)
    defer { door.stop() }
    var call = call()
    call.admit = { true }
    call.isWanted = { false }
    #expect(await door.send(call) == .heldBack)
    #expect(peer.waitingBytes() == 0)
  }

  @Test(.timeLimit(.minutes(5))) func whatRunsAfterAPassSeesItsLastWordsOnTheWire() async throws {
    let door = CurlClient(connections: 1)
    defer { door.stop() }
    let (peer, call) = (peer, call())
    let sent = await withCheckedContinuation { (done: CheckedContinuation<Int, Never>) in
      var call = call
      // Between its last word and the wire.
      call.isWanted = {
        door.afterPendingSends { done.resume(returning: peer.waitingBytes()) }
        return true
      }
      door.submit(call) { _ in }
    }
    #expect(sent > 10)
    peer.hangUp()
  }

  @Test(.timeLimit(.minutes(5))) func anEndedDoorKeepsNobodyWaiting() async {
    let door = CurlClient(connections: 1)
    door.stop()
    // The first may come while the door ends, the second when it has ended: each is run, once.
    let runs = Mutex(0)
    for _ in 0..<2 {
      await withCheckedContinuation { done in
        door.afterPendingSends {
          runs.withLock { $0 += 1 }
          done.resume()
        }
      }
    }
    #expect(runs.withLock { $0 } == 2)
    #expect(await door.send(call()) == .notBegun && door.callsInFlight == 0 && peer.waitingBytes() == 0)
  }
}

/// Takes connections on a free port, and says nothing.
private final class Listener: Sendable {
  struct Failure: Error {}

  let port: UInt16
  private let socket: Int32
  private let taken = Mutex<[Int32]>([])

  init() throws {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr = in_addr(s_addr: inet_addr("127.0.0.1"))
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, size) == 0 && listen(socket, 8) == 0 && getsockname(socket, $0, &size) == 0
      }
    }
    guard isBound else { throw Failure() }
    self.socket = socket
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit {
    hangUp()
    close(socket)
  }

  /// What the connections so far have sent.
  func waitingBytes() -> Int {
    taken.withLock { taken in
      while case let connection = accept(socket, nil, nil), connection >= 0 { taken.append(connection) }
      var bytes = [UInt8](repeating: 0, count: 4096)
      return taken.reduce(0) {
        $0 + max(0, recv($1, &bytes, bytes.count, Int32(MSG_PEEK | MSG_DONTWAIT)))
      }
    }
  }

  func hangUp() {
    taken.withLock { taken in
      taken.forEach { close($0) }
      taken = []
    }
  }
}
