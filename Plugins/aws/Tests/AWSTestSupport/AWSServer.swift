public import AWSClient
public import ConnectorHTTP
public import ConnectorProtocol
public import ConnectorTesting
import Foundation

/// AWS for a test, on a port of its own: moto, or the strict stand-in (`Tests/Endpoints/aws/server.py`).
///
/// Suites of the client and of the connector use it alike: `let server = try await AWSServer(.moto)`, then
/// `server.connection()` as a target's configuration, `server.read("snapshot", id)` for what boto3 sees, and
/// `server.checkRequests()` for whether all that was sent fits the models of the services. Suites that need it are
/// `.enabled(if: AWSServer.isAvailable)`.
public final class AWSServer: Sendable {
  public enum Kind: String, Sendable { case moto, strict }

  public static let region = "us-east-1"
  /// The checkout that this file is part of.
  static let root: String = {
    var url = URL(filePath: #filePath)
    while url.path != "/", !FileManager.default.fileExists(atPath: url.path + "/Tests/Endpoints/aws/server.py") {
      url.deleteLastPathComponent()
    }
    return url.path
  }()
  /// Of the test tools: with moto and boto3.
  public static let python =
    ProcessInfo.processInfo.environment["ASCEND_TEST_PYTHON"] ?? root + "/.build/test-tools/bin/python"
  public static let endpoints = root + "/Tests/Endpoints/aws"
  public static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: python) }

  public let url: String
  public let keys: AWSCredentials
  public let scratch: Scratch
  /// The server's certificate, where it speaks TLS.
  public let certificate: String?
  private let child: Child

  public init(_ kind: Kind, tls: Bool = false) async throws {
    scratch = try Scratch()
    var arguments = [Self.endpoints + "/server.py", kind.rawValue]
    if tls {
      let (cert, key) = (scratch.file("cert.pem"), scratch.file("key.pem"))
      let made = try await tool(
        "openssl",
        [
          "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=aws.test", "-addext",
          "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key, "-out", cert,
        ])
      guard made.code == 0 else { throw ChildFailure(made.error) }
      arguments += ["--certificate", cert, "--key", key]
      certificate = cert
    } else {
      certificate = nil
    }
    child = try await Child.started(Self.python, arguments, log: scratch.file("server.log"))
    let said = try JSONDecoder().decode(JSONValue.self, from: Data(child.greeting.utf8))
    guard let url = said["url"]?.stringValue, let id = said["accessKeyId"]?.stringValue,
      let secret = said["secretAccessKey"]?.stringValue
    else { throw ChildFailure("the server says \(child.greeting)") }
    self.url = url
    keys = AWSCredentials(accessKeyId: id, secretAccessKey: secret)
  }

  /// The configuration of a target here, without its secrets.
  public func connection(_ more: [String: JSONValue] = [:]) -> JSONValue {
    let members: [String: JSONValue] = [
      "region": .string(Self.region), "endpoint": .string(url), "accessKeyId": .string(keys.accessKeyId),
    ]
    return .object(members.merging(more) { _, new in new })
  }

  public var secrets: [String: String] { ["/secretAccessKey": keys.secretAccessKey] }

  public var serverEndpoints: AWSEndpoints { AWSEndpoints(region: Self.region, endpoint: url) }

  /// A client with the server's own keys.
  public func client(_ options: AWSClientOptions = AWSClientOptions(proxy: .none)) -> AWSClient {
    AWSClient(
      credentials: CredentialsChain(
        CredentialsOptions(accessKeyId: keys.accessKeyId, secretAccessKey: keys.secretAccessKey),
        endpoints: serverEndpoints, options: options), endpoints: serverEndpoints, options: options)
  }

  // MARK: Control

  /// What breaks from now on: `faults.py` tells what a rule holds.
  public func rules(_ rules: [[String: JSONValue]]) async throws {
    try await post("/-/rules", .array(rules.map { .object($0) }))
  }

  /// Settings of the stand-in: `standin/state.py` tells them.
  public func configure(_ settings: [String: JSONValue]) async throws {
    try await post("/-/config", .object(settings))
  }

  public func forgetRequests() async throws { try await post("/-/clear", .null) }

  /// What was asked so far: `service.Operation`, in order.
  public func operations() async throws -> [String] {
    try await requests().map { "\($0["service"]?.stringValue ?? "").\($0["operation"]?.stringValue ?? "")" }
  }

  /// The requests, each with its headers, body and status.
  public func requests() async throws -> [JSONValue] {
    let text = try await curl("/-/log", [])
    return try JSONDecoder().decode([JSONValue].self, from: Data(text.utf8))
  }

  /// Whether all that was sent fits botocore's models: "ok: …", or an error that tells what does not.
  @discardableResult
  public func checkRequests() async throws -> String {
    let file = scratch.file("recording.json")
    _ = try await curl("/-/log", ["--output", file])
    let result = try await tool(Self.python, [Self.endpoints + "/check_recording.py", file])
    guard result.code == 0 else { throw ChildFailure(result.output + result.error) }
    return result.output
  }

  /// What boto3 reads: `read_back.py` tells the commands.
  public func read(_ arguments: String...) async throws -> JSONValue {
    let result = try await tool(
      Self.python,
      [Self.endpoints + "/read_back.py", url, keys.accessKeyId, keys.secretAccessKey] + arguments)
    guard result.code == 0 else { throw ChildFailure(result.error) }
    return try JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8))
  }

  private func post(_ path: String, _ body: JSONValue) async throws {
    // In a file: an answer to give may be longer than an argument.
    let file = scratch.file("post-\(UUID().uuidString).json")
    try CanonicalJSON.encode(body).write(to: URL(filePath: file))
    _ = try await curl(path, ["--data-binary", "@" + file])
  }

  private func curl(_ path: String, _ more: [String]) async throws -> String {
    let trust = certificate.map { ["--cacert", $0] } ?? []
    let result = try await tool("curl", ["-sS", "--fail", "--noproxy", "*"] + trust + more + [url + path])
    guard result.code == 0 else { throw ChildFailure(result.error) }
    return result.output
  }
}
