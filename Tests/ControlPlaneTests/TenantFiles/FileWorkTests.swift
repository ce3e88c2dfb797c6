import TenantRuntime
import Testing

@testable import ControlPlane

@Suite struct FileWorkTests {
  private let files = TenantFiles(data: "/nowhere")

  private func refusal(_ kind: FileWork.Kind, with key: String) async -> String? {
    do {
      try await files.alone(with: key, kind) {}
      return nil
    } catch { return (error as? Refusal)?.detail }
  }

  @Test func oneThingAtATimeIsDoneWithAFile() async throws {
    try await files.alone(with: "acme", .restored) {
      for kind in [FileWork.Kind.paused, .resumed, .copied, .restored] {
        #expect(await refusal(kind, with: "acme") == "Tenant acme is being restored; try again.")
      }
      #expect(await refusal(.paused, with: "bob") == nil)
      #expect(files.work.kind(files.path(of: "acme")) == .restored)
    }
    #expect(files.work.kind(files.path(of: "acme")) == nil)
  }

  @Test func whatFailsLeavesTheFileFree() async {
    await #expect(throws: CancellationError.self) {
      try await files.alone(with: "acme", .paused) { throw CancellationError() }
    }
    #expect(await refusal(.resumed, with: "acme") == nil)
  }
}
