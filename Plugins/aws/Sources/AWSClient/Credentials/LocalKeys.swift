import ConnectorHTTP
import ConnectorProtocol
import Foundation

/// Keys that a machine or container is given by where it runs, asked for without a signature.
struct LocalKeys: Sendable {
  var environment: [String: String]
  private let http = HTTPClient(
    HTTPClient.Configuration(
      proxy: .none, timeouts: HTTPTimeouts(connect: .seconds(1), idle: .seconds(5), total: .seconds(10)),
      connectionsPerHost: 2, http2: false))
  private static let retry = RetryPolicy(attempts: 4, base: .milliseconds(200), longest: .seconds(2))
  private static let largest = 64 << 10

  init(environment: [String: String]) {
    self.environment = environment
  }

  // MARK: Containers

  private static let containerHost = "http://169.254.170.2"
  /// Where an agent on this machine may listen without TLS.
  private static let trustedHosts: Set<String> = [
    "localhost", "127.0.0.1", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23",
  ]

  /// What the container's agent gives; nil where no variable names one.
  func container() async throws(AWSError) -> AWSCredentials? {
    let url: String
    if let path = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
      url = Self.containerHost + path
    } else if let full = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
      url = full
    } else {
      return nil
    }
    let parts = URLComponents(string: url)
    let host = (parts?.host ?? "").trimmingCharacters(in: ["[", "]"])
    guard parts?.scheme == "https" || parts?.scheme == "http" && Self.trustedHosts.contains(host) else {
      throw .credentials("container", "the agent's address must be https, or one of this machine")
    }
    var headers: HTTPHeaders = [:]
    if let token = try containerToken() { headers["Authorization"] = token }
    return try keys(try await get(url, headers, "container"), "container")
  }

  private func containerToken() throws(AWSError) -> String? {
    guard let path = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] else {
      return environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    }
    guard let data = FileManager.default.contents(atPath: path), data.count <= Self.largest else {
      throw .credentials("container", "the token file \(path) cannot be read")
    }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  // MARK: Instances

  private var instanceBase: String {
    let given = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? "http://169.254.169.254"
    return given.hasSuffix("/") ? String(given.dropLast()) : given
  }

  /// The keys of the instance's role by IMDSv2; nil where this is no instance, or one without a role.
  func instance() async throws(AWSError) -> AWSCredentials? {
    guard environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() != "true", let token = await instanceToken() else {
      return nil
    }
    let headers: HTTPHeaders = ["x-aws-ec2-metadata-token": token]
    let roles = instanceBase + "/latest/meta-data/iam/security-credentials/"
    let listed = try await get(roles, headers, "instance", missingIsEmpty: true)
    let role = String(decoding: listed, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    guard !role.isEmpty else { return nil }
    let path = PercentEncoding.encode(role.trimmingCharacters(in: .whitespaces))
    return try keys(try await get(roles + path, headers, "instance"), "instance")
  }

  /// Anything but a token means that there is no metadata service here.
  private func instanceToken() async -> String? {
    let request = HTTPRequest(
      "PUT", instanceBase + "/latest/api/token", headers: ["x-aws-ec2-metadata-token-ttl-seconds": "21600"],
      body: .bytes(Data()), responseLimit: Self.largest)
    guard let response = try? await RetryPolicy(attempts: 2, base: .milliseconds(100)).send(by: http, { _ in request }),
      response.status == 200
    else { return nil }
    let token = String(decoding: response.body, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return token.isEmpty ? nil : token
  }

  // MARK: Both

  private func get(
    _ url: String, _ headers: HTTPHeaders, _ what: String, missingIsEmpty: Bool = false
  ) async throws(AWSError) -> Data {
    do {
      let response = try await Self.retry.send(by: http) { _ in
        HTTPRequest("GET", url, headers: headers, responseLimit: Self.largest)
      }
      if response.status == 404, missingIsEmpty { return Data() }
      guard response.status == 200 else {
        throw AWSError.credentials(what, "the answer has HTTP status \(response.status)", status: response.status)
      }
      return response.body
    } catch let error as AWSError {
      throw error
    } catch is CancellationError {
      throw AWSError(
        service: "credentials", operation: what, code: AWSError.Codes.cancelled, message: "it was cancelled")
    } catch {
      throw .credentials(what, "\(error)")
    }
  }

  /// The instance's metadata service tells errors with status 200, in `Code` and `Message`.
  private func keys(_ body: Data, _ what: String) throws(AWSError) -> AWSCredentials {
    let said = try? JSONDecoder().decode(JSONValue.self, from: body)
    if let code = said?["Code"]?.stringValue, code != "Success" {
      throw .credentials(what, "it says \(code.prefix(100)): \((said?["Message"]?.stringValue ?? "").prefix(300))")
    }
    guard let id = said?["AccessKeyId"]?.stringValue, let secret = said?["SecretAccessKey"]?.stringValue,
      !id.isEmpty, !secret.isEmpty
    else { throw .malformed("credentials", what, "the answer holds no keys") }
    return AWSCredentials(
      accessKeyId: id, secretAccessKey: secret, sessionToken: said?["Token"]?.stringValue,
      expiresAt: said?["Expiration"]?.stringValue.flatMap(ServiceTime.parse))
  }
}
