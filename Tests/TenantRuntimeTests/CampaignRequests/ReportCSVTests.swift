import TenantRuntime
import Testing

@Suite struct ReportCSVTests {
  @Test func everyFigureIsALine() {
    let report: JSON = [
      "counts": ["audience": 2, "sent": 1], "replies": 3, "skipped_reasons": .object([]),
      "by_number": [["number": "+14155550100", "sent": 1]],
      "by_variant": [["variant": "=A", "audience": 1, "clicks": ["human": 4, "bot": 0]]],
      "by_link": [["link_id": 7, "variant": nil, "target": "https://a.test/?x=1,2"]],
    ]
    #expect(
      Report.csv(report).split(separator: "\r\n") == [
        "section,key,figure,value", "counts,,audience,2", "counts,,sent,1", "totals,,replies,3",
        "by_number,+14155550100,sent,1", "by_variant,'=A,audience,1", "by_variant,'=A,clicks.human,4",
        "by_variant,'=A,clicks.bot,0", "by_link,7,variant,", "by_link,7,target,\"https://a.test/?x=1,2\"",
      ])
  }
}
