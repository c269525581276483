import AWSClient
import ConnectorHTTP
import ConnectorKit
import ConnectorProtocol
import Foundation

/// The target's configuration, read from the `connection` of a request.
struct Settings: ConnectorSettings, Hashable, Sendable {
  /// How disks get there.
  enum Delivery: String, Codable, CaseIterable, Sendable {
    /// Block by block into EBS snapshots.
    case ebs
    /// By S3 and VM Import.
    case `import`
  }

  static let services = ["ec2", "ebs", "s3", "sts", "sso", "pricing", "kms", "iam"]

  var region = ""
  var accessKeyId: String?
  var profile: String?
  var roleArn: String?
  var externalId: String?
  var subnetId: String?
  var securityGroupIds: [String] = []
  var keyName: String?
  var instanceType: String?
  var volumeType: VolumeType = .gp3
  var kmsKeyId: String?
  var bucket: String?
  var delivery: Delivery = .ebs
  var endpoint: String?
  var endpoints: [String: String] = [:]
  var pathStyle: Bool?
  var caFile: String?
  var proxy: String?

  /// What is wrong with it goes to `report`; the rest is read.
  init(_ connection: JSONValue, report: (Diagnostic) -> Void) {
    guard let members = connection.objectValue else {
      report(Self.problem("", "The configuration is no object."))
      return
    }
    let reader = SettingsReader(members: members)
    let texts = reader.texts(report)
    reader.checkNames(report)
    read(texts, report)
    securityGroupIds = reader.list("securityGroupIds", report)
    endpoints = reader.group("endpoints", report)
    pathStyle = reader.flag("pathStyle", report)
    for (name, value) in endpoints.sorted(by: { $0.key < $1.key }) {
      if !Self.services.contains(name) {
        report(Self.problem("endpoints/\(name)", "There is no endpoint '\(name)'.", action: "Remove it."))
      } else if !Self.isAddress(value) {
        report(Self.problem("endpoints/\(name)", "'\(value)' is no address.", action: "Write https://host:port."))
      }
    }
  }

