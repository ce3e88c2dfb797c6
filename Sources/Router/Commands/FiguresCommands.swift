import ArgumentParser
import ControlPlane
import Foundation
import TenantRuntime

struct LinksCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "links", abstract: "Short links.", subcommands: [Rejudge.self])

  struct Rejudge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Judge stored hits again, by today's rules and lists; figures follow. Ends when it is done.")
    @Argument var key: String
    @Option(help: "Only hits from then on: 2026-11-01 (UTC), or with a time 2026-11-01T08:00:00Z.") var since: String?
    @OptionGroup var common: CommandOptions

    func run() async throws {
      let from = try since.map { text in
        guard let moment = Moment(iso8601: text) ?? Moment(iso8601: text + "T00:00:00Z") else {
          throw ValidationError("--since must be a day like 2026-11-01 or a time like 2026-11-01T08:00:00Z")
        }
        return moment
      }
      let begun = try await common.perform(.rejudgeLinks(key: key, since: from?.milliseconds))
      common.show(try await end(of: begun))
    }

    /// A running server goes on by itself: looks into the file until it has come to the end.
    private func end(of begun: JSON) async throws -> JSON {
      let data = try common.settings[.data]
      var (state, quiet) = (begun, 0)
      while state["state"]?.text == "running" {
        guard quiet < 600 else {
          throw ControlFailure("it has stood still for a minute; it goes on by itself once the server works again")
        }
        let before = state["looked_at"]
        defer { quiet = state["looked_at"] == before ? quiet + 1 : 0 }
        try await Task.sleep(for: .milliseconds(100))
        let read = try ControlReader.newestRejudging(of: key, data: data)
        state = .object([("tenant", .text(key))] + (read.members ?? []))
      }
      return state
    }
  }
}

struct FiguresCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figures", abstract: "What reports are made of.", subcommands: [Check.self])

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare the figures of reports with the rows behind them. Reads only; fails where they differ.")
    @Argument var key: String
    @OptionGroup var common: CommandOptions

    func run() async throws {
      let check = try ControlReader.figures(of: key, data: try common.settings[.data])
      if common.json {
        print(JSON.object([("tenant", .text(key))] + (check.json.members ?? [])).serialized)
      } else {
        print("Hits are compared from \(check.hitsSince.iso8601) on.")
        for (name, sums) in check.compared { print("\(name): \(sums) sums compared") }
        for difference in check.differences {
          print(
            "DIFFERS \(difference.figure) of \(difference.key): \(difference.kept) kept, \(difference.found) in the rows"
          )
        }
      }
      if !check.differences.isEmpty { throw ExitCode(1) }
    }
  }
}
