import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import TenantRuntime

extension Refusal {
  var fastPathResponse: FastPathResponse {
    let (status, headers, text) = problem
    return FastPathResponse(
      status: .init(statusCode: status.code, reasonPhrase: status.reasonPhrase),
      headers: headers.map { ($0.name.rawName, $0.value) }, body: ByteBuffer(string: text))
  }
}

extension FastPathResponse {
  /// The same, given by Hummingbird's router.
  var response: Response {
    var fields = HTTPFields()
    for (name, value) in headers { HTTPField.Name(name).map { fields[$0] = value } }
    return Response(
      status: .init(code: Int(status.code), reasonPhrase: status.reasonPhrase), headers: fields,
      body: .init(byteBuffer: body))
  }
}
