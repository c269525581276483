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
    try StateDirectory.makePrivate(state.targetFolder(target.name))
    let secrets = try Secrets(state: state).secrets(of: target.id)
    let options = sessionOptions(target, workFolder: workFolder, job: job)
    return try await ConnectorSession.with(installation, options: options, events: events) { session in
      let opened = try await session.open(connection: target.config, secrets: secrets)
      for warning in opened.warnings { await events.diagnostic(DiagnosticNotification(diagnostic: warning)) }
      let open = try OpenSession(session: session, document: installation.document.narrowed(by: opened.overlay))
      guard let job else { return try await body(open) }
      let watch = LimitWatch(job: job.rawValue, store: store, state: state, session: open, events: events)
      let first = try await watch.begin()
      // Ends with the body: leaving the scope cancels it.
      async let _ = watch.run(after: first)
      return try await body(open)
    }
  }

  /// Runs `body` with a connector's process that has reached a target, outside any job.
  public func browse<T: Sendable>(
    _ target: TargetRecord, _ body: @escaping @Sendable (OpenSession) async throws -> T
  ) async throws(AscendError) -> T {
    let installation = try connectors.find(target.platform)
    do {
      return try await withSession(
        target: target, installation: installation, workFolder: browsingFolder(target),
        events: LoggedEvents(logger: logger), body)
    } catch {
      throw Self.hostError(error, target: target)
    }
  }

  /// Where a connector works when it is asked something outside any job.
  func browsingFolder(_ target: TargetRecord) -> String { state.path + "/browse/" + target.name }

  func sessionOptions(_ target: TargetRecord, workFolder: String, job: JobID? = nil) -> SessionOptions {
    SessionOptions(
      workFolder: workFolder, stateFolder: state.targetFolder(target.name), job: job,
      environment: ProcessInfo.processInfo.environment)
  }

  static func hostError(_ error: any Error, target: TargetRecord) -> AscendError {
    StepFailure.error(error, step: .validate, platform: target.platform)
  }
}
