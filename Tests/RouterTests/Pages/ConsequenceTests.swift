import HTTPTypes
import Testing

@testable import Router
@testable import TenantRuntime

/// What a page cannot take back is asked for once more, whichever page its button stands on.
@Suite struct ConsequenceTests {
  private static let operations = Set(
    PageOperation.all.values.map { "\($0.method) \($0.path)" })

  /// Deletions that ask by a page or a word of their own, need who is there to show it, or are undone by the form beside them.
  private static let asksOtherwise: Set<String> = [
    "DELETE audiences/:id", "DELETE campaigns/:id", "DELETE links/:id", "DELETE contacts/:id",
    "DELETE contacts/:id/invalid-number",
    "DELETE canned-replies/:id",
    "DELETE webhook-endpoints/:id",
    "DELETE support-grants/:id", "DELETE suppression-rules/:id", "DELETE contact-fields/:name",
    "DELETE me/passkeys/:passkey", "DELETE me/second-factor", "DELETE me/sessions", "DELETE me/sessions/:session",
  ]

  @Test func everyDeletionOfAPageIsAskedForOnceMore() {
    let deletions = Self.operations.filter { $0.hasPrefix("DELETE ") }
    for operation in deletions.sorted() {
      #expect(
        (Consequence.all[operation] == nil) == Self.asksOtherwise.contains(operation),
        "\(operation) is taken back by nothing, and nobody is asked")
    }
    for operation in Consequence.all.keys { #expect(Self.operations.contains(operation), "\(operation)") }
    let spanish = TenantPageSources.spanish
    for consequence in Consequence.all.values {
      for sentence in [consequence.title, consequence.sentence, consequence.button] {
        #expect(spanish[sentence] != nil, "\(sentence)")
      }
    }
  }
}
