import Foundation

/// The usual order in which keys are looked for: those given, the environment, a profile, web identity, the container,
/// the instance. What is found is kept, and renewed before it expires.
public struct CredentialsChain: CredentialsSource {
  private let source: RenewedCredentials

  public init(
    _ options: CredentialsOptions, endpoints: AWSEndpoints, options client: AWSClientOptions = AWSClientOptions()
  ) {
    let search = CredentialsSearch(
      options: options, sender: Sender(endpoints, client), local: LocalKeys(environment: options.environment))
    let found = RenewedCredentials { () async throws(AWSError) in try await search.run() }
    guard let roleArn = options.roleArn else {
      source = found
      return
    }
    let role = RoleCredentials(
      sender: search.sender, roleArn: roleArn, sessionName: options.roleSessionName, externalId: options.externalId)
    source = RenewedCredentials { () async throws(AWSError) in try await role.assume(with: found) }
  }

  public func credentials() async throws(AWSError) -> AWSCredentials { try await source.credentials() }
  public func rejected(_ credentials: AWSCredentials) async { await source.rejected(credentials) }
}

/// One pass through the order.
struct CredentialsSearch: Sendable {
  let options: CredentialsOptions
  let sender: Sender
  let local: LocalKeys

  private var environment: [String: String] { options.environment }

  func run() async throws(AWSError) -> AWSCredentials {
    if let id = options.accessKeyId {
      guard let secret = options.secretAccessKey, !secret.isEmpty else {
        throw .credentials("explicit", "there is an access key without its secret")
      }
      return AWSCredentials(accessKeyId: id, secretAccessKey: secret, sessionToken: options.sessionToken)
    }
    if options.profile == nil, let keys = try environmentKeys() { return keys }
    if let keys = try await profileKeys() { return keys }
    if let path = environment["AWS_WEB_IDENTITY_TOKEN_FILE"], let role = environment["AWS_ROLE_ARN"] {
      return try await assumed(role, environment["AWS_ROLE_SESSION_NAME"]).assume(withTokenFile: path)
    }
    if let keys = try await local.container() { return keys }
    if let keys = try await local.instance() { return keys }
    throw .credentials(
      "search",
      "no keys are given, in the environment, in a profile, by web identity, by a container or by this machine")
  }

  private func environmentKeys() throws(AWSError) -> AWSCredentials? {
    guard let id = environment["AWS_ACCESS_KEY_ID"], !id.isEmpty else { return nil }
    guard let secret = environment["AWS_SECRET_ACCESS_KEY"], !secret.isEmpty else {
      throw .credentials("environment", "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not")
    }
    return AWSCredentials(
      accessKeyId: id, secretAccessKey: secret, sessionToken: nonEmpty(environment["AWS_SESSION_TOKEN"]))
  }

  private func nonEmpty(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }

  private func assumed(_ arn: String, _ session: String?, externalId: String? = nil) -> RoleCredentials {
    RoleCredentials(
      sender: sender, roleArn: arn, sessionName: session ?? options.roleSessionName, externalId: externalId)
  }

  // MARK: Profiles

  private func profileKeys() async throws(AWSError) -> AWSCredentials? {
    let named = options.profile ?? nonEmpty(environment["AWS_PROFILE"])
    let files = try ProfileFiles(environment: environment)
    let name = named ?? "default"
    guard files[name] != nil else {
      guard named != nil else { return nil }
      throw .credentials("profile", "there is no profile '\(name)' in \(files.paths.joined(separator: " or "))")
    }
    return try await keys(of: name, files, seen: [], isNamed: named != nil)
  }

  /// Keys of a profile: its own, or those of its role by another profile's, which may have a role too.
  private func keys(
    of name: String, _ files: ProfileFiles, seen: [String], isNamed: Bool
  ) async throws(AWSError) -> AWSCredentials? {
    guard let profile = files[name] else { throw .credentials("profile", "there is no profile '\(name)'") }
    guard seen.count < 8, !seen.contains(name) || seen.last == name else {
      throw .credentials("profile", "the profiles \(seen.joined(separator: ", ")) refer to each other")
    }
    if let arn = profile["role_arn"], seen.last != name {
      let role = assumed(arn, profile["role_session_name"], externalId: profile["external_id"])
      if let path = profile["web_identity_token_file"] { return try await role.assume(withTokenFile: path) }
      if let source = profile["source_profile"] {
        let keys = try await keys(of: source, files, seen: seen + [name], isNamed: true)
        guard let keys else { throw .credentials("profile", "the profile '\(source)' holds no keys") }
        return try await role.assume(with: FixedCredentials(keys: keys))
      }
      return try await role.assume(with: FixedCredentials(keys: try await origin(profile["credential_source"], name)))
    }
    if let id = profile["aws_access_key_id"] {
      guard let secret = profile["aws_secret_access_key"], !secret.isEmpty else {
        throw .credentials("profile", "the profile '\(name)' has an access key without its secret")
      }
      return AWSCredentials(
        accessKeyId: id, secretAccessKey: secret, sessionToken: nonEmpty(profile["aws_session_token"]))
    }
    if profile["sso_session"] != nil || profile["sso_start_url"] != nil {
      return try await SSOKeys(environment: environment, sender: sender).keys(of: name, files)
    }
    if let command = profile["credential_process"] {
      return try await CredentialProcess(environment: environment).keys(command, of: name)
    }
    guard isNamed else { return nil }
    throw .credentials("profile", "the profile '\(name)' holds no keys")
  }

  private func origin(_ source: String?, _ name: String) async throws(AWSError) -> AWSCredentials {
    let keys: AWSCredentials?
    switch source {
    case "Environment": keys = try environmentKeys()
    case "EcsContainer": keys = try await local.container()
    case "Ec2InstanceMetadata": keys = try await local.instance()
    default:
      throw .credentials(
        "profile", "the profile '\(name)' has a role and neither source_profile nor a known credential_source")
    }
    guard let keys else { throw .credentials("profile", "\(source ?? "") gives no keys for the profile '\(name)'") }
    return keys
  }
}

extension AWSError {
  /// Keys could not be had.
  static func credentials(_ operation: String, _ message: String, status: Int = 0) -> AWSError {
    AWSError(
      service: "credentials", operation: operation, status: status, code: Codes.noCredentials, message: message)
  }
}
