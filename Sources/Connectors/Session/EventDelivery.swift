import ConnectorProtocol
import Support

/// Hands what the connector tells to the host's side, one after the other.
struct EventDelivery: Sendable {
  let process: SessionProcess
  let events: any ConnectorEvents

  func run() async {
    for await delivery in process.deliveries {
      await hand(delivery)
      process.delivered(delivery)
    }
  }

  private func hand(_ delivery: SessionMachine.Delivery) async {
    switch delivery {
    case .ledger(let entry): await ledger(entry)
    case .progress(let progress): await events.progress(progress)
    case .checkpoint(let checkpoint): await events.checkpoint(checkpoint)
    case .diagnostic(var notification):
      notification.diagnostic = process.redactor.redact(notification.diagnostic)
      await events.diagnostic(notification)
    case .log(let line): await events.log(level: line.level, message: line.message)
    case .answer: break
    }
  }

  private func ledger(_ entry: LedgerNotification) async {
    do {
      try await events.ledger(entry)
      process.feed(.ledgerDurable(seq: entry.seq))
    } catch {
      process.feed(.ledgerFailed(process.faults.ledger(error)))
    }
  }
}
