import Testing

@testable import TenantRuntime

/// The legal clock of a review: ten business days, holidays and weekends not counted.
@Suite struct OptOutReviewTests {
  @Test(
    arguments: [
      // A Monday without holidays ahead.
      ("2026-03-02T15:00:00Z", "2026-03-16T00:00:00.000Z"), ("2026-03-02T23:59:59Z", "2026-03-16T00:00:00.000Z"),
      // A Saturday counts as its Friday would.
      ("2026-03-07T12:00:00Z", "2026-03-20T00:00:00.000Z"),
      // Thanksgiving (2026-11-26) is no business day, nor is Christmas (a Friday).
      ("2026-11-24T12:00:00Z", "2026-12-09T00:00:00.000Z"), ("2026-12-17T12:00:00Z", "2027-01-04T00:00:00.000Z"),
    ]) func theTenthBusinessDayBegins(_ came: String, _ due: String)
  {
    #expect(OptOutReview.due(Moment(iso8601: came)!).iso8601 == due)
  }
}
