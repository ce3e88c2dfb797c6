import ControlPlane
import TenantRuntime
import TestKit
import Testing

@Suite struct EmbeddedLimitsTests {
  let folder = try! TestFolder()
  private let day = SharedLimitsTests.day

  private func limits(_ file: SQLiteFile) throws -> any NodeLimits {
    try ChosenLimits.make(
      redisURL: nil, names: .ofTests, file: file, node: "one", logger: .silent, now: { Moment.now() })
  }

  @Test func aRestartRemembersWhatABrandHasUsed() async throws {
    let first = try folder.controlFile()
    #expect(try await limits(first).take(brand: "B1", day: day, segments: 7, cap: 10) == 7)
    try first.close()
    let second = try limits(try folder.controlFile())
    #expect(await second.used(brand: "B1", day: day) == 7)
    #expect(await second.take(brand: "B1", day: day, segments: 7, cap: 10) == 3)
  }

  @Test func nothingIsGrantedThatCannotBeWritten() async throws {
    let file = try folder.controlFile()
    let limits = try limits(file)
    try file.close()
    #expect(await limits.take(brand: "B1", day: day, segments: 7, cap: 10) == 0)
  }

  @Test func aBrandKeepsItsLastDaysOnly() async throws {
    let limits = try limits(try folder.controlFile())
    for day in day..<day + 4 { #expect(await limits.take(brand: "B1", day: day, segments: 1, cap: 10) == 1) }
    #expect(await limits.used(brand: "B1", day: day) == 0)
    #expect(await limits.used(brand: "B1", day: day + 1) == 1)
  }

  @Test func anAddressThatIsNotRedisIsRefusedWithoutRepeatingIt() throws {
    let file = try folder.controlFile()
    for url in ["http://host", "redis://", "redis://:hunter2@host:99999", "redis://:hunter2@host/one", "nonsense"] {
      let refusal = #expect(throws: ControlFailure.self, "\(url)") {
        _ = try ChosenLimits.make(
          redisURL: url, names: .ofTests, file: file, node: "one", logger: .silent, now: { Moment.now() })
      }
      #expect(refusal.map { "\($0)".contains("hunter2") } == false)
    }
  }
}
