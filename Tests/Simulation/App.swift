import CSimulation
import Foundation

/// `simulation --seed N`: one run in this process. `simulation --seeds N`: so many, each in a process of its own, for a trap ends one.
@main
enum App {
  static func main() {
    sim_repeatable(CommandLine.unsafeArgv)
    sim_write_lines()
    let options = Options(CommandLine.arguments.dropFirst())
    if let seed = options.seed {
      exit(Run(options, seed: seed).run())
    } else {
      exit(Seeds(options).run())
    }
  }
}

struct Options {
  var seed: UInt64?
  var seeds = 10
  var first: UInt64?
  var operations = 150
  /// Stops asking for new seeds after so many seconds.
  var limit: Int?
  var isVerbose = false
  /// Kinds of operations that are not drawn (`Draw.kinds`).
  var without: Set<String> = []
  /// Only these steps of the list that the seed draws.
  var kept: [Int]?
  var isQuiet = false

  init(_ arguments: ArraySlice<String>) {
    var rest = arguments
    while let name = rest.popFirst() {
      func number() -> Int { rest.popFirst().flatMap { Int($0) } ?? 0 }
      switch name {
      case "--seed": seed = UInt64(number())
      case "--seeds": seeds = number()
      case "--first": first = UInt64(number())
      case "--operations": operations = number()
      case "--seconds": limit = number()
      case "--verbose": isVerbose = true
      case "--quiet": isQuiet = true
      case "--without": without = Set((rest.popFirst() ?? "").split(separator: ",").map(String.init))
      case "--only": kept = (rest.popFirst() ?? "").split(separator: ",").flatMap(Self.range)
      default:
        print(
          "simulation [--seed N | --seeds N] [--first N] [--operations N] [--seconds N] [--only 1,4-7] [--without \(Draw.kinds.joined(separator: ","))] [--verbose] [--quiet]"
        )
        exit(64)
      }
    }
  }

  private static func range(_ text: Substring) -> [Int] {
    let ends = text.split(separator: "-").compactMap { Int($0) }
    return ends.isEmpty ? [] : Array(ends[0]...(ends.last ?? ends[0]))
  }

  static func text(_ kept: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for index in kept {
      if let last = runs.last, last.upperBound + 1 == index {
        runs[runs.count - 1] = last.lowerBound...index
      } else {
        runs.append(index...index)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
  }
}

/// One seed in this process.
struct Run {
  let options: Options
  let seed: UInt64

  init(_ options: Options, seed: UInt64) { (self.options, self.seed) = (options, seed) }

  func run() -> Int32 {
    var draw = Draw(seed: seed, without: options.without)
    let weather = draw.weather()
    var steps = draw.beginning()
    while steps.count < options.operations { steps.append(draw.step()) }
    let began = sim_real_now()
    let simulator = Simulator(seed: seed, isVerbose: options.isVerbose)
    defer { simulator.end() }
    say("seed \(seed), \(steps.count) operations")
    simulator.begin(weather)
    let kept = options.kept.map(Set.init)
    for (index, step) in steps.enumerated() where kept?.contains(index) ?? true {
      say("  \(index). \(clock) \(step)")
      guard simulator.take(step) else { break }
    }
    if simulator.watch.broken == nil {
      say("  \(clock) the end: everything is opened and left alone")
      simulator.settle()
      simulator.checkEnd()
    }
    let seconds = Double(sim_real_now() - began) / 1e9
    let done =
      "\(simulator.steps.count) operations, \(simulator.provider.ledger.count) texts, \(simulator.world.crashes) crashes, \(Machine.pieces) pieces of work in \(String(format: "%.1f", seconds)) s"
    if sim_foreign() > 0 {
      print("  \(sim_foreign()) pieces of work came from other threads: this run is not repeatable")
    }
    guard let broken = simulator.watch.broken else {
      say("  kept every promise: \(done)")
      return 0
    }
    print("  BROKEN at \(clock): \(broken)")
    say("  \(done)")
    return 1
  }

  private var clock: String { ProviderText.iso(Machine.seconds) }
  private func say(_ line: String) { if !options.isQuiet { print(line) } }
}
