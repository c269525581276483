import ConnectorProtocol
import Connectors
import Foundation
public import Support

extension RestoreEngine {
  /// Runs `body` with a connector's process that has reached its platform.
  func withSession<T: Sendable>(
    target: TargetRecord, installation: ConnectorInstallation, workFolder: String, job: JobID? = nil,
    events: any ConnectorEvents, _ body: @escaping @Sendable (OpenSession) async throws -> T
  ) async throws -> T {
    let stateFolder = state.targetFolder(target.name)
    try StateDirectory.makePrivate(stateFolder)
    let secrets = try Secrets(state: state).secrets(of: target.id)
    let options = SessionOptions(
      workFolder: workFolder, stateFolder: stateFolder, job: job, environment: ProcessInfo.processInfo.environment)
    return try await ConnectorSession.with(installation, options: options, events: events) { session in
      let opened = try await session.open(connection: target.config, secrets: secrets)
      for warning in opened.warnings { await events.diagnostic(DiagnosticNotification(diagnostic: warning)) }
      return try await body(
        OpenSession(session: session, document: installation.document.narrowed(by: opened.overlay)))
    }
  }

  /// Runs `body` with a connector's process that has reached a target, outside any job.
  public func browse<T: Sendable>(
    _ target: TargetRecord, _ body: @escaping @Sendable (OpenSession) async throws -> T
  ) async throws(AscendError) -> T {
    let installation = try connectors.find(target.platform)
    do {
      return try await withSession(
        target: target, installation: installation, workFolder: state.path + "/browse/" + target.name,
        events: LoggedEvents(logger: logger), body)
    } catch {
      throw Self.hostError(error, target: target)
    }
  }

  static func hostError(_ error: any Error, target: TargetRecord) -> AscendError {
    StepFailure.error(error, step: .validate, platform: target.platform)
  }
}
