package import TenantRuntime

extension Routing.Tenant {
  /// As `tenant show` and the admin API give it.
  package var json: JSON {
    [
      "key": .text(key), "name": .text(name), "state": .text(state.rawValue), "reason": .optional(reason),
      "time_zone": .text(timeZone), "numbers": .list(numbers.map { .phone($0.number) }),
      "hosts": .list(linkHosts.map(JSON.text)), "twilio_sid": .optional(twilio?.accountSID),
    ]
  }
}
