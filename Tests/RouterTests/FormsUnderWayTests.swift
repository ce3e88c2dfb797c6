import Hummingbird
import NIOCore
import Synchronization
import TenantRuntime
import Testing

@testable import Router

/// Buttons that are pressed twice.
@Suite struct FormsUnderWayTests {
  /// Carries a form out when it is let go, and counts how often.
  private final class Deed: Sendable {
    let count = Mutex(0)
    private let (gate, open) = AsyncStream.makeStream(of: Void.self)

    func letGo() { open.finish() }

    func carryOut() async throws -> Response {
      let turn = count.withLock { count in
        count += 1
        return count
      }
      for await _ in gate {}
      try Task.checkCancellation()
      return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "secret \(turn)")))
    }
  }

  private func text(_ response: Response) async throws -> String? { try await response.bodyText(most: 100) }

  @Test func bothPressesHaveTheFirstAnswerAlsoWhenTheFirstConnectionIsGone() async throws {
    let (forms, deed) = (FormsUnderWay(), Deed())
    let first = Task { try await forms.answer(to: ["a"], isShownOnce: true) { try await deed.carryOut() } }
    while deed.count.withLock({ $0 }) == 0 { await Task.yield() }
    first.cancel()
    async let second = forms.answer(to: ["a"], isShownOnce: true) { try await deed.carryOut() }
    async let other = forms.answer(to: ["b"], isShownOnce: true) { try await deed.carryOut() }
    deed.letGo()
    #expect(try await text(second) == "secret 1")
    #expect(try await text(other) == "secret 2")
    // The second press may come when the first is done.
    let late = try await forms.answer(to: ["a"], isShownOnce: true) { try await deed.carryOut() }
    #expect(try await text(late) == "secret 1" && deed.count.withLock { $0 } == 2)
  }

  @Test func whatHasNoSecretIsCarriedOutAnewOnceItIsDone() async throws {
    let (forms, deed) = (FormsUnderWay(), Deed())
    deed.letGo()
    for turn in 1...2 {
      let answer = try await forms.answer(to: ["a"], isShownOnce: false) { try await deed.carryOut() }
      #expect(try await text(answer) == "secret \(turn)")
    }
    for turn in 3...4 {
      let answer = try await forms.answer(to: nil, isShownOnce: true) { try await deed.carryOut() }
      #expect(try await text(answer) == "secret \(turn)")
    }
  }

  @Test func aRefusalIsForgotten() async throws {
    let forms = FormsUnderWay()
    await #expect(throws: Refusal.unconfirmed) {
      try await forms.answer(to: ["a"], isShownOnce: true) { throw Refusal.unconfirmed }
    }
    let answer = try await forms.answer(to: ["a"], isShownOnce: true) { Response(status: .ok) }
    #expect(answer.status == .ok)
  }
}
