package enum SetupPages {
  package static let all: [PageView<Runtime>] =
    [
      PageView("links", needs: .readLinks, LinkListPage.make),
      PageView("links/new", needs: .editLinks, LinkNewPage.make),
      PageView("links/:id", needs: .readLinks, LinkReportPage.make),
      PageView("numbers", needs: .readCampaigns, NumberListPage.make),
      PageView("numbers/:number", needs: .readCampaigns, NumberReportPage.make),
      PageView("budget", needs: .readCampaigns, BudgetPage.make),
      PageView("templates", needs: .readCampaigns, TemplateListPage.make),
      PageView("templates/new", needs: .editCampaigns, TemplatePage.new),
      PageView("templates/:id", needs: .readCampaigns, TemplatePage.edit),
      PageView("settings", needs: .readSettings, SettingsPage.make),
      PageView("settings/webhooks", needs: .readSettings, WebhookListPage.make),
      PageView("settings/webhooks/new", needs: .editWebhooks, WebhookNewPage.make),
      PageView("settings/webhooks/:id", needs: .readSettings, WebhookPage.make),
      PageView("settings/webhooks/:id/deliveries/:delivery", needs: .readSettings, WebhookDeliveryPage.make),
      PageView("settings/events", needs: .readMessages, EventListPage.make),
    ] + SettingsGroup.all.map(\.view)
}

/// A lamp and its word.
struct SetupSignal: Sendable {
  let kind: String
  let word: String

  init(_ kind: String, _ word: String) { (self.kind, self.word) = (kind, word) }
}

/// A figure with what it is of.
struct SetupFigure: Sendable {
  let value: String
  let sub: String

  init(_ value: String, _ sub: String) { (self.value, self.sub) = (value, sub) }
}
