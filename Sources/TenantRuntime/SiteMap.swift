/// Every address of one tenant's API, relative to `/api/v1/tenants/KEY`, each with the permission it needs.
package enum SiteMap {
  package static let all: [Route<Runtime>] =
    ContactRoutes.all + ConsentRoutes.all + ImportRoutes.all + CampaignRoutes.all + MessageRoutes.all + EventRoutes.all
    + KillSwitch.routes + SendingNumber.routes
}
