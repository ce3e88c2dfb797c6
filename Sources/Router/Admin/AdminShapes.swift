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
