public import ConnectorProtocol
public import Foundation

/// Speaks to Amazon's services, or to what answers in their place, with signatures of its own.
///
/// A value can be copied and used from any task; copies share connections, keys and what is known of the clock.
public struct AWSClient: AWSAPI {
  public let endpoints: AWSEndpoints
  private let credentials: any CredentialsSource
  private let sender: Sender

  public init(
    credentials: any CredentialsSource, endpoints: AWSEndpoints, options: AWSClientOptions = AWSClientOptions()
  ) {
    self.endpoints = endpoints
    self.credentials = credentials
    sender = Sender(endpoints, options)
  }

  public var clockOffset: Duration? { sender.clock.offset }

  public func query(
    _ service: String, _ action: String, version: String, _ parameters: [(String, String)],
    retry: AWSRetry = .standard
  ) async throws(AWSError) -> XMLElement {
    let call = Call.query(service, action, version: version, parameters, retry: retry)
    return try AWSClient.document(try await sender.send(call, credentials), call)
  }

  public func json(_ service: String, target: String, body: JSONValue) async throws(AWSError) -> JSONValue {
    let operation = target.split(separator: ".").last.map(String.init) ?? target
    var call = Call(service: service, operation: operation, method: "POST")
    call.headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)]
    do {
      call.body = .bytes(try CanonicalJSON.encode(body))
    } catch {
      throw AWSError.body("\(error)", call)
    }
    let response = try await sender.send(call, credentials)
    do {
      return try JSONDecoder().decode(JSONValue.self, from: response.body)
    } catch {
      throw .malformed(service, operation, "the answer is not JSON", status: response.status)
    }
  }

  public func rest(
    _ service: String, _ method: String, _ path: String, query: [(String, String)] = [],
    headers: [(String, String)] = [], body: Data = Data(), retry: AWSRetry = .standard
  ) async throws(AWSError) -> AWSResponse {
    try await rest(service, method, path, query: query, headers: headers, body: .bytes(body), retry: retry)
  }

  /// As above, with a body that may be a stream, or whose SHA-256 is known already.
  public func rest(
    _ service: String, _ method: String, _ path: String, query: [(String, String)] = [],
    headers: [(String, String)] = [], body: AWSBody, retry: AWSRetry = .standard
  ) async throws(AWSError) -> AWSResponse {
    let call = Call(
      service: service, operation: Call.operationName(service, method, path, query), method: method, path: path,
      query: query, headers: headers, body: body, retry: retry)
    return try await sender.send(call, credentials)
  }

  /// The root of an answer in XML.
  static func document(_ response: AWSResponse, _ call: Call) throws(AWSError) -> XMLElement {
    do {
      return try XMLReader.parse(response.body)
    } catch {
      throw .malformed(
        call.service, call.operation, "the answer is not XML that can be read: \(error)", status: response.status)
    }
  }
}

extension Call {
  static func query(
    _ service: String, _ action: String, version: String, _ parameters: [(String, String)],
    retry: AWSRetry = .standard
  ) -> Call {
    let form = PercentEncoding.form([("Action", action), ("Version", version)] + parameters)
    return Call(
      service: service, operation: action, method: "POST",
      headers: [("content-type", "application/x-www-form-urlencoded; charset=utf-8")], body: .bytes(Data(form.utf8)),
      retry: retry)
  }
}
