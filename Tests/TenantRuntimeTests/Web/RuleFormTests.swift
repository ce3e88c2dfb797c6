import Foundation
import Testing

@testable import TenantRuntime

@Suite struct RuleFormTests {
  /// Every kind of condition, and every way to join them.
  private static let rules = [
    #"{"all":true}"#, #"{"tag":"vip"}"#, #"{"not":{"tag":"vip"}}"#, #"{"import":12}"#, #"{"not":{"id":3}}"#,
    #"{"consent":"marketing"}"#, #"{"do_not_contact":true}"#, #"{"do_not_contact":false}"#, #"{"not_texted_days":30}"#,
    #"{"clicked":7}"#, #"{"not":{"replied":7}}"#, #"{"field":"city","is":"Rome"}"#, #"{"field":"city","is_not":""}"#,
    #"{"field":"city","blank":true}"#, #"{"field":"city","blank":false}"#, #"{"not":{"field":"city","contains":"om"}}"#,
    #"{"field":"visits","more_than":"3"}"#, #"{"field":"created_at","before":"2026-11-23"}"#,
    #"{"all":[{"tag":"vip"},{"tag":"(e"}]}"#, #"{"any":[{"tag":"a"},{"not":{"tag":"b"}}]}"#,
    #"{"not":{"any":[{"tag":"a"},{"tag":"b"}]}}"#, #"{"not":{"all":[{"tag":"a"},{"tag":"b"}]}}"#,
    #"{"all":[{"tag":"a"},{"any":[{"texted":1},{"all":[{"delivered":2},{"failed":3}]}]}]}"#,
    #"{"any":[{"all":true},{"tag":"a"}]}"#,
  ]

  @Test(arguments: rules) func aRuleIsTheSameBehindItsForm(_ text: String) throws {
    let rule = try JSON(parsing: text)
    let form = try #require(RuleForm(rule))
    #expect(form.json().serialized == text)
    let sent = try #require(RuleForm(fields: Self.fields(form)))
    #expect(sent == form)
    #expect(try AudienceRule(sent.json(), at: "rule") == AudienceRule(rule, at: "rule"))
  }

  @Test(arguments: [
    #"{"not":{"not":{"tag":"a"}}}"#, #"{"not":{"do_not_contact":true}}"#, #"{"not":{"field":"a","blank":true}}"#,
  ])
  func whatIsSaidInTwoWaysMeansTheSame(_ text: String) throws {
    let form = try #require(RuleForm(try JSON(parsing: text)))
    #expect(RuleForm(form.json())?.json() == form.json())
    _ = try AudienceRule(form.json(), at: "rule")
  }

  @Test(arguments: [
    #"{"moon":1}"#, #"{"tag":{}}"#, #"{"all":[{"moon":1}]}"#, "[]", #"{"field":"a","is":null}"#, "{}",
    #"{"tag":"a","id":1}"#,
  ])
  func aShapeThatTheBuilderDoesNotKnowIsNoForm(_ text: String) throws {
    #expect(RuleForm(try JSON(parsing: text)) == nil)
  }

  @Test(arguments: [
    [], ["("], ["(", "all"], ["(", "some", ")"], ["(", "all", "-", "tag", "is", ")"], ["(", "all", ")", "-"],
    ["-", "tag", "is", "a"],
    Array(repeating: "(", count: 40).flatMap { [$0, "all"] } + Array(repeating: ")", count: 40),
  ])
  func fieldsThatAreNoRuleAreNone(_ fields: [String]) {
    #expect(RuleForm(fields: fields) == nil)
  }

  @Test func aBracketThatSomebodyTypesIsTheirText() throws {
    let form = RuleForm(.all, [.row(what: "tag", how: "is", value: ")"), .row(what: "tag", how: "is", value: "-")])
    #expect(RuleForm(fields: Self.fields(form)) == form)
  }

  @Test func buttonsAddAndTakeAwayWhereTheyStand() {
    var form = RuleForm(.all, [.row(what: "tag", how: "is", value: "a")])
    form.apply("group:")
    form.apply("row:1")
    form.apply("row:9")
    form.apply("row:0")
    form.apply("moon:1")
    #expect(form.parts.count == 2)
    guard case .group(.any, let inner) = form.parts[1] else { return #expect(Bool(false)) }
    #expect(inner.count == 2)
    form.apply("remove:1.0")
    form.apply("remove:0")
    #expect(form.parts == [.group(.any, [.row(what: "tag", how: "is", value: "")])])
  }

  @Test func whatIsNotFilledInIsNotCountedAndNotSavedInSilence() throws {
    let form = RuleForm(.all, [.row(what: "tag", how: "is", value: "a"), .row(what: "tag", how: "is", value: "")])
    #expect(form.json(isDraft: true) == ["tag": "a"])
    #expect(throws: Refusal.self) { try AudienceRule(form.json(), at: "rule") }
  }

  @Test func aFormBecomesTheRuleOfTheOperation() {
    let body = BodyDeclaration.json([Documented("name", .text), Documented("rule", .audienceRule, required: true)])
    let json = FormJSON(body, zone: .gmt, language: .en).json(
      [("name", "A")]
        + Self.fields(RuleForm(.any, [.row(what: "tag", how: "not", value: "a")])).map { ("rule:parts", $0) })
    #expect(json["rule"] == ["not": ["tag": "a"]])
  }

  @Test func aFieldThatMayBeTextOrNumberStaysAsItWasTyped() {
    let body = BodyDeclaration.json([Documented("fields", .map(Shape.fieldValue.orNull, example: "city"))])
    let json = FormJSON(body, zone: .gmt, language: .en).json([
      ("fields.a", "yes"), ("fields.b", "1"), ("fields.c", ""),
    ])
    #expect(json["fields"] == ["a": "yes", "b": "1", "c": nil])
  }

  /// As the builder's page writes them.
  private static func fields(_ form: RuleForm) -> [String] { fields(.group(form.join, form.parts)) }

  private static func fields(_ part: RuleForm.Part) -> [String] {
    switch part {
    case .row(let what, let how, let value): ["-", what, how, value]
    case .group(let join, let parts): ["(", join.rawValue] + parts.flatMap(fields) + [")"]
    }
  }
}