  private mutating func read(_ texts: [String: String], _ report: (Diagnostic) -> Void) {
    accessKeyId = texts["accessKeyId"]
    profile = texts["profile"]
    externalId = texts["externalId"]
    subnetId = texts["subnetId"]
    keyName = texts["keyName"]
    instanceType = texts["instanceType"]
    kmsKeyId = texts["kmsKeyId"]
    bucket = texts["bucket"]
    region = texts["region"] ?? ""
    if region.isEmpty {
      report(Self.problem("region", "The region is missing.", action: "Set `region`, as eu-central-1."))
    } else if region.wholeMatch(of: /[a-z]{2}(-[a-z]+)+-[0-9]{1,2}/) == nil {
      report(Self.problem("region", "'\(region)' is no region's name.", action: "Write it like eu-central-1."))
    }
    if let text = texts["roleArn"] {
      roleArn = text
      if text.wholeMatch(of: /arn:aws[a-z-]*:iam::[0-9]{12}:role\/.+/) == nil {
        report(
          Self.problem(
            "roleArn", "'\(text)' is no role's ARN.", action: "Write arn:aws:iam::123456789012:role/restore."))
      }
    }
    if let text = texts["volumeType"] {
      if let value = VolumeType(rawValue: text) {
        volumeType = value
      } else {
        report(Self.choice("volumeType", text, VolumeType.allCases.map(\.rawValue)))
      }
    }
    if let text = texts["delivery"] {
      if let value = Delivery(rawValue: text) {
        delivery = value
      } else {
        report(Self.choice("delivery", text, Delivery.allCases.map(\.rawValue)))
      }
    }
    if let bucket, bucket.wholeMatch(of: /[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/) == nil {
      report(
        Self.problem("bucket", "'\(bucket)' is no bucket's name.", action: "Write its name alone, without s3://."))
    }
    if delivery == .import, bucket == nil {
      report(
        Self.problem(
          "bucket", "Delivery by S3 and VM Import needs a bucket.",
          action: "Set `bucket` to one in \(region), or use the delivery `ebs`, which needs none."))
    }
    readTransport(texts, report)
  }

  private mutating func readTransport(_ texts: [String: String], _ report: (Diagnostic) -> Void) {
    endpoint = texts["endpoint"]
    if let endpoint, !Self.isAddress(endpoint) {
      report(Self.problem("endpoint", "'\(endpoint)' is no address.", action: "Write https://host:port."))
    }
    proxy = texts["proxy"]
    if let proxy, !Self.isAddress(proxy) {
      report(Self.problem("proxy", "'\(proxy)' is no proxy's address.", action: "Write http://proxy.example.org:3128."))
    }
    caFile = texts["caFile"]
    if let caFile, !caFile.hasPrefix("/") {
      report(Self.problem("caFile", "The CA file is no absolute path.", action: "Write a path that starts with '/'."))
    }
  }

  /// An address without user, query and fragment: these would end up where secrets must not.
  private static func isAddress(_ text: String) -> Bool {
    guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else { return false }
    return ["http", "https"].contains(parts.scheme ?? "") && parts.user == nil && parts.password == nil
      && parts.query == nil && parts.fragment == nil && (parts.port.map { (1...65535).contains($0) } ?? true)
  }

  var awsEndpoints: AWSEndpoints { awsEndpoints(Self.environment) }

  /// The configuration's own addresses, then those of the environment (`EndpointVariables`).
  func awsEndpoints(_ environment: [String: String]) -> AWSEndpoints {
    // What is configured for all services goes before a variable for one.
    let variables = endpoint == nil ? EndpointVariables(environment) : nil
    let overrides = (variables?.services ?? [:]).merging(endpoints) { _, own in own }
    return AWSEndpoints(
      region: region, endpoint: endpoint ?? variables?.all, overrides: overrides, pathStyleS3: pathStyle)
  }

  var clientOptions: AWSClientOptions {
    AWSClientOptions(
      caFile: caFile, proxy: proxy.map { .url($0) } ?? .environment,
      timeouts: HTTPTimeouts(connect: .seconds(15), idle: .seconds(60)))
  }

  /// For the opening of a session, which is to say soon that nobody answers.
  var openingOptions: AWSClientOptions {
    var options = clientOptions
    options.retry = RetryPolicy(attempts: 3)
    return options
  }

  /// For what a restore can do without: asked once.
  var impatientOptions: AWSClientOptions {
    var options = clientOptions
    options.retry = RetryPolicy(attempts: 1)
    options.timeouts = HTTPTimeouts(connect: .seconds(5), idle: .seconds(10))
    return options
  }

  /// True where the connector gets new keys by itself before they expire.
  var renewsKeys: Bool { roleArn != nil || accessKeyId == nil }

  /// Where keys come from.
  ///
  /// - Throws: `configInvalid` where half of a key is there.
  func credentials(_ secrets: [String: String]) throws -> CredentialsOptions {
    let secret = secrets["/secretAccessKey"].flatMap { $0.isEmpty ? nil : $0 }
    let token = secrets["/sessionToken"].flatMap { $0.isEmpty ? nil : $0 }
    guard (accessKeyId == nil) == (secret == nil) else {
      let name = secret == nil ? "secretAccessKey" : "accessKeyId"
      let summary = "A key is incomplete: `\(name)` is missing."
      throw ConnectorError(
        .configInvalid, summary, remedy: "Set `accessKeyId` and `secretAccessKey`, or neither.", outcome: .none,
        diagnostics: [Self.problem(name, summary)])
    }
    return CredentialsOptions(
      accessKeyId: accessKeyId, secretAccessKey: secret, sessionToken: token, profile: profile, roleArn: roleArn,
      externalId: externalId, environment: Self.environment)
  }

  /// That of this process, with the user's own folder, which a host need not hand over.
  private static var environment: [String: String] {
    var environment = ProcessInfo.processInfo.environment
    if environment["HOME"] == nil { environment["HOME"] = FileManager.default.homeDirectoryForCurrentUser.path }
    return environment
  }
}
