import Foundation

/// Whose clocks say whether a person may be texted, and which signals they come from.
///
/// The contact's own zone and the place of their number (area code, or calling code abroad) are asked. Where they agree, that is the clock.
/// Where they disagree, a text must be allowed by all of them: the zone may be a mailing tool's guess, the number an old one. An
/// abbreviation or a mere offset stands for the region of the number where that has such a clock.
struct TextingZones: Sendable, Equatable {
  /// What the contact's own zone may mean; empty without one.
  let own: [String]
  /// Where the number lies; empty for toll-free and unknown ones.
  let ofNumber: [String]
  /// All of these must allow a text.
  let counted: [String]

  private static let unitedStates = [
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage",
    "Pacific/Honolulu",
  ]

  init(phone: PhoneNumber, own text: String?, tenant: String) {
    own = text.map(TimeZones.candidates) ?? []
    ofNumber = phone.areaCode == nil ? CallingCode.zones(of: phone) : AreaCode.zones(of: phone)
    if own.isEmpty {
      counted = !ofNumber.isEmpty ? ofNumber : phone.areaCode == nil ? [tenant] : Self.unitedStates
    } else if ofNumber.isEmpty {
      counted = own
    } else {
      counted = Self.reconciled(own, ofNumber)
    }
  }

  private static func reconciled(_ own: [String], _ ofNumber: [String]) -> [String] {
    if own.count == 1, !isOffset(own[0]) {
      return ofNumber.contains { isSameClock($0, own[0]) } ? own : own + ofNumber
    }
    let agreeing = ofNumber.filter { zone in own.contains { isSameClock($0, zone) || isClock(zone, at: $0) } }
    return agreeing.isEmpty ? own + ofNumber : agreeing
  }

  /// Winter and summer of one year distinguish the clocks that matter here.
  private static func offsets(_ name: String) -> [Int] {
    guard let zone = TimeZones.named(name) else { return [] }
    return [1_767_268_800, 1_782_907_200].map { zone.secondsFromGMT(for: Date(timeIntervalSince1970: $0)) }
  }

  /// A zone that is an offset by name, and no place: `UTC-05:00`, `Etc/GMT+5`, `GMT`. Phoenix keeps one offset, and is a place.
  private static func isOffset(_ name: String) -> Bool {
    name.hasPrefix("UTC") || name.hasPrefix("Etc/") || name.hasPrefix("GMT")
  }

  private static func isSameClock(_ one: String, _ other: String) -> Bool {
    one == other || !isOffset(one) && !isOffset(other) && offsets(one) == offsets(other)
  }

  /// Whether the place has this offset in some part of the year.
  private static func isClock(_ zone: String, at fixed: String) -> Bool {
    isOffset(fixed) && !Set(offsets(zone)).isDisjoint(with: offsets(fixed))
  }

  var json: JSON {
    func list(_ zones: [String]) -> JSON { .list(zones.map(JSON.text)) }
    return ["time_zone": list(own), "number": list(ofNumber), "counted": list(counted)]
  }
}
