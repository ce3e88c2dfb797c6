/// What `OperationPagesTests` cannot see by itself.
enum OperationExceptions {
  /// A page of another path shows it.
  static let shownBy: [PageOperation: String] = [
    PageOperation("GET contact-fields"): "contacts/fields",
    PageOperation("GET contacts/:/timeline"): "contacts/:id",
    PageOperation("GET consents"): "contacts/:id",
    PageOperation("GET consents/standing"): "contacts/:id",
    PageOperation("GET bulk-changes"): "contacts/changes",
    PageOperation("GET bulk-changes/:"): "contacts/changes/:id",
    PageOperation("GET audiences/:/count"): "audiences/:id",
    PageOperation("GET audiences/:/explanation"): "audiences/:id",
    PageOperation("GET do-not-contact"): "opt-outs",
    PageOperation("GET opt-out-reviews"): "opt-outs/review",
    PageOperation("GET suppression-rules"): "opt-outs/rules",
    PageOperation("GET imports/:/progress"): "imports/:id",
    PageOperation("GET campaigns/:/recipients"): "campaigns/:id/people",
    PageOperation("GET campaigns/:/report"): "campaigns/:id",
    PageOperation("GET campaigns/:/test-sends"): "campaigns/:id/tests",
    PageOperation("GET conversations"): "inbox",
    PageOperation("GET conversations/:"): "inbox/:id",
    PageOperation("GET conversations/:/messages"): "inbox/:id",
    PageOperation("GET canned-replies"): "inbox/replies",
    PageOperation("GET canned-replies/:"): "inbox/replies",
    PageOperation("GET links/:/report"): "links/:id",
    PageOperation("GET links/:/hits"): "links/:id",
    PageOperation("GET links/:/history"): "links/:id",
    PageOperation("GET links/rejudge"): "links/:id",
    PageOperation("GET reports/days"): "reports",
    PageOperation("GET reports/days.csv"): "reports",
    PageOperation("GET reports/people.csv"): "reports/people",
    PageOperation("GET reports/numbers.csv"): "reports/numbers",
    PageOperation("GET reports/links.csv"): "reports/links",
    PageOperation("GET reports/costs.csv"): "reports/costs",
    PageOperation("GET reports/campaigns"): "campaigns/compare",
    PageOperation("GET kill-switch"): "budget",
    PageOperation("GET events"): "settings/events",
    PageOperation("GET webhook-endpoints"): "settings/webhooks",
    PageOperation("GET webhook-endpoints/:"): "settings/webhooks/:id",
    PageOperation("GET webhook-endpoints/:/deliveries"): "settings/webhooks/:id",
    PageOperation("GET webhook-endpoints/event-types"): "settings/webhooks/:id",
    PageOperation("GET users/:"): "settings/team",
    PageOperation("GET hosts/:"): "settings/hosts",
    PageOperation("GET api-keys/:"): "settings/keys",
    PageOperation("GET api-keys/:", .platform): "keys",
    PageOperation("GET me", .own): "",
    PageOperation("GET me/sessions", .own): "",
  ]

  /// No page has it, for this reason.
  static let without: [PageOperation: String] = [
    PageOperation("GET messages"): "for programs that follow all texts; people read them in conversations",
    PageOperation("GET inbox/events"): "the stream that programs follow; a page has its own",
    PageOperation("POST campaigns/:/preview"): "the editor shows it while somebody writes",
    PageOperation("POST audiences/preview"): "the builder of rules counts while somebody builds",
    PageOperation("POST me/passkeys", .own): "the browser's own dialog makes one; a script sends it",
    PageOperation("POST me/passkeys/challenge", .own): "asked for by the script that makes a passkey",
    PageOperation("POST me/second-factor", .own): "the page that sets one up shows such an offer each time",
  ]

  /// Members of a body that are left to programs.
  static let unsaid: [PageOperation: Set<String>] = [
    // A campaign is named first; its draft says all the rest.
    PageOperation("POST campaigns"): [
      "budget_micros", "delivery", "exclude", "misfire", "quiet_hours", "send_at", "send_at_local", "variants",
    ],
    // The text is that of the first person of the audience.
    PageOperation("POST campaigns/:/test-sends"): ["contact_id"],
    // What is written down on a page was stated to the team.
    PageOperation("POST consents"): ["method"],
    // A canned reply stands in the field, to be changed before it is sent.
    PageOperation("POST conversations/:/messages"): ["canned_id"],
    PageOperation("POST links/rejudge"): ["since"],
    PageOperation("POST tenants", .platform): ["settings"],
  ]
}
