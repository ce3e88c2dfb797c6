extension Words {
  /// What the program calls by a short name, as people say it.
  static let fieldNames: [String: String] = [
    "rate": "Segments a second", "daily_cap": "Most texts a day", "to": "Numbers", "target": "Address", "body": "Text",
    "map": "Columns", "storage_mb": "Storage in megabytes",
  ]

  static let names: [String: String] = [
    // States of campaigns.
    "draft": "Draft", "scheduled": "Scheduled", "starting": "Starting", "running": "Running", "paused": "Paused",
    "completed": "Done", "cancelled": "Cancelled",
    // States of texts.
    "queued": "Queued", "sending": "Sending", "accepted": "With the provider", "sent": "Sent", "delivered": "Delivered",
    "undelivered": "Not delivered", "failed": "Failed", "skipped": "Not texted", "deferred": "Waiting",
    "unknown": "Fate unknown",
    // Why somebody is not texted, or not yet.
    "opted_out": "Opted out", "no_consent": "No consent", "invalid_number": "Number cannot be texted",
    "bad_number": "Number cannot be texted", "quiet_hours": "Quiet hours where they are",
    "frequency_cap": "Texted too lately", "texted_within": "Texted too lately", "suppressed": "Left out by a rule",
    "budget": "Over the budget", "daily_cap": "Over what the numbers may send today", "duplicate": "In the list twice",
    "campaign_cancelled": "The campaign was cancelled", "review": "May have opted out: look at the text first",
    "contact_deleted": "No contact any more", "contact_changed": "Has another number now",
    "country": "Outside the countries you text", "content": "Nothing to say, or too long",
    "opt_out_review": "May have opted out: look at the text first",
    "hours_never_meet": "No hour of the day would do", "send_at_local": "Their clock has not come to it yet",
    "rate": "More than the numbers send in a day", "probing": "A few texts go first, after a stop",
    "brand_cap": "Over what the brand may send today", "budget_day": "Over the day’s budget",
    "budget_month": "Over the month’s budget", "quota_texts_per_month": "Over the operator’s limit of texts a month",
    "kill_switch": "All texts are stopped by the kill switch",
    "platform_kill_switch": "The operator has stopped all texts",
    "no_twilio_account": "No account with the provider yet", "fenced": "Put back from a copy: the operator decides",
    "storage_mb": "Storage in megabytes", "erased": "Erased", "no_number": "No number to text from",
    "quota": "Over the operator's quota",
    // Of events.
    "due_at": "Decide before",
    // Errors of the provider (facts of the codes that people meet).
    "error_30003": "Phone off or out of reach", "error_30004": "Blocked by the recipient or the carrier",
    "error_30005": "Number does not exist", "error_30006": "A landline, or out of the carrier's reach",
    "error_30007": "Filtered by the carrier", "error_30008": "Unknown error of the carrier",
    "error_21610": "Opted out with the provider", "error_21211": "Not a valid number",
    "error_21614": "Not a mobile number",
    // Purposes, roles, kinds.
    "marketing": "Marketing", "informational": "Information", "owner": "Owner", "admin": "Admin",
    "marketer": "Marketer", "agent": "Agent", "viewer": "Viewer", "platform": "Platform admin",
    "support": "Platform support", "active": "Active", "pausing": "Pausing", "suspended": "Suspended",
    "archived": "Archived", "damaged": "Damaged", "invited": "Invited", "checking": "Checking",
    "applying": "Importing", "undone": "Undone", "open": "Open", "closed": "Closed",
  ]
}
