public import ConnectorHTTP
public import ConnectorProtocol
public import Foundation

/// The ways in which services are spoken to. `AWSClient` is the one that signs and sends.
///
/// Requests are sent again by themselves as `AWSRetry` says; a body is signed anew each time, with keys that are valid
/// then. Nothing thrown holds a key, a signature or a URL.
public protocol AWSAPI: Sendable {
  /// The query protocol: a form goes out, XML comes back. EC2 and STS.
  ///
  /// - Parameters:
  ///   - service: `ec2`, `sts`; also what the signature is for.
  ///   - version: `2016-11-15` for EC2, `2011-06-15` for STS.
  ///   - parameters: Wire names and values, not encoded, without `Action` and `Version`.
  /// - Returns: The root element of the answer.
  func query(
    _ service: String, _ action: String, version: String, _ parameters: [(String, String)], retry: AWSRetry
  ) async throws(AWSError) -> XMLElement

  /// JSON 1.1: `target` is what `X-Amz-Target` says. Pricing.
  func json(_ service: String, target: String, body: JSONValue) async throws(AWSError) -> JSONValue

  /// REST: EBS direct (JSON bodies) and S3 (XML bodies). Statuses of 2xx are answers, all others are thrown.
  ///
  /// - Parameters:
  ///   - path: With its leading slash, not encoded; its segments may hold anything but `/`.
  ///   - query: Names and values, not encoded; an empty value is sent as `name=`.
  ///   - headers: Besides those that signing adds.
  func rest(
    _ service: String, _ method: String, _ path: String, query: [(String, String)], headers: [(String, String)],
    body: Data, retry: AWSRetry
  ) async throws(AWSError) -> AWSResponse

  /// As above, with a body that may be a stream, or whose SHA-256 is known already.
  func rest(
    _ service: String, _ method: String, _ path: String, query: [(String, String)], headers: [(String, String)],
    body: AWSBody, retry: AWSRetry
  ) async throws(AWSError) -> AWSResponse

  /// How far the services' clock is ahead of this computer's, as the last answer's `Date` said; nil before the first.
  var clockOffset: Duration? { get }
}

extension AWSAPI {
  /// Takes a stream into memory: for what stands in for the services in tests.
  public func rest(
    _ service: String, _ method: String, _ path: String, query: [(String, String)], headers: [(String, String)],
    body: AWSBody, retry: AWSRetry
  ) async throws(AWSError) -> AWSResponse {
    let data: Data
    do {
      data = try await body.collected()
    } catch {
      throw AWSError(service: service, operation: method, code: AWSError.Codes.body, message: "\(error)")
    }
    return try await rest(service, method, path, query: query, headers: headers, body: data, retry: retry)
  }
}

/// How often a request is sent again.
public enum AWSRetry: Hashable, Sendable {
  /// Throttling, 5xx and broken connections, with back-off, for up to some minutes.
  case standard
  /// Never, but for what signing itself needs (a wrong clock, keys that expired): whoever sends many requests at once
  /// must see each refusal to slow down.
  case once
}

/// An answer of a REST service.
public struct AWSResponse: Hashable, Sendable {
  public var status: Int
  public var headers: HTTPHeaders
  public var body: Data
  public var requestId: String?

  public init(status: Int, headers: HTTPHeaders = [:], body: Data = Data(), requestId: String? = nil) {
    self.status = status
    self.headers = headers
    self.body = body
    self.requestId = requestId
  }
}
