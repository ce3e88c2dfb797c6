/// What a new owner is led through, in this order.
enum FirstStep: String, CaseIterable, Sendable { case number, people, campaign, host, team }
