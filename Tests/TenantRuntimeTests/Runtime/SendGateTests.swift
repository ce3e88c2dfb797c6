import TenantRuntime
import TestKit
import Testing

@Suite struct SendGateTests {
  private let gate = SendGate()
  private let person = PhoneNumber(e164: "+14155550123")!
  private let number = PhoneNumber(e164: "+14155550999")!

  private func text(_ scope: SendGate.Scopes = .marketing, cost: Int64 = 0) -> SendGate.Text {
    SendGate.Text(phone: person, number: number, campaign: scope == .direct ? nil : 1, scope: scope, cost: cost)
  }

  @Test func anOptOutIsToldOfATextThatMayBeLeaving() {
    #expect(gate.admits(text()))
    #expect(gate.admits(text(.direct)))
    #expect(gate.optedOut(person, id: 1))
    gate.ended(text())
    #expect(gate.optedOut(person, id: 2))
    gate.ended(text(.direct))
    #expect(!gate.optedOut(person, id: 3))
    #expect(!gate.optedOut(number, id: 4))
  }

  @Test func whoComesBackIsReturningUntilThatIsAppliedOrTheyHaveOptedOutOfEverythingAgain() {
    func said(_ action: Revocation.Action, _ purpose: CampaignPurpose? = nil, id: Int64) {
      _ = gate.hold(
        Revocation(
          phone: person, action: action, method: "keyword", evidence: "", purpose: purpose, at: Moment(milliseconds: id)
        ),
        id: id)
    }
    said(.optOut, id: 1)
    #expect(!gate.isReturning(person))
    said(.optIn, id: 2)
    said(.optOut, .marketing, id: 3)
    #expect(gate.isReturning(person) && gate.isHeld(person) && !gate.isReturning(number))
    gate.optedIn(person, id: 1)
    #expect(gate.isReturning(person))
    gate.optedIn(person, id: 2)
    #expect(!gate.isReturning(person))
    said(.optIn, id: 4)
    said(.optOut, id: 5)
    #expect(!gate.isReturning(person) && gate.isHeld(person))
    said(.optIn, id: 6)
    gate.opened(appliedUpTo: 6, suspended: false, killed: false)
    #expect(!gate.isReturning(person))
  }

  @Test func aCutBudgetHoldsBackATextThatIsStillConnecting() {
    let dear = text(cost: 100)
    #expect(gate.admits(dear) && gate.admits(dear))
    gate.cut(100, campaign: 1)
    #expect(!gate.isAllowed(dear), "its money is wanted back")
    gate.ended(dear)
    #expect(gate.isAllowed(dear), "one was enough")
  }

  @Test func whatReadsAsAnOptOutIsToldToo() {
    #expect(gate.admits(text()))
    #expect(gate.beginReview(person, id: 1))
    gate.ended(text())
    #expect(!gate.beginReview(person, id: 2))
    #expect(!gate.isAllowed(text()))
    #expect(gate.isAllowed(text(.direct)), "a person may still answer")
    gate.endReview(person, upTo: 1)
    #expect(!gate.isAllowed(text()), "what was decided is the first one")
    gate.endReview(person, upTo: 2)
    #expect(gate.isAllowed(text()))
  }

  @Test func whoHasOptedOutIsNeitherAdmittedNorWanted() {
    gate.optedOut(person, id: 1)
    for scope in [SendGate.Scopes.direct, .marketing, .informational] {
      #expect(!gate.admits(text(scope)))
      #expect(!gate.isAllowed(text(scope)))
      #expect(gate.reasonHeld(text(scope)) == "opted_out")
    }
    #expect(gate.inFlight == 0)
  }

  @Test(arguments: CampaignPurpose.allCases) func aRevocationOfOnePurposeHoldsThatAlone(_ purpose: CampaignPurpose) {
    let other: SendGate.Scopes = purpose == .marketing ? .informational : .marketing
    gate.optedOut(person, SendGate.Scopes(purpose), id: 5)
    #expect(!gate.admits(text(SendGate.Scopes(purpose))))
    #expect(gate.reasonHeld(text(SendGate.Scopes(purpose))) == "no_consent")
    #expect(gate.admits(text(other)))
    #expect(gate.admits(text(.direct)))
    gate.optedIn(person, .all, id: 4)
    #expect(!gate.isAllowed(text(SendGate.Scopes(purpose))), "an earlier word lifts nothing")
    gate.optedIn(person, other, id: 6)
    #expect(!gate.isAllowed(text(SendGate.Scopes(purpose))), "a word about the other purpose lifts nothing")
    gate.optedIn(person, SendGate.Scopes(purpose), id: 6)
    #expect(gate.isAllowed(text(SendGate.Scopes(purpose))))
  }

  @Test func aCutBudgetTakesBackAsMuchAsItIsOver() {
    gate.cut(250, campaign: nil)
    #expect([100, 100, 100].map { gate.admits(text(cost: $0)) } == [false, false, false])
    #expect(gate.admits(text(cost: 100)))
    gate.cut(50, campaign: 1)
    #expect(gate.admits(text(.direct, cost: 100)), "another's budget")
    #expect(!gate.admits(text(cost: 100)))
    gate.cut(50, campaign: 1)
    gate.claimed(campaigns: [1])
    #expect(gate.admits(text(cost: 100)), "a claim under the new budget has room")
  }
}
