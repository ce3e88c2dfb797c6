import Testing

@testable import TenantRuntime

/// Which message of the provider's list is the text whose answer was lost.
@Suite struct ReconcilerTests {
  private static let to = PhoneNumber(digits: 14_157_000_001)!
  private static let from = PhoneNumber(digits: 14_155_550_100)!
  private static let claim = Moment(iso8601: "2026-11-24T12:00:00.900Z")!

  private func entry(_ change: (inout TwilioMessageList.Entry) -> Void = { _ in }) -> TwilioMessageList.Entry {
    var entry = TwilioMessageList.Entry(
      sid: "SM1", to: Self.to, from: Self.from, body: "Hi", status: "sent", errorCode: 0,
      createdAt: Moment(iso8601: "2026-11-24T12:00:01Z"))
    change(&entry)
    return entry
  }

  private func match(_ entries: [TwilioMessageList.Entry], service: String? = nil, taken: Set<String> = []) -> String? {
    Reconciler.match(
      entries, to: Self.to, from: Self.from, service: service, body: "Hi", since: Self.claim, taken)?.sid
  }

  @Test func theSameWordsToThePersonFromTheNumberSinceTheClaimAreIt() {
    #expect(match([entry()]) == "SM1")
    // The provider writes whole seconds: the second of the claim counts, and clocks differ a little.
    #expect(match([entry { $0.createdAt = Moment(iso8601: "2026-11-24T12:00:00Z") }]) == "SM1")
    #expect(match([entry { $0.createdAt = Moment(iso8601: "2026-11-24T11:59:55Z") }]) == "SM1")
  }

  @Test func anythingElseIsNot() {
    #expect(match([]) == nil)
    #expect(match([entry { $0.body = "Hi " }]) == nil)
    #expect(match([entry { $0.to = PhoneNumber(digits: 14_157_000_002) }]) == nil)
    #expect(match([entry { $0.from = PhoneNumber(digits: 14_155_550_101) }]) == nil)
    #expect(match([entry { $0.createdAt = Moment(iso8601: "2026-11-24T11:59:54Z") }]) == nil)
    #expect(match([entry { $0.createdAt = nil }]) == nil)
    // Another job's message, or the same one again.
    #expect(match([entry()], taken: ["SM1"]) == nil)
  }

  @Test func ofTwoTheOlderIsTakenSoThatTwoJobsFindOneEach() {
    let two = [
      entry {
        $0.sid = "SM2"; $0.createdAt = Moment(iso8601: "2026-11-24T12:00:09Z")
      }, entry(),
    ]
    #expect(match(two) == "SM1")
    #expect(match(two, taken: ["SM1"]) == "SM2")
  }

  @Test func outOfAMessagingServiceTheProviderChoseTheNumber() {
    let other = entry {
      $0.from = PhoneNumber(digits: 14_155_550_177); $0.service = "MG1"
    }
    #expect(match([other], service: "MG1") == "SM1")
    #expect(match([other], service: "MG2") == nil)
  }

  @Test func aPageOfTheListIsReadAsTheProviderWritesIt() throws {
    let page = try #require(
      TwilioMessageList.read(
        .answered(
          status: 200,
          body: Array(
            """
            {"messages":[{"sid":"SM1","to":"+14157000001","from":"+14155550100","messaging_service_sid":null,"body":"Hi","status":"delivered",
            "error_code":null,"date_created":"Tue, 24 Nov 2026 12:00:01 +0000","price":"-0.00830"}],"next_page_uri":"/2010-04-01/x?Page=1"}
            """.utf8))))
    #expect(
      page.entries == [
        entry {
          $0.status = "delivered"; $0.priceMicros = 8_300
        }
      ])
    #expect(page.next == "/2010-04-01/x?Page=1")
    #expect(TwilioMessageList.read(.answered(status: 500, body: [])) == nil)
    #expect(TwilioMessageList.read(.answered(status: 200, body: Array("<html>".utf8))) == nil)
    // Followed as it is, but nowhere else.
    #expect(
      TwilioMessageList.read(
        .answered(status: 200, body: Array(#"{"messages":[],"next_page_uri":"@evil.test/"}"#.utf8)))?.next == nil)
  }
}
