/// What a tenant's runtime must be given by the control plane: one value, replaced whole when something changes.
package struct Lease: Sendable, Equatable {
  package struct TwilioAccount: Sendable, Equatable {
    package var accountSID: String
    package var token: String

    package init(accountSID: String, token: String) {
      self.accountSID = accountSID
      self.token = token
    }
  }

  package var tenant: String
  /// Why sending is closed for the whole tenant; reading, inbox and links go on.
  package var suspended: String?
  /// Why sending is closed on the whole platform.
  package var killed: String?
  package var twilio: TwilioAccount?
  package var twilioAPI: String
  /// Base of the webhook addresses that we give to Twilio.
  package var publicURL: String
  /// Where this tenant's short links live; the first is the default. Without one, URLs in texts stay as they are.
  package var linkHosts: [String]
  package var linkKeys: LinkKeys
  package var timeZone: String
  /// Registered brands of its numbers, with their segments a day.
  package var brands: [String: Int64]
  /// What the operator lets it use at most.
  package var quotas: Quotas
  package var epoch: Int64

  package init(
    tenant: String, suspended: String? = nil, killed: String? = nil, twilio: TwilioAccount?, twilioAPI: String,
    publicURL: String,
    linkHosts: [String], linkKeys: LinkKeys, timeZone: String, brands: [String: Int64] = [:],
    quotas: Quotas = Quotas(), epoch: Int64 = 1
  ) {
    self.tenant = tenant
    self.suspended = suspended
    self.killed = killed
    self.twilio = twilio
    self.twilioAPI = twilioAPI
    self.publicURL = publicURL
    self.linkHosts = linkHosts
    self.linkKeys = linkKeys
    self.timeZone = timeZone
    self.brands = brands
    self.quotas = quotas
    self.epoch = epoch
  }
}
