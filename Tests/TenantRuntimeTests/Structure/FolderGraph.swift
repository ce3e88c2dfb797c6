import Foundation

/// Which folders of a target use which others: by the names of their types, functions and values, and by members that they declare in
/// extensions of another folder's types. A member counts where no other folder declares one of its name.
struct FolderGraph {
  struct Edge: Hashable {
    var from: String
    var to: String
  }

  private(set) var folders: Set<String> = []
  /// By edge and file, the names that make it.
  private(set) var edges: [Edge: [String: Set<String>]] = [:]

  /// Also of Swift's own types (`continuation.resume`).
  private static let ofSwift: Set<String> = ["resume"]

  private struct File {
    var folder: String
    var path: String
    var names: SourceNames
  }

  init(target: URL) throws {
    let files = try Self.files(target)
    folders = Set(files.map(\.folder))
    let types = Self.types(files)
    let members = Self.foreignMembers(files, types)
    var own: [String: Set<String>] = [:]
    for file in files { own[file.folder, default: []].formUnion(file.names.members.map(\.name).filter(Self.isType)) }
    for file in files {
      for use in file.names.uses {
        guard let home = Self.home(of: use, types, members, own[file.folder] ?? []), home != file.folder else {
          continue
        }
        edges[Edge(from: file.folder, to: home), default: [:]][file.path, default: []].insert(use.name)
      }
    }
  }

  private static func isType(_ name: String) -> Bool { name.first?.isUppercase == true }

  /// Where what is used is declared; nil: elsewhere, or in several folders.
  private static func home(
    of use: SourceNames.Use, _ types: [String: Set<String>], _ members: [String: (folder: String, owners: Set<String>)],
    _ nested: Set<String>
  ) -> String? {
    if nested.contains(use.name) { return nil }
    if let homes = types[use.name], !use.isAfterDot { return homes.count == 1 ? homes.first : nil }
    guard let member = members[use.name] else { return nil }
    return use.isAfterDot || use.scope.map(member.owners.contains) ?? false ? member.folder : nil
  }

  private static func types(_ files: [File]) -> [String: Set<String>] {
    var types: [String: Set<String>] = [:]
    for file in files { for name in file.names.topLevel { types[name, default: []].insert(file.folder) } }
    return types
  }

  private static func foreignMembers(
    _ files: [File], _ types: [String: Set<String>]
  ) -> [String: (folder: String, owners: Set<String>)] {
    var all: [String: (folders: Set<String>, owners: Set<String>, isForeign: Bool)] = [:]
    for file in files {
      for member in file.names.members {
        let isForeign = member.isInExtension && types[member.owner]?.contains(file.folder) != true
        var entry = all[member.name] ?? ([], [], false)
        entry.folders.insert(file.folder)
        entry.owners.insert(member.owner)
        entry.isForeign = entry.isForeign || isForeign
        all[member.name] = entry
      }
    }
    return all.compactMapValues { entry in
      guard entry.folders.count == 1, entry.isForeign, let folder = entry.folders.first else { return nil }
      return (folder, entry.owners)
    }.filter { types[$0.key] == nil && !ofSwift.contains($0.key) }
  }

  private static func files(_ target: URL) throws -> [File] {
    let root = target.standardizedFileURL.path + "/"
    guard let walk = FileManager.default.enumerator(at: target, includingPropertiesForKeys: nil) else { return [] }
    return try walk.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map { file in
      let path = String(file.standardizedFileURL.path.dropFirst(root.count))
      let parts = path.split(separator: "/")
      // A file beside the folders stands for itself: `.`.
      return File(
        folder: parts.count > 1 ? String(parts[0]) : ".", path: path,
        names: SourceNames(try String(contentsOf: file, encoding: .utf8)))
    }
  }
}
