import TenantRuntime
import TestKit
import Testing

@Suite struct SendGateTests {
  private let gate = SendGate()
  private let person = PhoneNumber(e164: "+14155550123")!
  private let number = PhoneNumber(e164: "+14155550999")!

  @Test func anOptOutIsToldOfATextThatMayBeLeaving() {
    #expect(gate.admits(phone: person, campaign: 1, number: number))
    #expect(gate.admits(phone: person, campaign: nil, number: number))
    #expect(gate.optedOut(person, id: 1))
    gate.ended(phone: person, campaign: 1, number: number)
    #expect(gate.optedOut(person, id: 2))
    gate.ended(phone: person, campaign: nil, number: number)
    #expect(!gate.optedOut(person, id: 3))
    #expect(!gate.optedOut(number, id: 4))
  }

  @Test func whatReadsAsAnOptOutIsToldToo() {
    #expect(gate.admits(phone: person, campaign: 1, number: number))
    #expect(gate.beginReview(person, id: 1))
    gate.ended(phone: person, campaign: 1, number: number)
    #expect(!gate.beginReview(person, id: 2))
    #expect(!gate.wants(phone: person, campaign: 1, number: number))
    #expect(gate.wants(phone: person, campaign: nil, number: number), "a person may still answer")
  }

  @Test func whoHasOptedOutIsNeitherAdmittedNorWanted() {
    gate.optedOut(person, id: 1)
    #expect(!gate.admits(phone: person, campaign: nil, number: number))
    #expect(!gate.wants(phone: person, campaign: nil, number: number))
    #expect(gate.inFlight == 0)
  }
}
