/// Every address of one tenant's API, relative to `/api/v1/tenants/KEY`, each with the permission it needs.
package enum SiteMap {
  package static let all: [Route<Runtime>] =
    ContactRoutes.all + BulkChange.routes + AudienceRoutes.all + ConsentRoutes.all + OptOutReview.routes
    + SuppressionRule.routes
    + ImportRoutes.all + CampaignRoutes.all + TemplateRoutes.all + FindRoute.all + ShortLinkRoutes.all + TestSend.routes
    + MessageRoutes.all
    + MediaFetcher.routes
    + ConversationRoutes.all
    + Reply.routes + CannedReply.routes + InboxStream.routes + EventRoutes.all
    + WebhookEndpointRoutes.all + WebhookDeliveryRoutes.all + KillSwitch.routes + BudgetRoutes.all
    + ClickRoutes.all + ReportRoutes.all + LinkCodeRoutes.all + TenantSettings.routes + SendingNumber.routes
}

extension SiteMap {
  /// Every page of one tenant that is about its file, relative to `/t/KEY`.
  package static let pages: [PageView<Runtime>] =
    HomePages.all + ContactPages.all + ImportPages.all + CampaignPages.all + InboxPages.all
    + SetupPages.all + ReportPages.all
}
