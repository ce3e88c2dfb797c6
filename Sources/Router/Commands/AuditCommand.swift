import ArgumentParser
import ControlPlane
import Foundation
import TenantRuntime

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Who changed what.", subcommands: [Verify.self])

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Check that no row of the audit logs was changed, left out or cut off. Reads only; fails where one was.",
      discussion: """
        A running server notes the newest row of each log outside of it once a minute: up to there the end is proved. What was written since \
        and cut off again does not show.
        """
    )
    @Argument(help: "A tenant; without it and --platform all logs there are.") var key: String?
    @Flag(help: "The platform's own log.") var platform = false
    @OptionGroup var common: CommandOptions

    func run() async throws {
      guard key == nil || !platform else { throw ValidationError("name a tenant, or --platform") }
      let (settings, reader) = (try common.settings, try common.reader)
      let given = settings[.secretKey]
      let secret = try SecretKey.of(data: settings[.data], given: given.isEmpty ? nil : given)
      var logs: [String?] = []
      if key == nil { logs.append(nil) }
      if let key { logs.append(key) } else if !platform { logs += try reader.tenants().map(\.key) }
      var failed = false
      var answers: [JSON] = []
      for log in logs {
        do {
          let verdict = try reader.verifyAudit(of: log, secret)
          failed = failed || verdict.wrong != nil
          answers.append(verdict.json)
          if !common.json { print(Self.line(verdict)) }
        } catch {
          failed = true
          answers.append(["tenant": .optional(log), "whole": false, "failure": .text("\(error)")])
          if !common.json { print("\(log ?? "platform"): cannot be read: \(error)") }
        }
      }
      if common.json { print(JSON.object([("whole", .bool(!failed)), ("logs", .list(answers))]).serialized) }
      if failed { throw ExitCode(1) }
    }

    private static func line(_ verdict: AuditVerdict) -> String {
      let name = verdict.tenant ?? "platform"
      if let wrong = verdict.wrong { return "\(name): NOT WHOLE at row \(wrong.id): \(wrong.what)" }
      var words = ["\(name): whole, \(verdict.check.rows) rows"]
      if verdict.check.unchained > 0 { words.append("\(verdict.check.unchained) from before rows were chained") }
      if verdict.check.erased > 0 { words.append("\(verdict.check.erased) with words that an erasure has taken") }
      if let proved = verdict.proved {
        words.append("the end proved up to row \(proved.row), noted at \(proved.at.iso8601)")
      } else {
        words.append("no end of it was noted, so that nothing proves that none was cut off")
      }
      if let restored = verdict.restored { words.append("an older file: \(restored)") }
      return words.joined(separator: ", ")
    }
  }
}
