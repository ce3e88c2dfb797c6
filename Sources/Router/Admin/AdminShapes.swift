import ControlPlane
import TenantRuntime

extension Shape {
  static let numberGiven = named(
    "NumberGiven",
    object([
      "tenant": text(example: "acme"), "number": phone, "rate": number, "warm_up": text(example: "on"),
      "daily_cap": count.orNull, "messaging_service": text(example: "MG0123").orNull, "brand": text.orNull,
    ]))

  static let numberMoved = named("NumberMoved", object(["number": phone, "tenant": text(example: "other")]))

  static let brand = named("Brand", object(["brand": text(example: "acme"), "daily_cap": count]))

  static let knownBrand = named(
    "KnownBrand", object(["brand": text(example: "acme"), "daily_cap": count, "numbers": count]))

  static let backup = named(
    "Backup",
    object([
      "tenant": text(example: "acme"), "name": text(example: "1764000000000.sqlite"), "bytes": count, "made_at": moment,
    ]))

  static let health = named(
    "Health",
    object([
      "intake": object(["writes": bool, "waiting_tenants": count, "waiting": list(text(example: "acme"))]),
      "turns": object(["ready": count, "running": count, "timed": count]),
      "failing": list(
        object(["tenant": text(example: "acme").orNull, "work": text(example: "sending"), "failures": count])),
      "files": object(["open": count, "most": count]), "mails": object(["waiting": count, "retried": count]),
      "commands_waiting": count, "disk": object(["free_bytes": count, "size_bytes": count]), "sends_mail": bool,
      "shares_limits": bool,
    ]))

  static let unfenced = named("Unfenced", object(["tenant": text(example: "acme"), "fence": null]))

  static let linkKeyMade = named(
    "LinkKeyMade",
    object([
      "tenant": text(example: "acme"), "link_keys": count, "since": moment, "dropped_key_of": moment.orNull,
    ]))

  static let platformKillSwitch = named(
    "PlatformKillSwitch",
    object([
      "on": bool, "reason": text(example: "A provider's outage").orNull, "actor": text(example: "command").orNull,
      "since": moment.orNull, "calls_in_flight": count, "drained": bool,
    ]))
}
