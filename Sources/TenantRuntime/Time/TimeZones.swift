package import Foundation
import Synchronization

/// Time zones by name. Asking Foundation reads a file, so answers are remembered.
package enum TimeZones {
  private static let known = Mutex<[String: TimeZone?]>([:])
  private static let read = Mutex<[String: [String]]>([:])

  package static func named(_ name: String) -> TimeZone? {
    known.withLock { known in
      if let zone = known[name] { return zone }
      let zone = offset(name).flatMap { TimeZone(secondsFromGMT: $0 * 60) } ?? TimeZone(identifier: name)
      guard known.count < 2_000, name.utf8.count <= 64 else { return zone }
      known[name] = .some(zone)
      return zone
    }
  }

  package static func isKnown(_ name: String) -> Bool { !candidates(name).isEmpty }

  /// The zones that a text may mean: one where it names a place, several for an abbreviation or an offset, whose region the area code
  /// tells; none when it is no zone. `America/New_York`, `america/new york`, `Eastern Time (US & Canada)`, `EST`, `UTC-05:00`.
  package static func candidates(_ text: String) -> [String] {
    read.withLock { read in
      if let zones = read[text] { return zones }
      let zones = find(text)
      if read.count < 2_000, text.utf8.count <= 100 { read[text] = zones }
      return zones
    }
  }

  /// How a text is kept: the zone itself where there is one, else as it was written, to be read with the number.
  package static func kept(_ text: String) -> String? {
    let zones = candidates(text)
    return zones.isEmpty ? nil : zones.count == 1 ? zones[0] : String(TextCleaner.clean(text).unicodeScalars.prefix(64))
  }

  // Compiled once, as in `PhoneText`.
  nonisolated(unsafe) private static let signed =
    #/(?i)\s*\(?(?:UTC|GMT|Z)?\s*([+\-\u2212])\s*(\d{1,2})(?::?(\d{2}))?(?:[.](\d{1,2}))?\)?\s*/#
  nonisolated(unsafe) private static let offsetBefore = #/(?i)\((?:GMT|UTC)[^)]*\)\s*(?=\S)/#
  nonisolated(unsafe) private static let identifier = #/[A-Za-z_]+(?:/[A-Za-z0-9_+\-]+)+/#

  /// The minutes behind Greenwich of `UTC-05:00`, `GMT+1`, `-0500`, `-5`.
  static func offset(_ text: String) -> Int? {
    guard text.utf8.count <= 24,
      let match = text.wholeMatch(
        of: signed),
      let hours = Int(match.2), hours <= 14
    else { return nil }
    let part = match.4.flatMap { Double("0.\($0)") }.map { Int($0 * 60) }
    let minutes = hours * 60 + (match.3.flatMap { Int($0) } ?? part ?? 0)
    return match.1 == "+" ? minutes : -minutes
  }

  private static func find(_ text: String) -> [String] {
    var name = TextCleaner.clean(String(text.prefix(100)))
    guard !name.isEmpty else { return [] }
    // `(GMT-05:00) Eastern Time (US & Canada)`: what the words say, if they say something.
    if let match = name.prefixMatch(of: offsetBefore) {
      let rest = find(String(name[match.range.upperBound...]))
      if !rest.isEmpty { return rest }
      name = String(name[..<match.range.upperBound]).trimmed
    }
    let key = fold(name)
    if let abbreviated = abbreviations[key] { return abbreviated }
    if let zone = identifiers[key] ?? ZoneNames.table[key] { return [zone] }
    // Names of the database that its list leaves out: `Etc/GMT+4`, whose sign must not be folded away, `America/Montreal`.
    if name.utf8.count <= 64, name.wholeMatch(of: identifier) != nil,
      TimeZone(identifier: name) != nil
    {
      return [name]
    }
    if let minutes = offset(name) { return [written(minutes)] }
    // `London, Edinburgh`: all of them must be places.
    let places = name.split { ",;/".contains($0) }
    if places.count > 1, !name.contains("/") {
      let zones = places.map { find(String($0)) }
      return zones.contains([]) ? [] : Array(Set(zones.flatMap { $0 })).sorted()
    }
    return cities[key].map { [$0] } ?? []
  }

  static func written(_ minutes: Int) -> String {
    let (hours, rest) = (abs(minutes) / 60, abs(minutes) % 60)
    return "UTC\(minutes < 0 ? "-" : "+")\(hours < 10 ? "0" : "")\(hours):\(rest < 10 ? "0" : "")\(rest)"
  }

  private static func fold(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.compactMap { Folding.letter($0).flatMap(Unicode.Scalar.init) }))
  }

  private static let identifiers: [String: String] = {
    var table: [String: String] = [:]
    for name in TimeZone.knownTimeZoneIdentifiers where name.contains("/") || name == "UTC" || name == "GMT" {
      table[fold(name)] = name
    }
    for (alias, name) in [
      ("utc", "UTC"), ("gmt", "GMT"), ("z", "UTC"), ("zulu", "UTC"), ("useastern", "America/New_York"),
      ("uscentral", "America/Chicago"), ("usmountain", "America/Denver"), ("uspacific", "America/Los_Angeles"),
      ("ushawaii", "Pacific/Honolulu"), ("usalaska", "America/Anchorage"), ("usarizona", "America/Phoenix"),
      ("asiacalcutta", "Asia/Kolkata"), ("asiasaigon", "Asia/Ho_Chi_Minh"),
      ("americabuenosaires", "America/Argentina/Buenos_Aires"),
      ("americaindianapolis", "America/Indiana/Indianapolis"), ("americalouisville", "America/Kentucky/Louisville"),
      ("europekiev", "Europe/Kiev"), ("europekyiv", "Europe/Kiev"), ("asiakatmandu", "Asia/Kathmandu"),
    ] { table[alias] = table[alias] ?? name }
    return table
  }()

  /// `New York`, `Los Angeles`, where one zone alone has that city.
  private static let cities: [String: String] = {
    var table: [String: String] = [:]
    var twice: Set<String> = []
    for name in TimeZone.knownTimeZoneIdentifiers where name.contains("/") {
      let city = fold(name.split(separator: "/").last.map(String.init) ?? name)
      if table.updateValue(name, forKey: city) != nil { twice.insert(city) }
    }
    return table.filter { !twice.contains($0.key) && $0.key.count > 3 }
  }()

  /// With both readings where there are two: the region that changes its clocks, and the offset that does not.
  private static let abbreviations: [String: [String]] = [
    "et": ["America/New_York"], "est": ["America/New_York", "UTC-05:00"], "edt": ["America/New_York", "UTC-04:00"],
    "est5edt": ["America/New_York"], "ct": ["America/Chicago"], "cst": ["America/Chicago", "UTC-06:00"],
    "cdt": ["America/Chicago", "UTC-05:00"], "cst6cdt": ["America/Chicago"], "mt": ["America/Denver"],
    "mst": ["America/Denver", "UTC-07:00"], "mdt": ["America/Denver", "UTC-06:00"], "mst7mdt": ["America/Denver"],
    "pt": ["America/Los_Angeles"], "pst": ["America/Los_Angeles", "UTC-08:00"],
    "pdt": ["America/Los_Angeles", "UTC-07:00"], "pst8pdt": ["America/Los_Angeles"],
    "akt": ["America/Anchorage"], "akst": ["America/Anchorage", "UTC-09:00"],
    "akdt": ["America/Anchorage", "UTC-08:00"],
    "ht": ["Pacific/Honolulu"], "hst": ["Pacific/Honolulu"], "hast": ["Pacific/Honolulu"],
    "ast": ["America/Halifax", "UTC-04:00"],
    "adt": ["America/Halifax", "UTC-03:00"], "nst": ["America/St_Johns"], "ndt": ["America/St_Johns"],
    "cet": ["Europe/Berlin", "UTC+01:00"], "cest": ["Europe/Berlin", "UTC+02:00"],
    "met": ["Europe/Berlin", "UTC+01:00"],
    "wet": ["Europe/Lisbon", "UTC+00:00"], "west": ["Europe/Lisbon", "UTC+01:00"],
    "eet": ["Europe/Athens", "UTC+02:00"],
    "eest": ["Europe/Athens", "UTC+03:00"], "bst": ["Europe/London", "UTC+01:00"], "msk": ["Europe/Moscow"],
    "jst": ["Asia/Tokyo"], "kst": ["Asia/Seoul"], "hkt": ["Asia/Hong_Kong"], "sgt": ["Asia/Singapore"],
    "pht": ["Asia/Manila"], "ist": ["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"],
    "aest": ["Australia/Sydney", "Australia/Brisbane"], "aedt": ["Australia/Sydney"],
    "acst": ["Australia/Adelaide", "Australia/Darwin"],
    "awst": ["Australia/Perth"], "nzst": ["Pacific/Auckland"], "nzdt": ["Pacific/Auckland"],
    "nzt": ["Pacific/Auckland"],
    "sast": ["Africa/Johannesburg"], "brt": ["America/Sao_Paulo"], "art": ["America/Argentina/Buenos_Aires"],
  ]
}
