import TenantRuntime
import Testing

@testable import Router

/// The fields that a refusal names, in the page that shows their form once more.
@Suite struct FieldMarksTests {
  private static let path = "/t/acme/do/campaigns/1"

  private func marked(
    _ html: String, _ fields: String..., sentTo path: String = path, typed: [(name: String, value: String)] = []
  ) -> String? {
    FieldMarks.marked(
      html, RefusedForm(path: path, typed: typed, refusal: .invalid("", "")),
      fields.enumerated().map { .init(field: $1, sentence: "Is <wrong>", summary: "problem-\($0)") })
  }

  private func form(_ controls: String, action: String = path) -> String {
    "<form method=\"post\" action=\"\(action)\">\(controls)</form>"
  }

  @Test func theFieldSaysThatItIsWrongAndWhyAndHasTheFocus() {
    let page = form("<input id=\"n\" name=\"name\" value=\"a&quot;&amp;\"><input autofocus name=\"other\">")
    let mark = "aria-invalid=\"true\" aria-describedby=\"wrong-problem-0\" autofocus"
    let said = "<span class=\"wrong\" id=\"wrong-problem-0\">Is &lt;wrong&gt;</span>"
    #expect(
      marked(page, "name")
        == form("<input id=\"n\" name=\"name\" value=\"a&quot;&amp;\" \(mark)>\(said)<input name=\"other\">"))
  }

  @Test func whatDescribedItBeforeStaysAndSentencesStandBehindTheWholeField() {
    let page = form("<textarea name=\"body\" aria-describedby=\"about\">Hi</textarea><select name=\"to\"></select>")
    let both = marked(page, "to", "body")
    #expect(both?.contains("aria-describedby=\"about wrong-problem-1\" autofocus>Hi</textarea><span") == true)
    #expect(both?.contains("aria-describedby=\"wrong-problem-0\"></select><span") == true)
    #expect(both?.matches(of: #/ autofocus/#).count == 1)
  }

  @Test(arguments: [
    ("budget_micros", "budget_micros:money"), ("send_at", "send_at:if=_when=at"),
    ("variants[1].body", "variants.1.body"),
    ("audience.tag", "audience:json"), ("quiet_hours", "quiet_hours.start:if=_quiet=own"),
    ("phones, line 3", "phones:lines"),
    ("slug, target", "target"),
  ])
  func aFieldIsFoundByWhatTheOperationCallsIt(_ named: String, _ name: String) {
    let page = form("<input type=\"hidden\" name=\"send_at\" value=\"\"><input name=\"else\"><input name=\"\(name)\">")
    #expect(marked(page, named)?.contains("name=\"\(name)\" aria-invalid=\"true\"") == true)
  }

  @Test func whatNobodySeesOrNobodyCanTellApartIsNotMarked() {
    #expect(marked(form("<input type=\"hidden\" name=\"purpose\" value=\"\">"), "purpose") == nil)
    #expect(marked(form("<input name=\"rule:parts\"><input name=\"rule:parts\">"), "rule.all[1].field") == nil)
    #expect(marked(form("<input name=\"name\">"), "", "body") == nil)
    #expect(marked(form("<input name=\"name\">", action: "/t/acme/do/links"), "name") == nil)
  }

  @Test func ofSeveralFormsTheOneThatWasSentIsMarked() {
    let forms = ["PATCH", "DELETE"].map {
      form("<input type=\"hidden\" name=\"_method\" value=\"\($0)\"><input name=\"name\">")
    }
    let page = marked(forms.joined(), "name", typed: [("_method", "DELETE"), ("name", "x")])
    #expect(page?.hasPrefix(forms[0]) == true && page?.contains("aria-invalid") == true)
    // By a button that sends it elsewhere, and of a field that stands outside of it.
    let outer =
      "<form id=\"f\" action=\"/t/acme/rule\"><button formaction=\"\(Self.path)\">Save</button></form>"
      + "<input form=\"f\" name=\"name\">"
    #expect(marked(outer, "name")?.contains("name=\"name\" aria-invalid=\"true\"") == true)
  }

  @Test func boxesAreDescribedFromAboveAndWhatIsFoldedAwayIsOpened() {
    let page = form("<details><summary>More</summary><label><input type=\"checkbox\" name=\"on\">On</label></details>")
    let box = marked(page, "on")
    #expect(box?.contains("<details open>") == true && box?.contains("<span") == false)
    #expect(box?.contains("aria-describedby=\"problem-0\"") == true)
    let dialog = marked("<dialog id=\"test\">" + form("<input name=\"to:words\">") + "</dialog>", "to")
    #expect(dialog?.hasPrefix("<dialog id=\"test\" open>") == true)
  }
}
