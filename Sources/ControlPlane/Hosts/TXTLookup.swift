import CAres
import Dispatch
import Synchronization

/// Asks the name service for texts, off the cooperative pool; bounded in time and in questions that are open together.
package final class TXTLookup: Sendable {
  package enum Answer: Sendable, Equatable {
    case texts([String])
    case none
    case timedOut
    case failed
    /// Too many questions are open; nobody was asked.
    case busy
  }

  package static let patience = Duration.seconds(5)
  private static let mostOpen = 16
  private static let mostBytes = 16 << 10

  /// `ADDRESS:PORT`; nil: the servers of `/etc/resolv.conf`.
  private let server: String?
  private let open = Mutex(0)

  package init(server: String? = nil) { self.server = server }

  /// - Parameter name: whole; search lists and the hosts file are not asked.
  package func texts(of name: String) async -> Answer {
    let isFree = open.withLock { open in
      guard open < Self.mostOpen else { return false }
      open += 1
      return true
    }
    guard isFree else { return .busy }
    return await withCheckedContinuation { done in
      // Of its own: the threads of a concurrent queue are as few as the cores.
      DispatchQueue(label: "txt-lookup").async { [self] in
        let answer = ask(name)
        open.withLock { $0 -= 1 }
        done.resume(returning: answer)
      }
    }
  }

  private func ask(_ name: String) -> Answer {
    var bytes = [UInt8](repeating: 0, count: Self.mostBytes)
    var written = 0
    let milliseconds = Int32(Self.patience.components.seconds * 1_000)
    switch rh_txt(server, name, milliseconds, &bytes, bytes.count, &written) {
    case Int32(RH_TXT_FOUND): return .texts(Self.texts(bytes[..<written]))
    case Int32(RH_TXT_NONE): return .none
    case Int32(RH_TXT_TIMEOUT): return .timedOut
    default: return .failed
    }
  }

  private static func texts(_ bytes: ArraySlice<UInt8>) -> [String] {
    var (texts, rest): ([String], ArraySlice<UInt8>) = ([], bytes)
    while rest.count >= 4 {
      let size = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      texts.append(String(decoding: rest.prefix(size), as: UTF8.self))
      rest = rest.dropFirst(size)
    }
    return texts
  }
}
