public import ConnectorKit
public import ConnectorProtocol
import Foundation

/// Restores machines onto VMware vSphere: vCenter or a single ESXi host, or into OVA files for either.
public struct VMwareConnector: Connector {
  public static var document: CapabilityDocument { Capabilities.document }

  private let environment: ConnectorEnvironment

  public init(environment: ConnectorEnvironment) {
    self.environment = environment
  }

  public func validate(_ request: ConfigValidate) async throws -> ConfigValidate.Result {
    var diagnostics: [Diagnostic] = []
    let settings = Settings(request.connection) { diagnostics.append($0) }
    if request.phase == .live, diagnostics.isEmpty { diagnostics += try await LiveCheck(settings: settings).run() }
    return ConfigValidate.Result(diagnostics: diagnostics)
  }

  public func open(_ request: SessionOpen) async throws -> (SessionOpen.Result, VMwareSession) {
    let settings = try Settings.read(request.connection)
    if settings.delivery == .ova {
      let folder = try ExportFolder(settings: settings)
      let endpoint = SessionOpen.Endpoint(product: "OVA files", version: "1.1")
      let result = SessionOpen.Result(endpoint: endpoint, overlay: try ExportFolder.overlay())
      return (result, VMwareSession(work: .export(ExportWork(folder: folder, settings: settings))))
    }
    guard let url = settings.url else { throw Failure.notVSphere("", "no address was given") }
    let credentials = try settings.credentials(request.secrets)
    if case .token(let assertion) = credentials { environment.logger.conceal(assertion) }
    let web = WebClient(
      base: url, trust: WebClient.Trust(caFile: settings.caFile, thumbprint: settings.thumbprint))
    let client = try await VimClient.connect(web, credentials)
    if let cookie = client.cookie { environment.logger.conceal(cookie) }
    let work = ServerWork(client: client, settings: settings, environment: environment)
    let result = SessionOpen.Result(
      principal: credentials.user,
      endpoint: SessionOpen.Endpoint(product: client.content.product, version: client.content.version),
      overlay: try overlay(settings), warnings: warnings(client))
    return (result, VMwareSession(work: .server(work)))
  }

  /// Flat files are another form of disk than what the document says first.
  private func overlay(_ settings: Settings) throws -> JSONValue? {
    guard settings.delivery == .datastore else { return nil }
    return ["disks": try JSONValue.encoding(Capabilities.disks(.datastore))]
  }

  private func warnings(_ client: VimClient) -> [Diagnostic] {
    guard client.content.apiVersion.compare("6.5", options: .numeric) == .orderedAscending else { return [] }
    return [
      Diagnostic(
        severity: .warning, code: "server.old",
        summary: "\(client.web.server) speaks API \(client.content.apiVersion); 6.5 and later are known to work.")
    ]
  }
}
