import Foundation
import TenantRuntime
import Testing

@Suite struct LinkHitTests {
  @Test func aHitComesBackFromTheIntakeAsItWentIn() throws {
    let hit = LinkHit(
      jobID: 7, link: 1,
      facts: HitFacts(
        method: "GET", userAgent: "Mozilla/5.0", address: "203.0.113.0/24", headers: ["accept": "*/*"], isSecure: true,
        at: Moment(milliseconds: 5)),
      context: HitContext(recipientsNearby: 4, listed: .carrier))
    #expect(try JSONDecoder().decode(LinkHit.self, from: JSONEncoder().encode(hit)) == hit)
    var read = hit
    read.context = HitContext(recipientsNearby: 4)
    #expect(IntakeEvent(stored: try IntakeEvent.hits([hit]).stored()) == .hits([read]))
  }
}
