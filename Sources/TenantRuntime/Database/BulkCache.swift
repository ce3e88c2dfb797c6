import Synchronization

/// Gives a file to which much is applied the room of bulk work, and takes it back once it is quiet. A few files of the process at once, so
/// that the memory is bounded however many tenants are busy.
final class BulkCache: Sendable {
  private struct State {
    var isBusy = false
    /// Rows applied since the last look.
    var rows = 0
  }

  private static let seats = Mutex(4)
  /// So many rows together make a file busy; fewer than that within a look's time, and it is quiet.
  private static let many = 500
  private static let look = Duration.seconds(2)

  private let state = Mutex(State())

  func note(_ rows: Int, _ file: SQLiteFile) {
    let begins = state.withLock { state in
      state.rows += rows
      guard rows >= Self.many, !state.isBusy, Self.takeSeat() else { return false }
      state.isBusy = true
      return true
    }
    guard begins else { return }
    Task {
      // A file that is closed meanwhile has given everything back.
      try? await file.inBulk { while isStillBusy() { try? await Task.sleep(for: Self.look) } }
      Self.seats.withLock { $0 += 1 }
    }
  }

  private static func takeSeat() -> Bool {
    seats.withLock { free in
      guard free > 0 else { return false }
      free -= 1
      return true
    }
  }

  private func isStillBusy() -> Bool {
    state.withLock { state in
      state.isBusy = state.rows >= Self.many
      state.rows = 0
      return state.isBusy
    }
  }
}
