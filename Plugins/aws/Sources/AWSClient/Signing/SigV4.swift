import ConnectorProtocol
import Foundation

/// Amazon's signature version 4, in the `Authorization` header.
struct SigV4: Sendable {
  static let unsignedPayload = "UNSIGNED-PAYLOAD"
  static let emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

  /// Headers that proxies or libraries add or change.
  private static let unsigned: Set<String> = [
    "authorization", "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id",
  ]

  /// What is signed: a request as it will be sent.
  struct Request: Sendable {
    var method: String
    /// Name, with the port where it is not the scheme's own.
    var host: String
    /// Encoded, as in the URL.
    var path: String
    /// Not encoded.
    var query: [(String, String)]
    var headers: [(String, String)]
    /// SHA-256 of the body, hexadecimal, or `unsignedPayload`.
    var payload: String
    /// Whether the payload's hash is sent as a header too. S3 demands it.
    var sendsPayloadHash = true
  }

  /// The name that the service has in signatures.
  let service: String
  let region: String

  /// The headers to send beside those of the request, `Authorization` among them.
  func headers(_ request: Request, _ credentials: AWSCredentials, at date: Date) -> [(String, String)] {
    let time = Self.timestamp(date)
    var added = [("x-amz-date", time)]
    if request.sendsPayloadHash { added.append(("x-amz-content-sha256", request.payload)) }
    if let token = credentials.sessionToken { added.append(("x-amz-security-token", token)) }
    let (block, names) = Self.canonicalHeaders(request.headers + added + [("host", request.host)])
    let canonical = [
      request.method, canonicalPath(request.path), PercentEncoding.query(request.query), block, names,
      request.payload,
    ].joined(separator: "\n")
    let day = String(time.prefix(8))
    let scope = "\(day)/\(region)/\(service)/aws4_request"
    let toSign = "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n\(SHA256.hex(Data(canonical.utf8)))"
    let signature = SHA256.hex(HMAC.sha256(key: key(credentials, day), toSign.utf8))
    let authorization =
      "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyId)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
    return added + [("Authorization", authorization)]
  }

  private func key(_ credentials: AWSCredentials, _ day: String) -> [UInt8] {
    [day, region, service, "aws4_request"].reduce(Array("AWS4\(credentials.secretAccessKey)".utf8)) { key, part in
      HMAC.sha256(key: key, part.utf8)
    }
  }

  /// S3 takes the path as it was sent; the others encode it once more, without dot segments and empty ones.
  private func canonicalPath(_ path: String) -> String {
    guard service != "s3" else { return path.isEmpty ? "/" : path }
    var segments: [Substring] = []
    for segment in path.split(separator: "/") where segment != "." {
      if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
    }
    let last = path.hasSuffix("/") && !segments.isEmpty ? "/" : ""
    return PercentEncoding.encode("/" + segments.joined(separator: "/") + last, keepingSlashes: true)
  }

  /// `name:value` lines, each with its end, and the names.
  private static func canonicalHeaders(_ headers: [(String, String)]) -> (block: String, names: String) {
    var values: [String: [String]] = [:]
    for (name, value) in headers {
      let name = name.lowercased()
      guard !unsigned.contains(name) else { continue }
      values[name, default: []].append(value.split { $0 == " " || $0 == "\t" }.joined(separator: " "))
    }
    let names = values.keys.sorted()
    let lines = names.map { "\($0):\((values[$0] ?? []).joined(separator: ","))\n" }
    return (lines.joined(), names.joined(separator: ";"))
  }

  /// `20260102T030405Z`.
  static func timestamp(_ date: Date) -> String {
    var seconds = time_t(max(0, min(date.timeIntervalSince1970, 253_402_300_799)))
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func padded(_ value: Int32, _ width: Int = 2) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    let day = padded(parts.tm_year + 1900, 4) + padded(parts.tm_mon + 1) + padded(parts.tm_mday)
    return "\(day)T\(padded(parts.tm_hour))\(padded(parts.tm_min))\(padded(parts.tm_sec))Z"
  }
}
