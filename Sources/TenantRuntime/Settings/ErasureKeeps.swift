/// What an erasure leaves behind, so that the person is not texted again: the number itself, or a keyed hash of it.
enum ErasureKeeps: String, CaseIterable, Sendable { case number, hash }
