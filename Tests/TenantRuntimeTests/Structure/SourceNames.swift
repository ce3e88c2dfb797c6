/// Which names a source file declares and which it uses.
struct SourceNames {
  struct Member: Hashable {
    var owner: String
    var name: String
    /// Declared in `extension OWNER`, not in the type itself.
    var isInExtension: Bool
  }
  struct Use: Hashable {
    var name: String
    var isAfterDot: Bool
    /// The type or extension it stands in.
    var scope: String?
  }

  /// Types, functions and variables at the top level.
  private(set) var topLevel: Set<String> = []
  private(set) var members: Set<Member> = []
  private(set) var uses: Set<Use> = []

  private enum Scope {
    case type(String)
    case extended(String)
    case body

    var name: String? {
      switch self {
      case .type(let name), .extended(let name): name
      case .body: nil
      }
    }
  }

  private var scopes: [Scope] = []
  private var next: Scope?

  private static let types: Set<String> = ["struct", "class", "enum", "actor", "protocol", "typealias"]
  private static let values: Set<String> = ["func", "var", "let"]

  init(_ source: String) {
    let tokens = SwiftTokens(source).all
    var declared: Set<Int> = []
    for index in tokens.indices {
      let token = tokens[index]
      let before = index > 0 ? tokens[index - 1] : ""
      let after = index + 1 < tokens.count ? tokens[index + 1] : ""
      if mayDeclare, before != "." {
        if Self.types.contains(token), Self.isName(after), !(token == "class" && Self.values.contains(after)) {
          declare(after)
          declared.insert(index + 1)
          if token != "typealias" { next = .type(after) }
        } else if token == "extension", Self.isName(after) {
          next = .extended(after)
        } else if Self.values.contains(token), Self.isName(after) {
          declare(after)
          declared.insert(index + 1)
          next = nil
        } else if token == "case", !scopes.isEmpty {
          declared.formUnion(cases(tokens, from: index + 1))
        }
      }
      switch token {
      case "{":
        scopes.append(next ?? .body)
        next = nil
      case "}":
        _ = scopes.popLast()
        next = nil
      default:
        let isLabel = after == ":" && (before == "(" || before == ",")
        if Self.isName(token), !declared.contains(index), !isLabel {
          uses.insert(
            Use(name: token, isAfterDot: before == ".", scope: scopes.lazy.reversed().compactMap(\.name).first))
        }
      }
    }
  }

  private var mayDeclare: Bool {
    guard let last = scopes.last else { return true }
    return last.name != nil
  }

  private mutating func declare(_ name: String) {
    switch scopes.last {
    case nil: topLevel.insert(name)
    case .type(let owner)?: members.insert(Member(owner: owner, name: name, isInExtension: false))
    case .extended(let owner)?: members.insert(Member(owner: owner, name: name, isInExtension: true))
    case .body?: break
    }
  }

  /// `case one, two(Int), three = 3`: the places of the names.
  private mutating func cases(_ tokens: [String], from start: Int) -> Set<Int> {
    var (names, depth, isName): (Set<Int>, Int, Bool) = ([], 0, true)
    for index in start..<tokens.count {
      let token = tokens[index]
      switch token {
      case "(", "[", "<": depth += 1
      case ")", "]", ">": depth -= 1
      case "," where depth == 0: isName = true
      case "{", "}": return names
      default:
        guard depth == 0, Self.isName(token) else { continue }
        guard isName else { return names }
        declare(token)
        names.insert(index)
        isName = false
      }
    }
    return names
  }

  private static func isName(_ token: String) -> Bool {
    guard let first = token.utf8.first else { return false }
    return (first | 0x20) &- 97 < 26 || first == UInt8(ascii: "_") || first >= 0x80
  }
}
