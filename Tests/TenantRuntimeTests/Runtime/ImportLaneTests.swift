import Foundation
import Synchronization
import Testing

@testable import TenantRuntime

@Suite struct ImportLaneTests {
  private let lane = ImportLane(label: "test")

  private final class Begins: Sendable { let count = Atomic(0) }

  /// A check that goes on until it is let go.
  private func hold() -> (task: Task<Void, any Error>, letGo: @Sendable () -> Void, begun: AsyncStream<Void>) {
    let gate = DispatchSemaphore(value: 0)
    let (begun, say) = AsyncStream<Void>.makeStream()
    let lane = lane
    let task = Task {
      try await lane.check {
        say.finish()
        gate.wait()
      }
    }
    return (task, { gate.signal() }, begun)
  }

  @Test func whoWaitsForTheirTurnBehindAnotherCanLeaveAndIsNotBegunLater() async throws {
    let (long, letGo, begun) = hold()
    for await _ in begun {}
    let begins = Begins()
    let lane = lane
    let waiting = Task { try await lane.check { begins.count.add(1, ordering: .relaxed) } }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    letGo()
    try await long.value
    try await lane.check {}
    #expect(begins.count.load(ordering: .relaxed) == 0)
  }

  @Test func anUploadIsLookedAtWhateverIsChecked() async throws {
    let (long, letGo, begun) = hold()
    for await _ in begun {}
    #expect(try await lane.look { 7 } == 7)
    letGo()
    try await long.value
  }

  @Test func whatAPieceThrowsIsThrown() async {
    await #expect(throws: ImportFailure.self) { try await lane.check { throw ImportFailure(reason: "no") } }
  }
}
