package enum CampaignPages {
  package static let all: [PageView<Runtime>] =
    [
      PageView("campaigns", needs: .readCampaigns, CampaignListPage.make),
      PageView("campaigns/compare", needs: .readReports, CampaignComparePage.make),
      PageView(
        "campaigns/:id", needs: .readReports, live: ["heading", "waiting", "progress", "figures", "hours", "tables"],
        CampaignReportPage.make),
      PageView("campaigns/new", needs: .editCampaigns, CampaignNewPage.make),
      PageView("campaigns/first", needs: .launchCampaigns, CampaignFirstPage.make),
      PageView("campaigns/:id/edit", needs: .editCampaigns, CampaignEditPage.make),
      PageView("campaigns/:id/launch", needs: .launchCampaigns, CampaignLaunchPage.make),
      PageView("campaigns/:id/forecast", needs: .editCampaigns, CampaignForecastPage.make),
      PageView("campaigns/:id/people", needs: .readCampaigns, CampaignPeoplePage.make),
      PageView("campaigns/:id/replies", needs: .readMessages, CampaignRepliesPage.make),
      PageView("campaigns/:id/tests", needs: .readCampaigns, CampaignTestsPage.make),
    ] + CampaignAskPage.Deed.allCases.map(CampaignAskPage.view)
}
