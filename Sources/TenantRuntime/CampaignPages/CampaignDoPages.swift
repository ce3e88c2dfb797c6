import GRDB

/// Questions before something that cannot be taken back: the dialogs of a campaign, as pages for who has no scripts.
struct CampaignAskPage: Page {
  static let template = "campaign-ask"
  let title: String
  let id: String
  let name: String
  let sentence: String
  let action: String?
  let done: String
  let button: String
  let isStop: Bool
  let hasReason: Bool

  enum Deed: String, CaseIterable { case pause, cancel, resend, delete }

  static func view(_ deed: Deed) -> PageView<Runtime> {
    PageView("campaigns/:id/\(deed.rawValue)", needs: deed == .delete ? .editCampaigns : .launchCampaigns) { visit in
      let id = try visit.id(of: "campaign")
      let words = visit.words
      return try await visit.subject.file.read { db in
        let campaign = try Campaign.find(db, id: id)
        let figures = try CampaignFigures.read(db, campaign: id)
        return CampaignAskPage(deed, campaign, figures, words)
      }
    }
  }

  private init(_ deed: Deed, _ campaign: Campaign, _ figures: CampaignFigures, _ words: Words) {
    (id, name) = (String(campaign.id), campaign.name)
    let left = words(figures.left, one: "{0} person", many: "{0} people")
    let failed = words(figures.of(.failed, .undelivered), one: "{0} person", many: "{0} people")
    switch deed {
    case .pause:
      title = words("Pause “{0}”?", campaign.name)
      sentence = words(
        "No further text leaves within a second. {0} keep their place, and you go on whenever you like.", left)
      (action, done, button) = ("pause", "paused", words("Pause"))
    case .cancel:
      title = campaign.cancelQuestion(figures, words)
      sentence = campaign.cancelFollows(words)
      (action, done, button) = ("cancel", "cancelled", words("Cancel what is left"))
    case .resend:
      title = words("Text {0} once more?", failed)
      sentence = words(
        "Only those whose text has surely failed. Who has opted out since is left out, and each text costs as the first did."
      )
      (action, done, button) = ("resend", "resent", words("Text them again"))
    case .delete:
      title = words("Delete the draft “{0}”?", campaign.name)
      sentence = words("Nobody has been texted by it. It cannot be brought back.")
      (action, done, button) = (nil, "deleted", words("Delete the draft"))
    }
    isStop = deed == .cancel || deed == .delete
    hasReason = deed == .pause
  }
}

/// The last look before a launch, in figures.
struct CampaignLaunchPage: Page {
  static let template = "campaign-launch"
  let title: String
  let id: String
  let name: String
  let stopped: [StopNotice]
  let look: CampaignLook
  let when: String
  let hours: String
  let isMarketing: Bool
  let button: String
  /// What is said of it then.
  let done: String
  let etag: String
  /// How many the audience has now; nil: it is picked later, or too large to be counted while somebody waits.
  let peopleAtMost: String?

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    try await page(visit, try await CampaignLook.ask(visit, try visit.id(of: "campaign")))
  }

  static func page(_ visit: Visit<Runtime>, _ asked: CampaignLook.Asked) async throws -> CampaignLaunchPage {
    let (words, lease, campaign) = (visit.words, visit.subject.lease, asked.campaign)
    return try await visit.subject.file.read { db in
      let look = try CampaignLook(db, asked, visit, lease)
      let isLater = campaign.sendAt.map { $0 > words.now } ?? false
      let counted =
        isLater || !look.isReady ? nil : try AudienceCount.number(db, try campaign.people(), now: words.now)
      let stops = try CampaignStanding.stops(db, campaign).map {
        StopNotice(sentence: $0.sentence(words), detail: "", path: "\(visit.base)/numbers")
      }
      return CampaignLaunchPage(
        title: isLater
          ? words("Schedule “{0}”?", campaign.name)
          : words(look.textedCount, one: "Text {0} person now?", many: "Text {0} people now?"),
        id: String(campaign.id), name: campaign.name,
        stopped: StopNotice.all(try KillSwitch.thrown(db), visit) + stops,
        look: look,
        when: campaign.begins(words).map {
          campaign.sendAtLocal == nil ? words("{0}, {1} time", $0, words.place) : $0
        } ?? words("Right away"),
        hours: words(
          "Nobody is texted from {0} to {1} where they are.", words.clock(minutes: campaign.quiet?.start ?? 21 * 60),
          words.clock(minutes: campaign.quiet?.end ?? 8 * 60)),
        isMarketing: campaign.purpose == .marketing || campaign.quiet != nil,
        button: isLater ? words("Schedule") : words(look.textedCount, one: "Text {0} person", many: "Text {0} people"),
        done: isLater ? "scheduled" : "launched", etag: asked.tag,
        peopleAtMost: counted.flatMap { $0.isExact ? String($0.count) : nil })
    }
  }
}

extension Campaign {
  /// Of one that has not begun nobody is picked yet.
  func cancelQuestion(_ figures: CampaignFigures, _ words: Words) -> String {
    state == .scheduled
      ? words("Cancel “{0}”?", name)
      : words("Cancel “{0}” for {1}?", name, words(figures.left, one: "{0} person", many: "{0} people"))
  }

  func cancelFollows(_ words: Words) -> String {
    state == .scheduled
      ? words("It will not start, and stays on your list as cancelled. To plan it for another time, change it instead.")
      : words("They will not be texted by it any more. What has left has left. This cannot be taken back; a pause can.")
  }
}

/// A name is enough to begin.
struct CampaignNewPage: Page {
  static let template = "campaign-new"
  let title: String
  let name: String
  let audience: String?
  let audienceName: String?

  @Sendable static func make(_ visit: Visit<Runtime>) async throws -> any Page {
    let words = visit.words
    let given = visit.query("audience").flatMap { try? JSON(parsing: $0) }.flatMap {
      try? AudienceRule($0, at: "audience")
    }
    let rule = given ?? visit.query("import").flatMap(Int64.init).map(AudienceRule.imported)
    let name = try await visit.subject.file.read { db in try rule.map { try CampaignChoices(db, words).name($0) } }
    return CampaignNewPage(
      title: words("Write a campaign"), name: visit.field("name", nil), audience: rule?.json.serialized,
      audienceName: name)
  }
}
