import GRDB

extension DatabaseError {
  /// The schema refuses what is written: the same again is refused again. A full disk or a busy file may pass.
  var onlyRecurs: Bool { [.SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG].contains(resultCode) }

  /// Nor does SQLite take the same statement another time: one that is nested too deep, say.
  var isOfStatement: Bool { onlyRecurs || resultCode == .SQLITE_ERROR }
}
