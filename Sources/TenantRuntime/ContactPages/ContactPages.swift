package enum ContactPages {
  package static let all: [PageView<Runtime>] = [
    PageView("contacts", needs: .readContacts, ContactListPage.make),
    PageView("contacts/new", needs: .editContacts, ContactNewPage.make),
    PageView("contacts/fields", needs: .readContacts, ContactFieldsPage.make),
    PageView("contacts/changes", needs: .readContacts, BulkChangesPage.make),
    PageView("contacts/changes/:id", needs: .readContacts, live: ["state"], BulkChangePage.make),
    PageView("contacts/:id", needs: .readContacts, ContactPage.make),
    PageView("contacts/:id/merge", needs: .editContacts, ContactMergePage.make),
    PageView("contacts/:id/erase", needs: .editContacts, ContactErasePage.make),
    PageView("audiences", needs: .readContacts, AudienceListPage.make),
    PageView("audiences/new", needs: .readContacts, AudiencePage.new),
    PageView("audiences/:id", needs: .readContacts, AudiencePage.saved),
    PageView("opt-outs", needs: .readContacts, OptOutListPage.make),
    PageView("opt-outs/review", needs: .readMessages, OptOutReviewPage.make),
    PageView("opt-outs/rules", needs: .readCampaigns, SuppressionPage.make),
  ]
}
