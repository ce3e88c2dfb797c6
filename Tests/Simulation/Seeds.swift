import CSimulation
import Foundation

/// Many seeds, each in a process of its own; what breaks a promise is made short.
struct Seeds {
  let options: Options
  init(_ options: Options) { self.options = options }

  /// What every run of these seeds is given.
  private var shared: [String] {
    options.without.isEmpty ? [] : ["--without", options.without.sorted().joined(separator: ",")]
  }

  func run() -> Int32 {
    let first = options.first ?? UInt64.random(in: 1...1_000_000_000)
    let began = Date()
    var (done, bad): (Int, [UInt64]) = (0, [])
    for seed in first..<first + UInt64(options.seeds) {
      if let limit = options.limit, Date().timeIntervalSince(began) > Double(limit) { break }
      done += 1
      let (code, text) = child(["--seed", "\(seed)", "--operations", "\(options.operations)", "--quiet"])
      guard code != 0 else { continue }
      bad.append(seed)
      let promise = Self.reason(code, text)
      print("seed \(seed): \(promise)")
      shorten(seed, promise)
    }
    let seconds = Date().timeIntervalSince(began)
    print(
      "\(done) seeds from \(first), \(options.operations) operations each, in \(Int(seconds)) s: \(bad.count) broke a promise\(bad.isEmpty ? "" : ": \(bad)")"
    )
    return bad.isEmpty ? 0 : 1
  }

  private static func reason(_ code: Int32, _ text: String) -> String {
    let line = text.split(separator: "\n").first { $0.contains("BROKEN") }
    return line.map { String($0.trimmingCharacters(in: .whitespaces)) }
      ?? "the process ended with \(code): \(text.suffix(600))"
  }

  /// The kind of a failure: its words without names and numbers.
  private static func kind(_ reason: String) -> String {
    let words = reason.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? reason
    return words.split(separator: " ").filter { !$0.contains(where: \.isNumber) && !World.tenants.contains(String($0)) }
      .joined(separator: " ").prefix(60).description
  }

  /// Leaves out pieces of the list, large ones first, as long as the same kind of promise is broken.
  private func shorten(_ seed: UInt64, _ reason: String) {
    // What came after the broken promise has nothing to do with it.
    let (_, whole) = child(["--seed", "\(seed)", "--operations", "\(options.operations)"])
    let last = whole.split(separator: "\n").compactMap {
      Int($0.trimmingCharacters(in: .whitespaces).split(separator: ".", maxSplits: 1).first ?? "")
    }
    var kept = Array(0...(last.max() ?? options.operations - 1))
    let began = Date()
    let wanted = Self.kind(reason)
    var size = kept.count / 2
    var tries = 0
    while size >= 1, tries < 120, Date().timeIntervalSince(began) < 60 {
      var at = 0
      while at < kept.count, tries < 120, Date().timeIntervalSince(began) < 60 {
        var shorter = kept
        shorter.removeSubrange(at..<min(at + size, kept.count))
        tries += 1
        let (code, text) = child([
          "--seed", "\(seed)", "--operations", "\(options.operations)", "--quiet", "--only", Options.text(shorter),
        ])
        if code != 0, Self.kind(Self.reason(code, text)) == wanted { kept = shorter } else { at += size }
      }
      size /= 2
    }
    let only = ["--seed", "\(seed)", "--operations", "\(options.operations)", "--only", Options.text(kept)]
    print("  again: simulation \((only + shared).joined(separator: " "))")
    print(child(only).1.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
  }

  private func child(_ arguments: [String]) -> (Int32, String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments = arguments + shared
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    do { try process.run() } catch { return (70, "\(error)") }
    let data = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }
}
