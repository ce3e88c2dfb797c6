import ArgumentParser
import ControlPlane
import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import TenantRuntime
import UnixSignals

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Run the server.")
  @OptionGroup var flags: SettingFlags

  func run() async throws {
    let settings = try flags.settings()
    try settings.check()
    let (host, port) = try settings.address()
    let (wantedFiles, proxies, level) = (try settings.openFiles(), try settings.proxies(), try settings.logLevel())
    let manners = try settings.manners()
    let data = try DataFolder(settings)
    guard try await data.lock(as: .server) else {
      throw ValidationError("another server runs on \(data.path); there is one per data folder")
    }
    LoggingSystem.bootstrap { label in
      var handler = JSONLogHandler(label: label)
      handler.logLevel = level
      return handler
    }
    defer { LogDrain.standardError.flush(within: 2) }
    let budget = DescriptorBudget(limit: DescriptorBudget.raiseLimit(), openFiles: wantedFiles)
    let controlPlane = try data.openControlPlane(settings, budget)
    budget.log(controlPlane.logger, wanted: wantedFiles)
    let connections = Connections(
      ConnectionLimits(most: budget.connections, mostPerAddress: budget.perAddress), logger: controlPlane.logger)
    let watch = connections.watch()
    defer { watch.cancel() }
    let site = Site(controlPlane: controlPlane, proxies: proxies, manners: manners)
    // A hang-up ends a process that does not say otherwise.
    signal(SIGHUP, SIG_IGN)
    let reader = NetworkReader(
      controlPlane: controlPlane, settings: settings, hangUps: await UnixSignalsSequence(trapping: .sighup))
    let application = Application(
      router: site.router(), server: .fastPath(site.fastPath, connections),
      configuration: .init(address: .hostname(host, port: port), serverName: "roundhouse"),
      services: [CommandService(controlPlane: controlPlane), AccountSharer(controlPlane: controlPlane), reader],
      onServerRunning: { channel in
        await budget.guardListener(channel, connections, share: site.fastPath.share, controlPlane.logger)
        controlPlane.logger.notice("Listening", metadata: ["address": "\(channel.localAddress?.description ?? "")"])
        Task {
          await controlPlane.begin()
          site.ready.set()
        }
        // A tenant whose backlog is long does not keep the others from being served.
        Task {
          try? await Task.sleep(for: .seconds(20))
          site.ready.set()
        }
      }, logger: Logger(label: "roundhouse.http") { _ in SwiftLogNoOpLogHandler() })
    do { try await application.runService() } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw ValidationError("ROUNDHOUSE_LISTEN: something else listens on \(host):\(port) already")
    }
    await controlPlane.shutDown()
    withExtendedLifetime(data) {}
  }
}

/// SIGHUP: the operator has new lists of networks. A bad one is logged and the old ones stay in force.
struct NetworkReader: Service {
  let controlPlane: ControlPlane
  let settings: Settings
  let hangUps: UnixSignalsSequence

  func run() async throws {
    for await _ in hangUps.cancelOnGracefulShutdown() {
      do {
        controlPlane.networks.replace(try settings.networks())
        controlPlane.logger.notice("Lists of networks were read again")
      } catch {
        controlPlane.logger.error("Lists of networks stay as they were", metadata: ["error": "\(error)"])
      }
    }
  }
}

/// Agrees with other nodes who may use how much of a provider account.
struct AccountSharer: Service {
  let controlPlane: ControlPlane

  func run() async throws { await cancelWhenGracefulShutdown { await controlPlane.clients.shareAccounts() } }
}

/// Carries out what commands beside the server ask, and runs the sweeps.
struct CommandService: Service {
  let controlPlane: ControlPlane

  func run() async throws {
    await cancelWhenGracefulShutdown {
      do { try await controlPlane.runner.begin() } catch {
        controlPlane.logger.error("Commands of the last server cannot be ended", metadata: ["error": "\(error)"])
      }
      while !Task.isCancelled {
        do {
          try await controlPlane.runner.take()
          try await controlPlane.checkpointControlFile()
        } catch is CancellationError {
          return
        } catch {
          controlPlane.logger.error("Commands cannot be read", metadata: ["error": "\(error)"])
        }
        try? await Task.sleep(for: .milliseconds(150))
      }
    }
  }
}
