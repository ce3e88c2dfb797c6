package enum InboxPages {
  package static let all: [PageView<Runtime>] = [
    PageView("inbox", needs: .readMessages, live: ["talks"], InboxPage.list),
    PageView("inbox/replies", needs: .readMessages, CannedRepliesPage.make),
    PageView("inbox/new", needs: .writeMessages, NewConversationPage.make),
    PageView("inbox/:id", needs: .readMessages, live: ["talks", "texts", "stopped", "review"], InboxPage.conversation),
  ]
}
