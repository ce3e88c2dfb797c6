import CSimulation
import ControlPlane
import Foundation
import TenantRuntime

/// What operators do: pauses, switches, numbers, backups and restores.
extension Simulator {
  private func command(
    _ command: Command, _ then: @escaping (Result<Void, any Error>) -> Void = { _ in }
  ) {
    guard let controlPlane = world.controlPlane else { return }
    let generation = world.generation
    let reply = Box(then)
    let world = world
    Machine.start {
      let result: Result<Void, any Error>
      do {
        _ = try await controlPlane.perform(command, by: .command("simulation"))
        result = .success(())
      } catch {
        result = .failure(error)
        world.watch.note("\(command) is refused: \(error)")
      }
      if world.generation == generation, world.controlPlane === controlPlane, !world.isCrashed { reply.value(result) }
    }
  }

  func operate(_ operation: Operation) {
    let asked = oracle.asked
    switch operation {
    case .pauseTenant(let tenant):
      command(.pause(key: World.tenants[tenant], reason: "asked")) { [unowned self] result in
        guard case .success = result, !oracle.wasOpened(tenant, "a pause", since: asked) else { return }
        oracle.close(tenant, "a pause", since: asked)
        paused.insert(tenant)
      }
    case .resumeTenant(let tenant):
      oracle.open(tenant, "a pause")
      paused.remove(tenant)
      command(.resume(key: World.tenants[tenant]))
    case .suspend(let tenant):
      command(.suspend(key: World.tenants[tenant], reason: "asked")) { [unowned self] in
        if case .success = $0 { oracle.close(tenant, "a suspension", since: asked) }
      }
    case .reinstate(let tenant):
      oracle.open(tenant, "a suspension")
      command(.reinstate(key: World.tenants[tenant]))
    case .killSwitch(let tenant, let isOn):
      if !isOn { oracle.open(tenant, "a kill switch") }
      world.api("PUT", "kill-switch", of: tenant, json: ["on": isOn, "reason": "asked"]) { [unowned self] in
        if isOn, $0.isGood { oracle.close(tenant, "a kill switch", since: asked) }
      }
    case .platformSwitch(let isOn):
      if !isOn { oracle.open(-1, "the platform's kill switch") }
      command(.setKillSwitch(on: isOn, reason: "asked")) { [unowned self] in
        if isOn, case .success = $0 { oracle.close(-1, "the platform's kill switch", since: asked) }
      }
    case .addNumber(let tenant, let cap):
      guard let number = PhoneNumber(e164: World.number(tenant)) else { return }
      command(
        .addNumber(
          key: World.tenants[tenant], number: NumberChange(number: number, dailyCap: cap.map(Int64.init) ?? 100_000)))
    default: copy(operation)
    }
  }

  // MARK: Copies

  private func copy(_ operation: Operation) {
    switch operation {
    case .backup(let tenant, let copy):
      let path = "\(world.root)/copies/\(copy).sqlite"
      command(.backup(key: World.tenants[tenant], to: path)) { [unowned self] in
        if case .success = $0 { copies[copy] = (tenant, path) }
      }
    case .copyFile(let tenant, let copy):
      guard paused.contains(tenant) else { return }
      let path = "\(world.root)/copies/\(copy).sqlite"
      try? FileManager.default.createDirectory(atPath: "\(world.root)/copies", withIntermediateDirectories: true)
      do {
        try FileManager.default.copyItem(atPath: file(tenant), toPath: path)
        copies[copy] = (tenant, path)
      } catch { return }
    case .putBack(let tenant, let copy):
      guard paused.contains(tenant), let from = copies[copy], from.tenant == tenant else { return }
      for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file(tenant) + suffix) }
      try? FileManager.default.removeItem(atPath: file(tenant))
      try? FileManager.default.copyItem(atPath: from.path, toPath: file(tenant))
      oracle.history[tenant] += 1
    case .restore(let tenant, let copy):
      guard let from = copies[copy], from.tenant == tenant else { return }
      // From now on nobody knows which life a commit belongs to.
      oracle.history[tenant] += 1
      paused.remove(tenant)
      oracle.open(tenant, "a pause")
      command(.restore(key: World.tenants[tenant], from: from.path)) { [unowned self] _ in oracle.history[tenant] += 1 }
    case .unfence(let tenant): command(.unfence(key: World.tenants[tenant]))
    default: return
    }
  }

  private func file(_ tenant: Int) -> String { "\(world.folder)/tenants/\(World.tenants[tenant])/tenant.sqlite" }
}
