package enum ContactPages {
  package static let all: [PageView<Runtime>] = [
    PageView("contacts", needs: .readContacts, ContactListPage.make)
  ]
}
