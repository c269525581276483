import AWSClient
public import ConnectorKit
public import ConnectorProtocol
import Foundation

/// Restores machines onto Amazon EC2: disks become EBS snapshots, these an image, and that an instance.
public struct AWSConnector: Connector {
  public static var document: CapabilityDocument { Capabilities.document }

  private let environment: ConnectorEnvironment

  public init(environment: ConnectorEnvironment) {
    self.environment = environment
  }

  public func validate(_ request: ConfigValidate) async throws -> ConfigValidate.Result {
    var diagnostics: [Diagnostic] = []
    let settings = Settings(request.connection) { diagnostics.append($0) }
    if request.phase == .live, diagnostics.isEmpty { diagnostics += await LiveCheck(settings: settings).run() }
    return ConfigValidate.Result(diagnostics: diagnostics)
  }

  public func open(_ request: SessionOpen) async throws -> (SessionOpen.Result, AWSSession) {
    let settings = try Settings.read(request.connection)
    let credentials = CredentialsChain(
      try settings.credentials(request.secrets), endpoints: settings.awsEndpoints, options: settings.clientOptions)
    let account = Account(
      api: AWSClient(credentials: credentials, endpoints: settings.awsEndpoints, options: settings.clientOptions),
      impatient: AWSClient(
        credentials: credentials, endpoints: settings.awsEndpoints, options: settings.impatientOptions),
      settings: settings, environment: environment, stateFolder: request.stateFolder)
    let (principal, expiry) = try await Failure.translating("Opening \(settings.region)", outcome: .none) {
      let keys = try await credentials.credentials()
      environment.logger.conceal(keys.secretAccessKey)
      if let token = keys.sessionToken { environment.logger.conceal(token) }
      let opening = AWSClient(
        credentials: credentials, endpoints: settings.awsEndpoints, options: settings.openingOptions)
      return (try await account.identity(asking: opening), keys.expiresAt)
    }
    let result = SessionOpen.Result(
      principal: principal, endpoint: SessionOpen.Endpoint(product: "Amazon EC2", version: EC2.version),
      // Keys that the connector renews by itself are no matter of the host's.
      expiresAt: settings.renewsKeys ? nil : expiry?.formatted(.iso8601), warnings: ClockCheck.warnings(account))
    return (result, AWSSession(account: account))
  }
}
