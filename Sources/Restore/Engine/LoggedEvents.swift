import ConnectorProtocol
import Connectors
import Logging
import Support

/// The events of a session outside any job: nothing may be made in it.
struct LoggedEvents: ConnectorEvents {
  let logger: Logger

  func ledger(_ notification: LedgerNotification) async throws {
    throw AscendError(
      "connector.unexpectedResource", "The connector wanted to make a \(notification.resource.kind) outside a job",
      object: notification.resource.name)
  }

  func progress(_ notification: ProgressNotification) {}
  func checkpoint(_ notification: CheckpointNotification) {}

  func diagnostic(_ notification: DiagnosticNotification) {
    logger.notice("\(notification.diagnostic.summary)")
  }

  func log(level: String, message: String) {
    logger.log(level: Logger.Level(rawValue: level) ?? .info, "\(message)")
  }
}
