/// From when on the circuit breaker stops a campaign or a number by itself.
struct BreakerLimits: Sendable, Equatable {
  var errorPercent: Int64 = 25
  var optOutPercent: Int64 = 5
  var leastTexts: Int64 = 50
  var minutes: Int64 = 30
  var probes: Int64 = 20
  var probeSeconds: Int64 = 60

  init() {}

  init(_ fields: inout Fields, _ name: String) throws {
    guard var limits = fields.object(name) else { return }
    errorPercent = limits.int("error_percent", in: 1...100) ?? errorPercent
    optOutPercent = limits.int("opt_out_percent", in: 1...100) ?? optOutPercent
    leastTexts = limits.int("least_texts", in: 5...1_000_000) ?? leastTexts
    minutes = limits.int("minutes", in: 1...1_440) ?? minutes
    probes = limits.int("probes", in: 1...1_000) ?? probes
    probeSeconds = limits.int("probe_seconds", in: 1...3_600) ?? probeSeconds
    fields.absorb(limits)
  }

  var json: JSON {
    [
      "error_percent": .int(errorPercent), "opt_out_percent": .int(optOutPercent), "least_texts": .int(leastTexts),
      "minutes": .int(minutes), "probes": .int(probes), "probe_seconds": .int(probeSeconds),
    ]
  }
}
