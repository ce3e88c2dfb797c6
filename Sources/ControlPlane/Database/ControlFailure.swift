/// Something an operator must read: what happened and what to do.
package struct ControlFailure: Error, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}
