import GRDB
import TestKit
import Testing

@testable import TenantRuntime

/// Anyone who stops and lets go on at once: the gate says in the end what the row says.
@Suite struct StoppableTests {
  private let folder = try! TestFolder()
  private static let number = PhoneNumber(digits: 14_155_550_100)!

  private func runtime() async throws -> Runtime {
    let runtime = try TestRuntime.open(try folder.tenantFile(), folder)
    try await runtime.file.write { db in
      try SendingNumber.reconcile(db, with: [SendingNumber(number: Self.number, rate: 1)], at: Moment(milliseconds: 0))
    }
    return runtime
  }

  private static func isOpen(_ runtime: Runtime) -> Bool {
    let text = SendGate.Text(phone: PhoneNumber(digits: 14_157_000_001)!, number: number)
    return runtime.gate.isAllowed(text)
  }

  private static func set(_ runtime: Runtime, _ isStopped: Bool) async throws {
    if isStopped {
      try await runtime.transact(.worker(), stopping: .number(number)) { change in
        _ = try SendingNumber.pause(change, number, reason: "x")
      }
    } else {
      try await runtime.transact(.worker(), resuming: .number(number)) { change in
        _ = try SendingNumber.resume(change, number)
      }
    }
  }

  @Test func ofTwoAtOnceTheLaterRowHolds() async throws {
    let runtime = try await runtime()
    for _ in 0..<200 {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for isStopped in [true, false, true, false] { group.addTask { try await Self.set(runtime, isStopped) } }
        try await group.waitForAll()
      }
      let isStopped = try await runtime.file.read { db in
        try Bool.fetchOne(db, sql: "SELECT paused_reason IS NOT NULL FROM sending_numbers")
      }
      #expect(Self.isOpen(runtime) == (isStopped == false))
    }
  }

  /// The breaker's stop, taken from its transaction late, does not outlast a resumption that came in between.
  @Test(.timeLimit(.minutes(5))) func aStopThatIsTakenLateFollowsTheRow() async throws {
    let runtime = try await runtime()
    try await Self.set(runtime, true)
    try await Self.set(runtime, false)
    runtime.stopped(.number(Self.number))
    while !Self.isOpen(runtime) { await Task.yield() }
    try await Self.set(runtime, true)
    runtime.stopped(.number(Self.number))
    _ = try await runtime.file.read { db in try Int.fetchOne(db, sql: "SELECT 1") }
    #expect(!Self.isOpen(runtime))
  }

  /// One that is refused leaves the gate as the row has it, also where another has stopped it meanwhile.
  @Test func aStopThatIsRefusedUndoesNoOther() async throws {
    let runtime = try await runtime()
    struct Refused: Error {}
    await #expect(throws: Refused.self) {
      try await runtime.stopping(.number(Self.number)) {
        #expect(!Self.isOpen(runtime))
        try await Self.set(runtime, true)
        throw Refused()
      }
    }
    #expect(!Self.isOpen(runtime))
    try await Self.set(runtime, false)
    await #expect(throws: Refused.self) { try await runtime.stopping(.number(Self.number)) { throw Refused() } }
    #expect(Self.isOpen(runtime))
  }
}
