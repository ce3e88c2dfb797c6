import Foundation
import Testing

/// Handlers are thin: what they change they change by a verb, in `Runtime.transact`, which alone carries effects out.
@Suite struct VerbTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources/TenantRuntime")

  private static func functions() throws -> [(file: String, text: String)] {
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return try (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }.flatMap { file in
      // Formatted sources begin a member with two spaces and its words; what is inside has more.
      try String(contentsOf: file, encoding: .utf8).split(separator: #/\n  (?=[@a-z])/#).map { text in
        (file.lastPathComponent, String(text))
      }
    }
  }

  @Test func noHandlerWritesToTheFileItself() throws {
    let handlers = try Self.functions().filter { $0.text.contains("_ call: Call<Runtime>") }
    #expect(handlers.count > 60, "the handlers are not found")
    for handler in handlers
    where handler.text.contains(#/file\.write(\(\.| \{)/#) || handler.text.contains(".execute(sql:") {
      Issue.record("\(handler.file): \(handler.text.prefix(80)) writes; let it call a verb")
    }
  }

  @Test func aVerbsSQLIsNotBesideARouteListThatRunsIt() throws {
    for function in try Self.functions() where function.file.hasSuffix("Routes.swift") {
      #expect(!function.text.contains("UPDATE ") && !function.text.contains("INSERT "), "\(function.file) changes rows")
    }
  }
}
