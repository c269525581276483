import AWSTestSupport
import ConnectorHTTP
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import AWSClient

/// The order of search, against a service that knows what each key may do.
@Suite(.enabled(if: AWSServer.isAvailable), .serialized) struct CredentialsChainTests {
  static let role = "arn:aws:iam::123456789012:role/restore"

  private func chain(
    _ server: AWSServer, _ environment: [String: String], _ change: (inout CredentialsOptions) -> Void = { _ in }
  ) -> CredentialsChain {
    var options = CredentialsOptions(
      environment: ["HOME": "/nonexistent", "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url].merging(environment) {
        _, new in new
      })
    change(&options)
    return CredentialsChain(
      options, endpoints: server.serverEndpoints,
      options: AWSClientOptions(proxy: .none, retry: .init(attempts: 2, base: .milliseconds(10))))
  }

  private func identity(_ server: AWSServer, _ source: any CredentialsSource) async throws -> String {
    let client = AWSClient(
      credentials: source, endpoints: server.serverEndpoints, options: AWSClientOptions(proxy: .none))
    let root = try await client.query("sts", "GetCallerIdentity", version: "2011-06-15", [])
    return try #require(root.string("GetCallerIdentityResult/Arn"))
  }

  /// Every source in turn, each with all that come after it there too.
  @Test func theOrderIsTheUsualOne() async throws {
    let server = try await AWSServer(.strict)
    let token = try server.scratch.write("token", "a-web-identity-token\n")
    let credentials = try server.scratch.write(
      "credentials", "[default]\naws_access_key_id = FROMPROFILE\naws_secret_access_key = s\n")
    var environment = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + "/v2/credentials"]
    let ids = { (change: (inout CredentialsOptions) -> Void) in
      try await self.chain(server, environment, change).credentials().accessKeyId
    }
    // The container; the instance only without it.
    try await server.configure(["containerToken": "agent-token"])
    await #expect(throws: AWSError.self) { _ = try await ids { _ in } }
    environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "agent-token"
    #expect(try await identity(server, chain(server, environment)).hasSuffix("assumed-role/machine"))
    #expect(try await server.operations().allSatisfy { !$0.hasPrefix("local.") || $0 == "local." })
    // Web identity goes before it.
    environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = token
    environment["AWS_ROLE_ARN"] = Self.role
    try await server.forgetRequests()
    _ = try await ids { _ in }
    #expect(try await server.operations() == ["sts.AssumeRoleWithWebIdentity"])
    environment["AWS_SHARED_CREDENTIALS_FILE"] = credentials
    #expect(try await ids { _ in } == "FROMPROFILE")
    environment["AWS_ACCESS_KEY_ID"] = "FROMENVIRONMENT"
    environment["AWS_SECRET_ACCESS_KEY"] = "s"
    #expect(try await ids { _ in } == "FROMENVIRONMENT")
    // A profile that is named goes before the environment, and what is given before everything.
    #expect(try await ids { $0.profile = "default" } == "FROMPROFILE")
    let given = try await ids {
      $0.accessKeyId = "GIVEN"
      $0.secretAccessKey = "s"
      $0.profile = "default"
    }
    #expect(given == "GIVEN")
  }

  @Test func theInstanceIsAskedByVersionTwo() async throws {
    let server = try await AWSServer(.strict)
    let keys = try await chain(server, [:]).credentials()
    #expect(keys.sessionToken != nil)
    #expect((keys.expiresAt?.timeIntervalSinceNow ?? 0) > 3000)
    #expect(try await identity(server, chain(server, [:])).hasSuffix("assumed-role/machine"))
    // No role, no service, or not allowed to ask: there are no keys.
    try await server.configure(["role": .null])
    await #expect(throws: AWSError.self) { try await chain(server, [:]).credentials() }
    try await server.configure(["role": "machine", "metadata": false])
    await #expect(throws: AWSError.self) { try await chain(server, [:]).credentials() }
    try await server.configure(["metadata": true])
    let disabled = chain(server, ["AWS_EC2_METADATA_DISABLED": "true"])
    let error = await #expect(throws: AWSError.self) { try await disabled.credentials() }
    #expect(error?.code == AWSError.Codes.noCredentials)
  }

  @Test func rolesAreAssumed() async throws {
    let server = try await AWSServer(.strict)
    try await server.configure(["externalId": "of the customer"])
    let explicit: (inout CredentialsOptions) -> Void = {
      $0.accessKeyId = server.keys.accessKeyId
      $0.secretAccessKey = server.keys.secretAccessKey
      $0.roleArn = Self.role
    }
    let refused = await #expect(throws: AWSError.self) { try await chain(server, [:], explicit).credentials() }
    #expect(refused?.code == "AccessDenied")
    let assumed = chain(server, [:]) {
      explicit(&$0)
      $0.externalId = "of the customer"
      $0.roleSessionName = "job / 7"
    }
    #expect(try await identity(server, assumed).contains("assumed-role"))
    // By profiles: one has the keys, another the role.
    let config = try server.scratch.write(
      "config",
      """
      [profile keys]
      aws_access_key_id = \(server.keys.accessKeyId)
      aws_secret_access_key = \(server.keys.secretAccessKey)
      [profile role]
      role_arn = \(Self.role)
      external_id = of the customer
      source_profile = keys
      [profile round]
      role_arn = \(Self.role)
      source_profile = trip
      [profile trip]
      role_arn = \(Self.role)
      source_profile = round
      [profile sso]
      sso_session = company
      sso_account_id = 123456789012
      sso_role_name = restore
      """)
    let environment = ["AWS_CONFIG_FILE": config]
    #expect(try await identity(server, chain(server, environment) { $0.profile = "role" }).contains("assumed-role"))
    for (name, word) in [("none", "no profile 'none'"), ("round", "refer to each other"), ("sso", "lacks")] {
      let error = await #expect(throws: AWSError.self) {
        try await chain(server, environment) { $0.profile = name }.credentials()
      }
      #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
      #expect(error?.code == AWSError.Codes.noCredentials)
    }
    try await server.checkRequests()
  }

  /// Keys of four seconds: requests go on for longer, with others.
  @Test func keysAreRenewedWhileRequestsGoOn() async throws {
    let server = try await AWSServer(.strict)
    try await server.configure(["sessionSeconds": 4])
    let client = AWSClient(
      credentials: chain(server, [:]) {
        $0.accessKeyId = server.keys.accessKeyId
        $0.secretAccessKey = server.keys.secretAccessKey
        $0.roleArn = Self.role
      }, endpoints: server.serverEndpoints, options: AWSClientOptions(proxy: .none))
    let begin = ContinuousClock.now
    var roles = 0
    while roles < 3, .now - begin < .seconds(60) {
      _ = try await client.query("ec2", "DescribeRegions", version: "2016-11-15", [])
      try await Task.sleep(for: .milliseconds(150))
      roles = try await server.operations().filter { $0 == "sts.AssumeRole" }.count
    }
    #expect(roles >= 3)
  }

  /// The service takes keys back before their time: others are got, once, and the request goes through.
  @Test func keysThatAreRefusedAreReplaced() async throws {
    let server = try await AWSServer(.strict)
    let client = AWSClient(
      credentials: chain(server, [:]), endpoints: server.serverEndpoints, options: AWSClientOptions(proxy: .none))
    try await server.rules([
      ["match": "ec2.", "action": "error", "status": 400, "code": "ExpiredToken", "skip": 1]
    ])
    for _ in 0..<2 { _ = try await client.query("ec2", "DescribeRegions", version: "2016-11-15", []) }
    try await server.rules([["match": "ec2.", "action": "error", "status": 400, "code": "ExpiredToken", "times": 0]])
    let error = await #expect(throws: AWSError.self) {
      try await client.query("ec2", "DescribeRegions", version: "2016-11-15", [])
    }
    #expect(error?.isExpired == true)
    withExtendedLifetime(server) {}
  }
}
