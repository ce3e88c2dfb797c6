import TenantRuntime

/// What a page says of what was just done: the address has a code, the words are ours.
enum Toasts {
  static let words: [String: String] = [
    "saved": "Saved.", "made": "Made.", "deleted": "Deleted.",
    "launched": "Launched. Texts leave as fast as your numbers may.",
    "scheduled": "Scheduled.", "unscheduled": "A draft again. It leaves when you launch it.",
    "paused": "Paused. No further text leaves.", "resumed": "It goes on.",
    "cancelled": "Cancelled. Texts in flight will finish.", "resent": "Its failures are planned once more.",
    "copied": "Copied into a new draft.", "tested": "The test is on its way.", "imported": "Importing.",
    "stopped": "Stopping.", "undone": "Taking it back.", "opted-out": "Opted out. No further text goes there.",
    "decided": "Decided.", "replied": "Answered.", "closed": "Closed.", "opened": "Opened.", "assigned": "Assigned.",
    "invited": "Invited. The mail is on its way.", "resent-mail": "The mail is on its way again.",
    "removed": "Removed.", "moved": "Moved. What people write to it is theirs from now on.",
    "rotated": "Rotated. The old one works for a while yet.", "revoked": "Revoked.", "sent-test": "Sent.",
    "redelivered": "Sent again.", "verified": "Looked up.", "granted": "Platform staff may look in until then.",
    "switch-on": "All texts are stopped.", "switch-off": "Texts leave again.", "merged": "Merged.", "erased": "Erased.",
    "tagged": "Tagging has begun.", "deleting": "Deleting has begun.", "signed-out": "Signed out there.",
    "put-off": "Put off. It stands at the end of this page.", "taken-up": "It is asked for again.",
    "backed-up": "Copied, and read whole.", "backup-whole": "It is whole: it can be put back.",
    "kept": "Kept.", "archived": "Archived.",
    "judging": "Clicks are being judged again.", "link-off": "Disabled. It leads nowhere now.",
    "link-on": "It leads on again.",
    "number-stopped": "Stopped. No further text leaves from it.", "number-on": "Texts leave from it again.",
    "hook-on": "Switched on. What waited is sent now.", "hook-off": "Switched off. What happens now is not sent to it.",
  ]
}
