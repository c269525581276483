import ConnectorProtocol
import Connectors
import Support

/// What the connector that reads a backup tells in a job: into the job's log. Nothing may be made by it.
struct SourceEvents: ConnectorEvents {
  let board: JobBoard

  func ledger(_ notification: LedgerNotification) async throws {
    throw AscendError(
      "connector.unexpectedResource",
      "The connector wanted to make a \(notification.resource.kind) while it read a backup",
      object: notification.resource.name)
  }

  func diagnostic(_ notification: DiagnosticNotification) {
    board.log(.warning, "source", notification.diagnostic.summary)
  }

  func log(level: String, message: String) {
    board.log(EventRecord.Level(rawValue: level) ?? .info, "source", message)
  }
}
