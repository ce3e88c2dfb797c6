import Synchronization

/// Why no text of the tenant leaves now: said wherever somebody is about to send one, with the page that lifts it for who may.
struct StopNotice: Sendable {
  let sentence: String
  let detail: String
  let path: String?

  /// All that hold.
  /// - Parameter thrown: the tenant's own kill switch.
  static func all(_ thrown: KillSwitch.Thrown?, _ visit: Visit<Runtime>) -> [StopNotice] {
    let (words, lease) = (visit.words, visit.subject.lease)
    let waits = words("What is sent meanwhile waits.")
    var all: [StopNotice] = []
    func add(_ sentence: String, _ details: String?..., path: String? = nil) {
      let detail = (details.compactMap { $0 }.filter { !$0.isEmpty } + [waits]).joined(separator: " ")
      all.append(StopNotice(sentence: sentence, detail: detail, path: path))
    }
    if visit.subject.isFenced.load(ordering: .relaxed) {
      add(words("This business was put back from a copy. Nothing is texted until the operator says so."))
    }
    if let why = lease.suspended {
      add(words("No texts leave: {0}", why), path: visit.call.caller.isSupport ? "/admin/tenants/\(lease.tenant)" : nil)
    }
    if let why = lease.killed {
      add(
        words("Whoever runs this server has stopped all texts:"), why.sentence,
        path: visit.call.caller.isSupport ? "/admin/#h-kill" : nil)
    }
    if let thrown {
      add(
        words("All texts are stopped by the kill switch."), thrown.reason.sentence,
        words("Thrown {0} by {1}", words.time(thrown.since), words.actor(thrown.actor)).sentence,
        path: visit.may(.throwKillSwitch) ? "\(visit.base)/budget#kill-switch" : nil)
    }
    return all
  }
}

extension String {
  /// With a full stop at its end, where somebody has typed none.
  fileprivate var sentence: String {
    let text = trimmed
    return text.last.map { ".!?…".contains($0) } ?? true ? text : text + "."
  }
}
