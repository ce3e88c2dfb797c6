import Foundation
import TestKit
import Testing

@testable import TenantRuntime

@Suite struct MomentTests {
  @Test(arguments: [
    ("2026-11-23T16:25:02.417Z", "2026-11-23T16:25:02.417Z"),
    ("2026-11-23T16:25:02Z", "2026-11-23T16:25:02.000Z"),
    ("2026-11-23t16:25:02z", "2026-11-23T16:25:02.000Z"),
    ("2026-11-23T16:25:02.4Z", "2026-11-23T16:25:02.400Z"),
    ("2026-11-23T16:25:02.417999999Z", "2026-11-23T16:25:02.417Z"),
    ("2026-11-23T16:25:02+01:00", "2026-11-23T15:25:02.000Z"),
    ("2026-11-23T16:25:02.5-0530", "2026-11-23T21:55:02.500Z"),
    ("2026-11-23T00:00:00+14:00", "2026-11-22T10:00:00.000Z"),
    ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
    ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00.000Z"),
    ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
    ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
    ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
  ])
  func timesOfTheStandardAreRead(written: String, read: String) {
    #expect(Moment(iso8601: written)?.iso8601 == read)
  }

  @Test(arguments: [
    "", "2026-11-23", "2026-11-23T16:25:02", "2026-11-23 16:25:02Z", "2026-11-23T16:25Z", "20261123T162502Z",
    "2024-01-01T12:99:00Z", "2024-01-01T24:00:00Z", "2024-01-01T12:00:61Z", "2024-13-01T12:00:00Z",
    "2026-02-29T12:00:00Z", "2026-02-30T12:00:00Z", "2026-00-10T12:00:00Z", "2026-11-00T12:00:00Z",
    "2026-11-23T16:25:02.Z", "2026-11-23T16:25:02,5Z", "2026-11-23T16:25:02ZZ", "2026-11-23T16:25:02Z ",
    " 2026-11-23T16:25:02Z", "2026-11-23T16:25:02+1:00", "2026-11-23T16:25:02+24:00", "2026-11-23T16:25:02+01:60",
    "2026-11-23T16:25:02+01", "2026-11-23T16:25:02+", "2026-11-23T16:25:02 +0100", "2026-11-23T16:25:02+01:00Z",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "٢٠٢٦-11-23T16:25:02Z",
    "2026-11-23T16:25:02.00000000000000000000000000000Z",
  ])
  func whatNobodyMeansIsNot(written: String) {
    #expect(Moment(iso8601: written) == nil)
  }

  /// Foundation writes the same; what is written is read again as the same moment.
  @Test func whatIsWrittenIsReadAgain() {
    var chance = Chance()
    let foundation = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    for _ in 0..<2_000 {
      let moment = Moment(milliseconds: Int64(chance.below(260_000_000_000_000)) - 30_000_000_000_000)
      let text = moment.iso8601
      #expect(Moment(iso8601: text) == moment)
      guard moment.milliseconds >= -12_219_292_800_000, moment.milliseconds < 253_402_300_800_000 else { continue }
      let whole = Moment(milliseconds: moment.milliseconds - moment.milliseconds % 1_000)
      #expect(whole.iso8601 == Date(timeIntervalSince1970: Double(whole.milliseconds) / 1_000).formatted(foundation))
    }
  }

  @Test func noMomentIsTooFarToBeWritten() {
    #expect(Moment.end.iso8601 == "9999-12-31T23:59:59.999Z")
    #expect(Moment(milliseconds: .min).iso8601 == "0001-01-01T00:00:00.000Z")
  }
}
