import ControlPlane
import TenantRuntime

extension Shape {
  static let tenant = named(
    "Tenant",
    object([
      "key": text(example: "acme"), "name": text(example: "Acme"),
      "state": choice(["active", "pausing", "paused", "suspended", "archived", "damaged"]),
      "reason": text(example: "moving").orNull, "time_zone": text(example: "America/New_York"),
      "numbers": list(phone), "hosts": list(text(example: "go.shop.example")),
      "twilio_sid": text(example: "AC0123").orNull,
    ]))

  static let numberGiven = named(
    "NumberGiven",
    object([
      "tenant": text(example: "acme"), "number": phone, "rate": number, "warm_up": text(example: "on"),
      "daily_cap": count.orNull, "messaging_service": text(example: "MG0123").orNull, "brand": text.orNull,
    ]))

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
