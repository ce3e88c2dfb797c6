package import TenantRuntime

extension ControlPlane {
  package struct Configuration: Sendable {
    package var data: String
    package var publicURL: String
    package var twilioAPI: String
    package var secretKey: String?
    package var redisURL: String?
    package var openFiles: Int
    /// Connections outward at once, of each of the two outbound clients.
    package var outgoing: Int
    package var shares: Shares
    /// Addresses that tenants' webhooks may reach although they are not public.
    package var webhookAllow: [Network]
    /// What the operator says of visitors' addresses.
    package var networks: Networks
    /// `ADDRESS:PORT` that is asked for TXT records; nil: the system's servers.
    package var dnsServer: String?
    /// Nil: mails go to the log.
    package var mailServer: SMTPServer?
    package var mailFrom: String
    package var sessions: SessionTimes
    /// So long rows of the platform's audit log are kept.
    package var auditDays: Int64

    package init(
      data: String, publicURL: String, twilioAPI: String, secretKey: String? = nil, redisURL: String? = nil,
      openFiles: Int = 512, outgoing: Int = 256, shares: Shares = Shares(), webhookAllow: [Network] = [],
      networks: Networks = Networks(),
      dnsServer: String? = nil, mailServer: SMTPServer? = nil, mailFrom: String = "roundhouse@localhost",
      sessions: SessionTimes = SessionTimes(), auditDays: Int64 = 730
    ) {
      (self.mailServer, self.mailFrom, self.sessions) = (mailServer, mailFrom, sessions)
      self.outgoing = outgoing
      self.shares = shares
      self.dnsServer = dnsServer
      self.auditDays = auditDays
      self.networks = networks
      self.webhookAllow = webhookAllow
      self.redisURL = redisURL
      self.data = data
      self.publicURL = publicURL
      self.twilioAPI = twilioAPI
      self.secretKey = secretKey
      self.openFiles = openFiles
    }
  }
}
