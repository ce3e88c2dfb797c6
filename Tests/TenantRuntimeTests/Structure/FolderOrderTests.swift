import Foundation
import Testing

/// `docs/architecture.md` lists the folders of each target in an order; a folder uses only those above it in that list. So there is no
/// circle among them.
@Suite struct FolderOrderTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The lines of the block "```folders TARGET": lowest first. Folders of one line may use each other.
  private static func order(_ target: String) throws -> [[String]] {
    let page = try String(contentsOf: root.appending(path: "docs/architecture.md"), encoding: .utf8)
    let block = page.split(separator: "```folders \(target)\n").dropFirst().first?.split(separator: "```").first ?? ""
    return block.split(separator: "\n").map { line in
      (line.split(separator: "#").first ?? "").split(separator: " ").map(String.init)
    }
  }

  @Test(arguments: ["TenantRuntime", "ControlPlane", "Router"])
  func aFolderUsesOnlyFoldersBelowIt(target: String) throws {
    let graph = try FolderGraph(target: Self.root.appending(path: "Sources/\(target)"))
    let order = try Self.order(target)
    var level: [String: Int] = [:]
    for (index, line) in order.enumerated() { for folder in line { level[folder] = index } }
    #expect(graph.folders == Set(level.keys), "the list of docs/architecture.md and the folders of \(target) differ")
    for (edge, files) in graph.edges {
      guard let from = level[edge.from], let to = level[edge.to], from < to else { continue }
      let uses = files.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.sorted().joined(separator: " "))" }
      Issue.record("\(edge.from) uses \(edge.to), which stands above it. \(uses.joined(separator: "; "))")
    }
  }

  /// What the reader of sources must see, and must not take for a use.
  @Test func namesAreReadWithoutCommentsAndTexts() {
    let names = SourceNames(
      #"""
      // Comment
      extension Runtime { func note(_ text: String) { send("Quoted \(Inner.value) text", for: #/Regex/#) } }
      """#)
    let used = Set(names.uses.map(\.name))
    #expect(used.isSuperset(of: ["Runtime", "Inner", "value", "send"]))
    #expect(used.isDisjoint(with: ["Comment", "Quoted", "Regex"]))
    #expect(names.members.contains(.init(owner: "Runtime", name: "note", isInExtension: true)))
  }
}
