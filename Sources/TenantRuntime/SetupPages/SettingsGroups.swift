extension SettingsGroup {
  private static let fresh = TenantSettings()

  static let general = SettingsGroup(
    path: "settings/general", name: "General", about: "Whom you text, and what makes a launch ask once more"
  ) { form in
    let (words, settings) = (form.words, form.settings)
    return [
      SettingSection(
        id: "who", title: words("Whom you text"), about: "",
        fields: [
          form.flag(
            "require_consent", "Text only those whose consent is on record",
            "Without it, whoever was imported counts as having agreed: the import attests it.",
            kept: settings.requireConsent),
          form.line(
            "countries:words?", "Countries, by calling code",
            "With commas between: 1 for the United States and Canada, 44 for Great Britain. Nobody else is texted.",
            kept: settings.countries?.joined(separator: ", "), standard: words("all of them"), placeholder: "1, 44"),
        ]),
      SettingSection(
        id: "launch", title: words("Campaigns"), about: "",
        fields: [
          form.number(
            "confirm_launch_above", "Ask who launches to more people than",
            "They show once more that it is them, by password or second factor. Changing it asks for the same.",
            kept: settings.confirmLaunchAbove, standard: nil, none: "nobody is asked"),
          form.flag(
            "plain_characters", "Plain characters in texts",
            "Curly quotes, dashes and dots that make a text cost more segments go out as their plain look-alikes.",
            kept: settings.plainCharacters),
        ]),
    ]
  }

  static let hours = SettingsGroup(
    path: "settings/hours", name: "Hours", about: "When nobody is texted, by the clock where each person is"
  ) { form in
    let words = form.words
    let window = form.members["texting_hours"]
    let isOwn = window?["start"]?.text != nil
    let off = form.list("days_off")
    let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    let dates = off.filter { !weekdays.contains($0) }
    return [
      SettingSection(
        id: "hours", title: words("Hours of the day"),
        about: words(
          "They only ever tighten: what the law closes for marketing stays closed, and so do a campaign’s quiet hours."),
        fields: [
          form.select(
            "_hours", "Texts leave", "By the clock of whoever is texted.", kept: isOwn ? "own" : "any",
            [("any", "at any hour that law and campaign allow"), ("own", "only between these times")],
            standard: words("at any hour that law and campaign allow"), isStandardNamed: false),
          form.time("texting_hours.start:if=_hours=own", "From", kept: window?["start"]?.text),
          form.time("texting_hours.end:if=_hours=own", "Until", kept: window?["end"]?.text),
        ], hidden: [.init(name: "texting_hours:if=_hours=any", value: "")]),
      SettingSection(
        id: "days", title: words("Days off"), about: words("By the calendar of whoever is texted."),
        fields: [
          form.checks(
            "days_off", "Every week on", "", kept: off, weekdays.map { ($0, $0.capitalizedFirst) },
            standard: words("none")),
          form.area(
            "days_off:words?", "Dates", "One a line, as 2026-12-25.",
            kept: dates.joined(separator: "\n"), standard: words("none"), placeholder: "2026-12-25"),
        ]),
    ]
  }

  static let sending = SettingsGroup(
    path: "settings/sending", name: "Warm-up and breaker",
    about: "How fast a new number climbs, and what stops a campaign by itself"
  ) { form in
    let (words, breaker, usual) = (form.words, form.settings.breaker, fresh.breaker)
    func limit(_ name: String, _ label: String, _ about: String, _ value: KeyPath<BreakerLimits, Int64>) -> SettingField
    {
      form.number(
        "circuit_breaker.\(name)", label, about, kept: breaker[keyPath: value], standard: usual[keyPath: value])
    }
    return [
      SettingSection(
        id: "warm-up", title: words("Warm-up of new numbers"),
        about: words("Texts on each day of use. Behind the last step the number’s own limit counts."),
        fields: [
          form.line(
            "warm_up_ladder:words?", "Texts a day, step by step",
            "With commas between, none smaller than the one before.",
            kept: form.settings.warmUpLadder.map { $0.map(String.init).joined(separator: ", ") },
            standard: WarmUp.ladder.map(String.init).joined(separator: ", "),
            placeholder: WarmUp.ladder.map(String.init).joined(separator: ", "))
        ]),
      SettingSection(
        id: "breaker", title: words("Circuit breaker"),
        about: words(
          "It stops a campaign or a number by itself, and says so. A person lets it go on, a few texts first."),
        fields: [
          limit("error_percent", "Failed texts, per cent", "Of texts whose fate is known.", \.errorPercent),
          limit("opt_out_percent", "Opt-outs, per cent", "Of texts that were delivered.", \.optOutPercent),
          limit("least_texts", "Not before so many texts", "Fewer say nothing.", \.leastTexts),
          limit("minutes", "Within the last minutes", "What came before is forgotten.", \.minutes),
          limit("probes", "Texts that go first afterwards", "Until their fate is known, no others leave.", \.probes),
          limit("probe_seconds", "Seconds that their fate is waited for", "Then the others go on.", \.probeSeconds),
        ]),
    ]
  }

  static let prices = SettingsGroup(
    path: "settings/prices", name: "Prices and alerts",
    about: "What is reserved for a segment until the provider says its own price, and when the budget warns"
  ) { form in
    let words = form.words
    let asked = form.visit.query("code").map { String($0.filter(\.isNumber).prefix(7)) }.flatMap {
      $0.isEmpty ? nil : $0
    }
    let known = form.settings.prices.own
    // The default's own field stands first, and whatever was asked for last.
    var codes = known.keys.sorted()
    if !codes.contains("1") { codes.insert("1", at: 0) }
    if let asked, !codes.contains(asked) { codes.append(asked) }
    return [
      SettingSection(
        id: "prices", title: words("Price of a segment, in dollars"),
        about: words(
          "The longest calling code that a number begins with decides. An empty field takes the price away."),
        fields: codes.map { code in
          let standard = PriceTable.isCode(code) && code == "1" ? PriceTable.unitedStates : PriceTable.elsewhere
          return form.line(
            "prices.\(code):money", "+\(code)", code == "1" ? "United States and Canada" : "Numbers that begin with it",
            kept: known[code].map { words.moneyField($0) }, standard: words.money(standard), mode: "decimal",
            placeholder: words.moneyField(standard))
        }),
      SettingSection(
        id: "alerts", title: words("Alerts"), about: "",
        fields: [
          form.line(
            "budget_alerts:words?", "Tell when so many per cent are used",
            "Of the day’s and of the month’s limit, each told once. With commas between.",
            kept: form.settings.budgetAlerts == fresh.budgetAlerts
              ? nil : form.list("budget_alerts").joined(separator: ", "),
            standard: fresh.budgetAlerts.map(String.init).joined(separator: ", "),
            placeholder: fresh.budgetAlerts.map(String.init).joined(separator: ", "))
        ]),
    ]
  }

  static let words = SettingsGroup(
    path: "settings/words", name: "Words", about: "What people write to leave, to come back, and to ask who you are"
  ) { form in
    let words = form.words
    func own(_ member: String, _ label: String, _ about: String, _ example: String) -> SettingField {
      form.area(
        "\(member):words?", label, about, kept: form.list(member).joined(separator: "\n"),
        standard: words("none beside the usual ones"), placeholder: example)
    }
    return [
      SettingSection(
        id: "words", title: words("Keywords"),
        about: words(
          "STOP, UNSUBSCRIBE, CANCEL, END, QUIT and their like always count, and so do START and HELP. Yours come beside them: one a line."
        ),
        fields: [
          form.checks(
            "languages", "Also the usual words of", "", kept: form.settings.languages,
            KeywordWords.languages.sorted().map { ($0, Self.languageNames[$0] ?? $0) }, standard: words("English alone")
          ),
          own("stop_words", "Words that opt out", "A word that is listed twice is a stop.", "leave me alone"),
          own("start_words", "Words that come back", "They count as consent.", "count me in"),
          own("help_words", "Words that ask for help", "They are answered by the text below.", "who is this"),
        ]),
      SettingSection(
        id: "help", title: words("Answer to HELP"), about: "",
        fields: [
          form.area(
            "help_text", "Who you are, and how to reach you", "The same to everybody: no merge fields.",
            kept: form.settings.helpText, standard: words("the provider answers"),
            placeholder: "Marlow Bikes: call 555 0123. Reply STOP to opt out.")
        ]),
    ]
  }

  private static let languageNames = [
    "de": "German", "es": "Spanish", "fr": "French", "it": "Italian", "nl": "Dutch", "pl": "Polish",
    "pt": "Portuguese", "sv": "Swedish", "da": "Danish", "no": "Norwegian", "fi": "Finnish", "tl": "Tagalog",
    "vi": "Vietnamese", "ht": "Haitian Creole", "ru": "Russian", "zh": "Chinese", "ar": "Arabic", "ko": "Korean",
    "ja": "Japanese", "tr": "Turkish", "cs": "Czech", "ro": "Romanian", "hu": "Hungarian", "el": "Greek",
    "uk": "Ukrainian", "nb": "Norwegian", "fil": "Filipino",
  ]

  static let linkPage = SettingsGroup(
    path: "settings/link-page", name: "Links",
    about: "Where short links may lead, what they add, and the page of a dead one"
  ) { form in
    let words = form.words
    let utm = form.settings.links.utm
    let page = form.settings.links.page
    func flag(_ name: String, _ label: String, _ about: String, _ isOn: Bool) -> SettingField {
      form.select(
        "utm.\(name):if=_utm=on", label, about, kept: isOn ? "true" : "false", [("true", "Yes"), ("false", "No")])
    }
    return [
      SettingSection(
        id: "targets", title: words("Where links may lead"), about: "",
        fields: [
          form.area(
            "link_target_hosts:lines?", "Hosts",
            "One a line; *.shop.example is every host below it. A link elsewhere is refused when it is written.",
            kept: form.settings.links.targetHosts?.joined(separator: "\n"), standard: words("anywhere"),
            placeholder: "*.shop.example")
        ]),
      SettingSection(
        id: "utm", title: words("What links add for web analytics"),
        about: words("A parameter that the address has already stays as it is."),
        fields: [
          form.select(
            "_utm", "Parameters", "", kept: utm == nil ? "off" : "on",
            [("off", "nothing is added"), ("on", "these are added")], standard: words("nothing is added"),
            isStandardNamed: false),
          form.line(
            "utm.source:if=_utm=on", "utm_source", "Where visitors come from.", kept: utm?.source,
            standard: words("not added"), placeholder: "sms"),
          form.line(
            "utm.medium:if=_utm=on", "utm_medium", "By what means.", kept: utm?.medium, standard: words("not added"),
            placeholder: "text"),
          flag("campaign", "utm_campaign", "The campaign’s name.", utm?.campaign ?? true),
          flag("content", "utm_content", "The variant’s name.", utm?.content ?? true),
        ], hidden: [.init(name: "utm:if=_utm=off", value: "")]),
      SettingSection(
        id: "page", title: words("The page of a link that leads nowhere"),
        about: words("It stands where a link is disabled, expired, or never was."),
        fields: [
          form.line(
            "link_page.name", "Name on it", "", kept: page.name, standard: words("none"), placeholder: "Marlow Bikes"),
          form.line(
            "link_page.color", "Colour", "As #1a73e8.", kept: page.color, standard: words("the product’s own"),
            placeholder: "#1a73e8"),
          form.area(
            "link_page.text", "What it says", "", kept: page.text, standard: words("that the link leads nowhere")),
        ]),
    ]
  }

  static let retention = SettingsGroup(
    path: "settings/retention", name: "Retention and privacy", about: "What is kept of people, and for how long"
  ) { form in
    let (words, settings) = (form.words, form.settings)
    return [
      SettingSection(
        id: "kept", title: words("What is kept, and for how long"), about: words("In days. Figures stay."),
        fields: [
          form.number(
            "link_hit_days", "Single clicks", "Their time, client and address; a click’s count stays.",
            kept: settings.linkHitDays, standard: fresh.linkHitDays),
          form.number(
            "audit_days", "Audit log", "Who changed what. At least 30.", kept: settings.auditDays,
            standard: fresh.auditDays),
        ]),
      SettingSection(
        id: "privacy", title: words("Privacy"), about: "",
        fields: [
          form.select(
            "link_addresses", "A visitor’s address is kept", "Truncated is enough to tell bots by their network.",
            kept: settings.linkAddresses.rawValue,
            [("truncated", "truncated to its network"), ("full", "as it is"), ("hashed", "as a keyed hash")]),
          form.select(
            "erasure_keeps", "Of an erased person is kept",
            "So that somebody who left, and was erased, is not texted again by the next import.",
            kept: settings.erasureKeeps.rawValue,
            [("number", "the number alone, on the do-not-contact list"), ("hash", "a keyed hash of the number")]),
        ]),
    ]
  }
}
