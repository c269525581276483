public import ConnectorKit
public import ConnectorProtocol
import Foundation

/// Restores machines to run under QEMU on this computer.
public struct QEMUConnector: Connector {
  public static var document: CapabilityDocument { Capabilities.document }

  private let environment: ConnectorEnvironment

  public init(environment: ConnectorEnvironment) {
    self.environment = environment
  }

  public func validate(_ request: ConfigValidate) async throws -> ConfigValidate.Result {
    var diagnostics: [Diagnostic] = []
    let settings = Settings(request.connection) { diagnostics.append($0) }
    if request.phase == .live { diagnostics += try await LiveCheck(settings: settings).run() }
    return ConfigValidate.Result(diagnostics: diagnostics)
  }

  public func open(_ request: SessionOpen) async throws -> (SessionOpen.Result, QEMUSession) {
    let settings = try Settings.read(request.connection)
    let wanted = try settings.machinesFolder(state: request.stateFolder)
    let folder = try Failure.translating("Looking at the machines' folder \(wanted)", outcome: .none) {
      try FolderFacts.look(wanted)
    }
    let host = try await Host.look()
    let finding = await Accelerator.find(settings.accelerator)
    let session = QEMUSession(
      store: MachineStore(path: folder.path), settings: settings, host: host, finding: finding,
      environment: environment)
    let result = SessionOpen.Result(
      principal: ProcessInfo.processInfo.userName,
      endpoint: SessionOpen.Endpoint(product: "QEMU", version: host.version.description), overlay: try overlay(),
      warnings: LiveCheck.warnings(finding, settings: settings))
    if let why = finding.why { environment.logger.info("Machines are emulated (TCG): \(why).") }
    return (result, session)
  }

  /// Takes out of the document what this computer has no firmware for.
  private func overlay() throws -> JSONValue? {
    var boot = [Capabilities.boot(.bios)]
    if Firmware.find(secureBoot: false) != nil { boot.append(Capabilities.boot(.uefi)) }
    if Firmware.find(secureBoot: true) != nil { boot.append(Capabilities.boot(.uefi, secureBoot: true)) }
    guard boot != Capabilities.document.boot else { return nil }
    return ["boot": try JSONValue.encoding(boot)]
  }
}
