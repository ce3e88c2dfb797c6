import ArgumentParser
import ControlPlane
import Foundation
import Logging
import TenantRuntime

/// The data folder, and who may touch it: the holder of `serve.lock`.
final class DataFolder {
  let path: String
  private var lockDescriptor: Int32 = -1

  init(_ settings: Settings) throws {
    // Other people's customers: for nobody else on this machine.
    umask(0o077)
    let given = settings[.data]
    try FileManager.default.createDirectory(atPath: given, withIntermediateDirectories: true)
    path = URL(fileURLWithPath: given).standardizedFileURL.path
  }

  deinit { if lockDescriptor >= 0 { close(lockDescriptor) } }

  enum Holder: String { case server, command }
  private static let patience = Duration.seconds(60)

  /// False when a server holds it. A command is soon done: it is waited for. Held as long as this value lives.
  func lock(as holder: Holder) async throws -> Bool {
    lockDescriptor = open("\(path)/serve.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lockDescriptor >= 0 else {
      throw ValidationError("\(path)/serve.lock cannot be opened; check the folder's rights")
    }
    let end = ContinuousClock.now + Self.patience
    while ContinuousClock.now < end {
      if flock(lockDescriptor, LOCK_EX | LOCK_NB) == 0 {
        guard ftruncate(lockDescriptor, 0) == 0,
          holder.rawValue.withCString({ pwrite(lockDescriptor, $0, strlen($0), 0) }) == holder.rawValue.utf8.count
        else { throw ValidationError("\(path)/serve.lock cannot be written; check the folder's rights and space") }
        return true
      }
      // Twice: a command that has just got the lock may not have said so yet, where a server was killed before it.
      let before = said
      try await Task.sleep(for: .milliseconds(20))
      if before == .server, said == .server, flock(lockDescriptor, LOCK_EX | LOCK_NB) != 0 { return false }
      flock(lockDescriptor, LOCK_UN)
    }
    throw ValidationError("another command has been at work on \(path) for \(Self.patience); try again when it is done")
  }

  private var said: Holder? {
    (try? String(contentsOfFile: "\(path)/serve.lock", encoding: .utf8)).flatMap(Holder.init)
  }

  func openControlPlane(_ settings: Settings, _ budget: DescriptorBudget? = nil) throws -> ControlPlane {
    try ControlPlane(
      ControlPlane.Configuration(
        data: path, publicURL: try settings.url(.publicURL),
        twilioAPI: try settings.url(.twilioAPI),
        secretKey: settings[.secretKey].isEmpty ? nil : settings[.secretKey],
        redisURL: settings[.redisURL].isEmpty ? nil : settings[.redisURL],
        openFiles: try budget?.openFiles ?? settings.openFiles(), outgoing: budget?.outgoing ?? 256,
        shares: budget?.shares ?? Shares(),
        webhookAllow: try settings.allowedNetworks(),
        networks: try settings.networks(), dnsServer: try settings.nameServer(),
        mailServer: try settings.mailServer(), mailFrom: try settings.mailFrom(), sessions: try settings.sessionTimes(),
        auditDays: try settings.auditDays()),
      logger: Logger(label: "roundhouse"))
  }

  /// Does the work itself with the lock free; else asks the running server and waits.
  func perform(_ command: Command, _ settings: Settings) async throws -> JSON {
    if try await lock(as: .command) {
      let controlPlane = try openControlPlane(settings)
      do {
        let answer = try await controlPlane.perform(command, by: .atCommandLine(user: geteuid()))
        await controlPlane.shutDown()
        return answer
      } catch let refusal as Refusal {
        await controlPlane.shutDown()
        throw ControlFailure(refusal.detail)
      } catch {
        await controlPlane.shutDown()
        throw error
      }
    }
    return try await PendingCommands.ask(command, data: path)
  }
}
