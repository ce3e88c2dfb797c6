package enum HomePages {
  package static let all: [PageView<Runtime>] = [
    PageView("", needs: .readCampaigns, live: ["alerts", "figures", "campaigns"], HomePage.make),
    PageView("find", needs: .readCampaigns, FindPage.make),
    PageView("more", needs: .readCampaigns) { visit in
      MorePage(title: visit.words("More"), mayRead: visit.may(.readReports))
    },
  ]
}

/// On a phone: everything that has no place at the thumb.
struct MorePage: Page {
  static let template = "more"
  let title: String
  let mayRead: Bool
}
