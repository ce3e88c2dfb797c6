extension Shape {
  static let doNotContact = named(
    "DoNotContact",
    object(["phone": phone, "reason": text(example: "keyword"), "source": text, "since": moment]))

  static let consent = named(
    "Consent",
    object([
      "phone": phone, "no": count, "at": moment, "action": choice(["grant", "revoke"]),
      "purpose": choice(CampaignPurpose.self).orNull, "channel": choice(["sms"]), "method": text(example: "staff"),
      "evidence": text(example: "Signed the form").orNull, "source": text(example: "shop").orNull,
      "import_id": id.orNull, "actor": text(example: "key:rh_0123456789ab").orNull,
      "address": text(example: "203.0.113.7").orNull,
      "states_consent": bool.about("False: an import brought the number and says nothing of consent."),
    ]))

  static let consentStanding = named(
    "ConsentStanding",
    object([
      "phone": phone, "on": moment, "purpose": choice(CampaignPurpose.self), "allowed": bool,
      "standing": choice(["granted", "revoked", "silent"]),
      "why": text(example: "the last statement before that date is a grant"), "statement": consent.orNull,
      "do_not_contact_now": doNotContact.orNull,
    ]))

  static let optOutsAdded = named(
    "OptOutsAdded",
    object([
      "numbers": count, "added": int, "invalid": count,
      "errors": list(
        object([
          "field": text(example: "phones"), "row": count, "value": text(example: "12"),
          "message": text(example: "is too short"),
        ])),
    ]))

  static let optOutReview = named(
    "OptOutReview",
    object([
      "id": id, "phone": phone, "rule": text(example: "stop-texting"), "text": text(example: "please stop texting me"),
      "message_id": id.orNull, "at": moment, "due_at": moment, "decided_at": moment.orNull,
      "decided_by": text(example: "key:rh_0123456789ab").orNull, "opted_out": bool.orNull,
    ]))

}
