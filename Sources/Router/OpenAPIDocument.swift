import Crypto
import HTTPTypes
import Hummingbird
import NIOCore
import TenantRuntime

/// `GET /api/v1/openapi.json` (OpenAPI 3.1): made once of what every address says of itself.
enum OpenAPIDocument {
  static let json = document(of: SiteAddress.all.filter { $0.base != .page })
  private static let text = json.serialized
  private static let tag =
    "\"" + SHA256.hash(data: Array(text.utf8)).prefix(12).map { String($0, radix: 16) }.joined() + "\""

  static func response(to request: Request) -> Response {
    let headers: HTTPFields = [
      .contentType: "application/json; charset=utf-8", .cacheControl: "public, max-age=300", .eTag: tag,
    ]
    if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
    return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }

  static func document(of addresses: [SiteAddress]) -> JSON {
    var paths: [(String, [(String, JSON)])] = []
    for address in addresses {
      let name = path(address)
      let member = (address.operation.method.rawValue.lowercased(), operation(address))
      if let index = paths.firstIndex(where: { $0.0 == name }) {
        paths[index].1.append(member)
      } else {
        let servers = address.base == .link ? [("servers", linkServers)] : []
        paths.append((name, servers + [member]))
      }
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Roundhouse", "version": "1",
        "description":
          "Lists are pages: `limit` (at most 500), `cursor`, and `next_cursor` in the answer. Times are ISO 8601 in UTC, phones E.164 with the plus, money micros of a currency. Errors are problem documents (RFC 9457).",
      ],
      "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
      "servers": [["url": "/"]],
      "paths": .object(paths.map { ($0.0, .object($0.1)) }),
      "components": [
        "schemas": .object(schemas(addresses)), "responses": .object(Problems.responses),
        "securitySchemes": [
          "key": ["type": "http", "scheme": "bearer", "description": "An API key: `rh_…`."],
          "session": [
            "type": "apiKey", "in": "cookie", "name": "session",
            "description":
              "Of a browser that has signed in (`__Host-session` over TLS). Changes come from a page of this server, or bring `X-CSRF-Token`.",
          ],
        ],
      ],
    ]
  }

  private static let linkServers: JSON = [
    ["url": "https://{host}", "variables": ["host": ["default": "go.shop.example"]]]
  ]

  private static func path(_ address: SiteAddress) -> String {
    "/"
      + address.path.split(separator: "/").map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }.joined(
        separator: "/")
  }

  private static func operation(_ address: SiteAddress) -> JSON {
    let operation = address.operation
    var members: [(String, JSON)] = [
      ("operationId", .text(id(address))), ("summary", .text(operation.about)), ("tags", [.text(subject(address))]),
    ]
    if let needs = operation.needs {
      members += [
        (
          "description",
          .text(
            operation.also.map { "Needs the permissions `\(needs.rawValue)` and `\($0.rawValue)`." }
              ?? "Needs the permission `\(needs.rawValue)`.")
        ), ("x-permission", .text(needs.rawValue)),
        ("security", [["key": []], ["session": []]]),
      ]
    } else if address.base == .api {
      members.append(("security", [["session": []]]))
    }
    let parameters =
      pathParameters(address) + operation.query.map { parameter($0.name, "query", $0.shape, $0.isRequired) }
      + operation.headers.map { parameter($0.name, "header", $0.shape, false) }
    if !parameters.isEmpty { members.append(("parameters", .list(parameters))) }
    if let body = operation.body { members.append(("requestBody", requestBody(body))) }
    let answers = operation.answers.map { (String($0.status), answer($0)) }
    members.append(("responses", .object(answers + Problems.references(for: address))))
    return .object(members)
  }

  private static func subject(_ address: SiteAddress) -> String {
    let first = address.operation.path.split(separator: "/").first.map(String.init) ?? ""
    switch address.base {
    case .own: return first == "webhooks" ? "webhooks" : "server"
    case .link: return "link host"
    case .admin: return "admin"
    case .api, .page: return "own account"
    case .tenant: return first.split(separator: ".").first.map(String.init) ?? first
    }
  }

  private static func id(_ address: SiteAddress) -> String {
    let base = address.base == .admin ? ["admin"] : address.base == .link ? ["link_host"] : []
    let words = address.operation.path.split { "/.-".contains($0) }.map { $0.drop { $0 == ":" } }.map(String.init)
    return ([address.operation.method.rawValue.lowercased()] + base + words).joined(separator: "_")
  }

  private static func pathParameters(_ address: SiteAddress) -> [JSON] {
    address.path.split(separator: "/").filter { $0.hasPrefix(":") }.map { part in
      let name = String(part.dropFirst())
      let shape: Shape =
        switch name {
        case "id", "delivery": .id
        case "position": .count
        case "number": .phone
        case "host": .text(example: "go.shop.example")
        case "token": .text(example: "x7Kq2mPa")
        default: .text(example: "acme")
        }
      return parameter(name, "path", shape, true)
    }
  }

  private static func parameter(_ name: String, _ location: String, _ shape: Shape, _ isRequired: Bool) -> JSON {
    [
      "name": .text(name), "in": .text(location), "required": .bool(isRequired), "schema": shape.schema,
      "example": shape.example,
    ]
  }

  private static func requestBody(_ body: BodyDeclaration) -> JSON {
    [
      "required": .bool(body.isRequired),
      "content": .object(
        body.contents.map { type, shape in
          (type, ["schema": shape.schema, "example": shape.example])
        }),
    ]
  }

  private static func answer(_ answer: Answer) -> JSON {
    var members: [(String, JSON)] = [("description", .text(answer.about))]
    if let type = answer.type {
      let content: JSON = answer.shape.map { ["schema": $0.schema, "example": $0.example] } ?? [:]
      members.append(("content", .object([(type, content)])))
    }
    return .object(members)
  }

  private static func schemas(_ addresses: [SiteAddress]) -> [(String, JSON)] {
    var all: [String: JSON] = ["Problem": Problems.shape.schema]
    for operation in addresses.map(\.operation) {
      let shapes =
        operation.answers.compactMap(\.shape) + operation.query.map(\.shape)
        + (operation.body?.contents.map(\.shape) ?? [])
      for shape in shapes { all.merge(shape.components) { first, _ in first } }
    }
    return all.sorted { $0.key < $1.key }
  }
}
