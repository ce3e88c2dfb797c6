import Foundation

/// Which number of a row is its person's: the phone column, read with the row's country; else the next ones; where a tool labels its numbers,
/// the one that is called a mobile first.
final class RowPhone {
  private struct Source {
    var index: Int
    var label: Int?
  }

  private let sources: [Source]
  private let country: Int?
  private let areaCode: Int?
  private let region: String
  private let isLabelled: Bool
  @exclusivity(unchecked) private(set) var warnings: [String: Int64] = [:]

  init(_ mapping: ColumnMapping, headers: [String], region: String) {
    let labels = mapping.indexes(of: .phoneLabel)
    sources = ([mapping.phoneIndex] + mapping.nextPhones).map { index in
      let number = headers.indices.contains(index) ? ColumnChoice.number(headers[index]) : nil
      return Source(
        index: index,
        label: labels.first { headers.indices.contains($0) && ColumnChoice.number(headers[$0]) == number })
    }
    country = mapping.countryIndex
    areaCode = mapping.index(of: .areaCode)
    isLabelled = sources.contains { $0.label != nil }
    self.region = region
  }

  func read(_ reader: CSVReader, _ fieldCount: Int) -> Result<PhoneNumber, PhoneRejection> {
    if sources.count == 1, country == nil, areaCode == nil, sources[0].index < fieldCount {
      return one(reader, sources[0].index, fieldCount, region: region)
    }
    let region = rowRegion(reader, fieldCount)
    var first: PhoneRejection?
    for (index, source) in ordered(reader, fieldCount).enumerated() where source.index < fieldCount {
      switch one(reader, source.index, fieldCount, region: region) {
      case .success(let phone):
        if index > 0, let first, first != .missing { warnings["phone", default: 0] += 1 }
        return .success(phone)
      case .failure(let why): if first == nil || first == .missing { first = why }
      }
    }
    return .failure(first ?? .missing)
  }

  /// The number of a row, also one that cannot be texted: its person may have said no all the same.
  func dialled(_ reader: CSVReader, _ fieldCount: Int) -> PhoneNumber? {
    if case .success(let phone) = read(reader, fieldCount) { return phone }
    let region = rowRegion(reader, fieldCount) ?? "ZZ"
    return try? PhoneReader.shared.dialled(written(reader, fieldCount), region: region).get()
  }

  func written(_ reader: CSVReader, _ fieldCount: Int) -> String {
    sources.first { $0.index < fieldCount && !reader.field($0.index).isEmpty }.map { reader.text($0.index) } ?? ""
  }

  /// - Parameter region: nil when the row's country is not understood: then a number must hold its calling code.
  private func one(
    _ reader: CSVReader, _ index: Int, _ fieldCount: Int, region: String?
  ) -> Result<PhoneNumber, PhoneRejection> {
    let bytes = reader.field(index)
    if let areaCode, areaCode < fieldCount, bytes.count < 12, let code = plainAreaCode(reader.text(areaCode)) {
      let text = String(decoding: bytes, as: UTF8.self)
      let digits = text.utf8.count { (0x30...0x39).contains($0) }
      if (5...8).contains(digits), !text.contains("+") {
        return PhoneReader.shared.read("\(code) \(text)", region: region ?? "ZZ")
      }
    }
    let known = region ?? "ZZ"
    switch PhoneReader.shared.readCell(bytes: bytes, region: known) {
    case .success(let cell):
      if cell.others > 0 { warnings["phone_others", default: 0] += 1 }
      return .success(cell.phone)
    case .failure(let why): return .failure(region == nil && why != .missing ? .unknownCountry : why)
    }
  }

  private func plainAreaCode(_ text: String) -> String? {
    let digits = text.filter { $0.isASCII && $0.isNumber }
    return (2...6).contains(digits.count) ? digits : nil
  }

  private func rowRegion(_ reader: CSVReader, _ fieldCount: Int) -> String? {
    guard let country, country < fieldCount else { return region }
    let value = reader.field(country)
    if value.isEmpty { return region }
    let text = String(decoding: value, as: UTF8.self)
    return ConsentAnswer(text) == .unknown ? region : CountryName.region(of: text)
  }

  private func ordered(_ reader: CSVReader, _ fieldCount: Int) -> [Source] {
    guard isLabelled else { return sources }
    func rank(_ source: Source) -> Int {
      guard let label = source.label, label < fieldCount else { return 1 }
      let name = HeaderName(reader.text(label))
      if name.contains(HeaderWords.mobileParts) || name.has(HeaderWords.mobileWords) { return 0 }
      return name.compact.contains("fax") || name.has(HeaderWords.fax) ? 9 : name.has(HeaderWords.shared) ? 3 : 2
    }
    return sources.enumerated().map { (rank: rank($0.element), index: $0.offset, source: $0.element) }
      .filter { $0.rank < 9 }.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }.map(\.source)
  }
}
