/// What a configuration says about keys. `CredentialsChain(_:endpoints:options:)`, a `CredentialsSource`, is made of it:
/// explicit keys, then the environment handed over, a profile, web identity, the container, the instance; where
/// `roleArn` stands, a role is assumed with what these give.
public struct CredentialsOptions: Hashable, Sendable {
  public var accessKeyId: String?
  public var secretAccessKey: String?
  public var sessionToken: String?
  /// Named explicitly: goes before the environment.
  public var profile: String?
  public var roleArn: String?
  public var externalId: String?
  public var roleSessionName: String
  /// Variables as `AWS_ACCESS_KEY_ID` and `AWS_CONFIG_FILE`.
  public var environment: [String: String]

  public init(
    accessKeyId: String? = nil, secretAccessKey: String? = nil, sessionToken: String? = nil, profile: String? = nil,
    roleArn: String? = nil, externalId: String? = nil, roleSessionName: String = "ascend",
    environment: [String: String] = [:]
  ) {
    self.accessKeyId = accessKeyId
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
    self.profile = profile
    self.roleArn = roleArn
    self.externalId = externalId
    self.roleSessionName = roleSessionName
    self.environment = environment
  }
}
