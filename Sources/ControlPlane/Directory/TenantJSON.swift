package import TenantRuntime

extension Routing.Tenant {
  /// As `tenant show` and the admin API give it.
  package var json: JSON {
    [
      "key": .text(key), "name": .text(name), "state": .text(state.rawValue), "reason": .optional(reason),
      "time_zone": .text(timeZone), "numbers": .list(numbers.map { .phone($0.number) }),
      "hosts": .list(linkHosts.map(JSON.text)), "twilio_sid": .optional(twilio?.accountSID),
      "delete_after": .moment(deleteAfter),
    ]
  }
}

extension Shape {
  package static let tenant = named(
    "Tenant",
    object(
      [
        "key": text(example: "acme"), "name": text(example: "Acme"),
        "state": choice(["active", "pausing", "paused", "suspended", "archived", "damaged"]),
        "reason": text(example: "moving").orNull, "time_zone": text(example: "America/New_York"),
        "numbers": list(phone), "hosts": list(text(example: "go.shop.example")),
        "twilio_sid": text(example: "AC0123").orNull, "delete_after": moment.orNull,
      ], optional: ["not_given_back": list(text(example: "go.shop.example"))]))
}
