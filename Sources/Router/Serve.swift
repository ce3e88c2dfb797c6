import ArgumentParser
import ControlPlane
import Dispatch
import Foundation
import Hummingbird
import Logging
import ServiceLifecycle
import TenantRuntime

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Run the server.")
  @OptionGroup var settings: Settings

  func run() async throws {
    let (host, port) = try settings.address()
    _ = try settings.allowedBlocks()
    let proxies = try settings.proxies()
    _ = try settings.networks()
    _ = try settings.nameServer()
    let data = try DataFolder(settings)
    guard try await data.lock(as: .server) else {
      throw ValidationError("another server runs on \(data.path); there is one per data folder")
    }
    let level = Logger.Level(rawValue: settings.logLevelEntry.value) ?? .info
    LoggingSystem.bootstrap { label in
      var handler = JSONLogHandler(label: label)
      handler.logLevel = level
      return handler
    }
    defer { LogDrain.standardError.flush(within: 2) }
    let budget = DescriptorBudget(limit: DescriptorBudget.raiseLimit(), openFiles: settings.wantedOpenFiles)
    let house = try data.openHouse(settings, budget)
    budget.tell(house.logger, wanted: settings.wantedOpenFiles)
    let connections = Connections(
      ConnectionLimits(most: budget.connections, mostPerAddress: budget.perAddress), logger: house.logger)
    let watch = connections.watch()
    defer { watch.cancel() }
    let site = Site(house: house, proxies: proxies)
    let hangUp = readNetworksOnHangUp(house)
    defer { hangUp.cancel() }
    let application = Application(
      router: site.router(), server: .door(site.hot, connections),
      configuration: .init(address: .hostname(host, port: port), serverName: "roundhouse"),
      services: [CommandService(house: house), AccountSharer(house: house)],
      onServerRunning: { channel in
        await budget.guardListener(channel, connections, share: site.hot.share, house.logger)
        house.logger.notice("Listening", metadata: ["address": "\(channel.localAddress?.description ?? "")"])
        Task {
          await house.begin()
          site.ready.set()
        }
        // A tenant whose backlog is long does not keep the others from being served.
        Task {
          try? await Task.sleep(for: .seconds(20))
          site.ready.set()
        }
      }, logger: Logger(label: "roundhouse.http") { _ in SwiftLogNoOpLogHandler() })
    try await application.runService()
    await house.shutDown()
    withExtendedLifetime(data) {}
  }
}

extension Serve {
  /// SIGHUP: the operator has new lists of networks. A bad one is told and the old ones stay in force.
  private func readNetworksOnHangUp(_ house: ControlPlane) -> any DispatchSourceSignal {
    signal(SIGHUP, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
    let settings = settings
    source.setEventHandler {
      do {
        house.networks.replace(try settings.networks())
        house.logger.notice("Lists of networks were read again")
      } catch {
        house.logger.error("Lists of networks stay as they were", metadata: ["error": "\(error)"])
      }
    }
    source.resume()
    return source
  }
}

/// Agrees with other nodes who may use how much of a provider account.
struct AccountSharer: Service {
  let house: ControlPlane

  func run() async throws { await cancelWhenGracefulShutdown { await house.shareAccounts() } }
}

/// Carries out what commands beside the server ask, and keeps house.
struct CommandService: Service {
  let house: ControlPlane

  func run() async throws {
    let runner = CommandRunner(house)
    await cancelWhenGracefulShutdown {
      do { try await runner.begin() } catch {
        house.logger.error("Commands of the last server cannot be ended", metadata: ["error": "\(error)"])
      }
      while !Task.isCancelled {
        do {
          try await runner.take()
          try await house.checkpointControlFile()
          try await house.sweepIfDue()
        } catch {
          house.logger.error("Commands cannot be read", metadata: ["error": "\(error)"])
        }
        try? await Task.sleep(for: .milliseconds(150))
      }
    }
  }
}
