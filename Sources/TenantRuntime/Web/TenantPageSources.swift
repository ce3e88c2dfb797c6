/// The templates of a tenant's pages, by name, and the texts of other languages. Part of the program: it stays one file.
package enum TenantPageSources {
  package static let all: [String: [UInt8]] = [
    "layout": PackageResources.layout_mustache, "mark": PackageResources.mark_mustache,
    "form": PackageResources.form_mustache, "form-typed": PackageResources.form_typed_mustache,
    "plain": PackageResources.plain_mustache, "secret": PackageResources.secret_mustache,
    "pager": PackageResources.pager_mustache, "refused": PackageResources.refused_mustache,
    "confirm-it-is-you": PackageResources.confirm_it_is_you_mustache, "home": PackageResources.home_mustache,
    "contacts": PackageResources.contacts_mustache,
    "inbox": PackageResources.inbox_mustache,
    "inbox-talks": PackageResources.inbox_talks_mustache,
    "inbox-texts": PackageResources.inbox_texts_mustache,
    "inbox-review": PackageResources.inbox_review_mustache,
    "canned-replies": PackageResources.canned_replies_mustache,
    "conversation-new": PackageResources.conversation_new_mustache,
    "home-alerts": PackageResources.home_alerts_mustache,
    "home-figures": PackageResources.home_figures_mustache,
    "home-campaigns": PackageResources.home_campaigns_mustache,
    "more": PackageResources.more_mustache,
    "campaign-new": PackageResources.campaign_new_mustache,
    "campaign-edit": PackageResources.campaign_edit_mustache,
    "campaign-edit-state": PackageResources.campaign_edit_state_mustache,
    "campaign-edit-look": PackageResources.campaign_edit_look_mustache,
    "campaign-edit-forecast": PackageResources.campaign_edit_forecast_mustache,
    "campaign-edit-sum": PackageResources.campaign_edit_sum_mustache,
    "campaign-launch": PackageResources.campaign_launch_mustache,
    "campaign-ask": PackageResources.campaign_ask_mustache,
    "find": PackageResources.find_mustache, "find-found": PackageResources.find_found_mustache,
    "campaigns": PackageResources.campaigns_mustache,
    "campaign": PackageResources.campaign_mustache,
    "campaign-heading": PackageResources.campaign_heading_mustache,
    "campaign-waiting": PackageResources.campaign_waiting_mustache,
    "campaign-progress": PackageResources.campaign_progress_mustache,
    "campaign-figures": PackageResources.campaign_figures_mustache,
    "campaign-hours": PackageResources.campaign_hours_mustache,
    "campaign-tables": PackageResources.campaign_tables_mustache,
    "campaign-people": PackageResources.campaign_people_mustache,
    "campaign-compare": PackageResources.campaign_compare_mustache,
    "contact": PackageResources.contact_mustache,
    "contact-new": PackageResources.contact_new_mustache,
    "contact-fields": PackageResources.contact_fields_mustache,
    "contact-changes": PackageResources.contact_changes_mustache,
    "contact-change": PackageResources.contact_change_mustache,
    "contact-change-state": PackageResources.contact_change_state_mustache,
    "contact-merge": PackageResources.contact_merge_mustache,
    "contact-erase": PackageResources.contact_erase_mustache,
    "contact-fields-of": PackageResources.contact_fields_of_mustache,
    "audiences": PackageResources.audiences_mustache,
    "audience": PackageResources.audience_mustache,
    "audience-rules": PackageResources.audience_rules_mustache,
    "opt-outs": PackageResources.opt_outs_mustache,
    "opt-outs-review": PackageResources.opt_outs_review_mustache,
    "opt-outs-rules": PackageResources.opt_outs_rules_mustache,
    "imports": PackageResources.imports_mustache,
    "import-new": PackageResources.import_new_mustache,
    "import": PackageResources.import_mustache,
    "import-state": PackageResources.import_state_mustache,
    "import-person": PackageResources.import_person_mustache,
    "import-columns": PackageResources.import_columns_mustache,
  ]

  /// Lines of `English<TAB>Spanish`.
  package static let spanish: [String: String] = {
    var found: [String: String] = [:]
    for line in String(decoding: PackageResources.es_tsv, as: UTF8.self).split(separator: "\n") {
      let sides = line.split(separator: "\t", maxSplits: 1)
      if sides.count == 2 { found[String(sides[0])] = String(sides[1]) }
    }
    return found
  }()
}
