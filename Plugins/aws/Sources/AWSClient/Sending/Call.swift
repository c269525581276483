import ConnectorHTTP
import ConnectorProtocol
import Foundation

/// One request to a service, before it is signed.
struct Call: Sendable {
  var service: String
  var operation: String
  var method: String
  /// Not encoded; S3's begins with the bucket.
  var path = "/"
  var query: [(String, String)] = []
  var headers: [(String, String)] = []
  var body: AWSBody = .bytes(Data())
  var retry: AWSRetry = .standard
  var responseLimit = 32 << 20

  /// Where it goes: the base of the URL, the encoded path, and the host as it is signed and sent.
  func target(_ endpoints: AWSEndpoints) -> (base: String, path: String, host: String) {
    let (base, path) = service == "s3" ? endpoints.s3Target(path) : (endpoints.url(service: service), path)
    let host = base.range(of: "://").map { String(base[$0.upperBound...]) } ?? base
    return (base, PercentEncoding.encode(path, keepingSlashes: true), host)
  }

  /// What the signature says of the body.
  ///
  /// TLS guards what is sent, and the big bodies have checksums of their own in their headers: they are not hashed once
  /// more. Over plain http they are, where that is possible.
  func payload(secure: Bool) -> String {
    switch body {
    case .stream: return SigV4.unsignedPayload
    case .bytes(let data, let known):
      if data.isEmpty { return SigV4.emptyPayload }
      if secure, method == "PUT", service == "ebs" || service == "s3" { return SigV4.unsignedPayload }
      return SHA256.hex(known ?? checksum ?? SHA256.hash(data))
    }
  }

  /// The body's SHA-256, where its own header tells it.
  private var checksum: [UInt8]? {
    guard service == "ebs", method == "PUT",
      let text = headers.first(where: { $0.0.lowercased() == "x-amz-checksum" })?.1,
      let digest = Data(base64Encoded: text), digest.count == SHA256.byteCount
    else { return nil }
    return [UInt8](digest)
  }

  func httpBody() throws -> HTTPBody {
    switch body {
    case .bytes(let data, _): method == "GET" || method == "HEAD" ? .none : .bytes(data)
    case .stream(let length, let open): .stream(length: length, next: try open())
    }
  }
}
