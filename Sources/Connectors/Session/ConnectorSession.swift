public import ConnectorProtocol
import Foundation
import Support

/// A conversation with one connector process, which is started for it and has gone when it ends.
///
/// Errors that the connector answers are thrown as `ConnectorError`; what the host finds wrong with the connector
/// (it died, took too long, broke the protocol) is an `AscendError`, and ends the session.
public final class ConnectorSession: Sendable {
  public let installation: ConnectorInstallation
  public let options: SessionOptions
  /// What the connector answered to `initialize`.
  public let initialized: Initialize.Result
  private let process: SessionProcess

  public var document: CapabilityDocument { installation.document }

  private init(
    _ installation: ConnectorInstallation, options: SessionOptions, initialized: Initialize.Result,
    process: SessionProcess
  ) {
    self.installation = installation
    self.options = options
    self.initialized = initialized
    self.process = process
  }

  /// Starts the connector, agrees on the protocol with it, runs `body`, and stops it.
  ///
  /// When this returns or throws, the process and everything in its group have ended, and every event was delivered.
  ///
  /// - Throws: what `body` throws; `connector.startFailed`, `connector.versionUnsupported`, `connector.mismatch`.
  public static func with<T: Sendable>(
    _ installation: ConnectorInstallation, options: SessionOptions, events: any ConnectorEvents,
    body: (ConnectorSession) async throws -> T
  ) async throws -> T {
    try StateDirectory.makePrivate(options.workFolder)
    let grace = Duration.milliseconds(installation.document.timing.graceMs ?? 5000)
    let process = try SessionProcess(installation, options: options, grace: grace)
    // Not a child task: what the connector tells must reach the ledger even while the caller is being cancelled.
    let delivery = Task { await EventDelivery(process: process, events: events).run() }
    let result: Result<T, any Error>
    do {
      let initialized = try await Handshake(installation: installation, options: options).run(on: process)
      let session = ConnectorSession(
        installation, options: options, initialized: initialized, process: process)
      result = .success(try await body(session))
    } catch {
      result = .failure(error)
    }
    await process.stop()
    await delivery.value
    return try result.get()
  }

  /// Sends `request` and waits for its result.
  ///
  /// Cancelling the task sends `$/cancel` and still waits for the answer, for as long as `SessionOptions.cancelGrace`:
  /// it is an error with what was left behind, or the result where the connector was faster.
  ///
  /// - Throws: `ConnectorError` as answered; `AscendError`: `connector.died`, `connector.deadlineExceeded`,
  ///   `connector.protocolViolation`, `connector.unresponsive`, `connector.ledgerFailed`, `connector.messageTooLarge`.
  public func call<R: ConnectorRequest>(_ request: R, deadline: CallDeadline = .standard) async throws -> R.Result {
    try await process.call(request, deadline: deadline, options: options, connector: installation.id)
  }

  /// Tells the connector what its transfers may take from now on; one without the feature `limits` drops it.
  public func limit(_ limits: LimitsNotification) {
    guard let params = try? JSONValue.encoding(limits) else { return }
    process.feed(.notify(Envelope(method: LimitsNotification.method, params: params)))
  }

  /// Opens the platform's session. The secrets go to the connector's input and nowhere else, and are taken out of
  /// everything that it logs or answers from here on.
  public func open(
    connection: JSONValue, secrets: [String: String] = [:]
  ) async throws -> SessionOpen.Result {
    let request = SessionOpen(connection: connection, secrets: secrets, stateFolder: options.stateFolder)
    let patience = Duration.milliseconds(min(max(document.timing.openMs ?? 60_000, 1000), 600_000))
    return try await call(request, deadline: CallDeadline(idle: nil, absolute: patience))
  }
}
