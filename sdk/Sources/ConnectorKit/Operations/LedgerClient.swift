import ConnectorProtocol
import Synchronization

/// Numbers the ledger's entries and waits for the host's `$/ack`.
final class LedgerClient: Sendable {
  private enum Entry {
    case sent
    case acknowledged
    case cancelled
    case waiting(CheckedContinuation<Bool, Never>)
  }

  private struct State {
    var seq: Int64 = 0
    var entries: [Int64: Entry] = [:]
  }

  private let outbox: Outbox
  private let state = Mutex(State())

  init(outbox: Outbox) {
    self.outbox = outbox
  }

  /// Sends an entry; its number. Written under the lock, so that numbers rise in the order of the lines.
  ///
  /// - Parameter awaited: True where `acknowledged` will be called with the number.
  @discardableResult
  func record(_ event: LedgerNotification.Event, _ resource: Resource, op: OperationID, awaited: Bool) -> Int64 {
    state.withLock { state in
      state.seq += 1
      if awaited { state.entries[state.seq] = .sent }
      outbox.send(LedgerNotification(seq: state.seq, op: op, event: event, resource: resource))
      return state.seq
    }
  }

  /// Waits for the acknowledgement of an entry; false when the task was cancelled first.
  func acknowledged(_ seq: Int64) async -> Bool {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let known: Bool? = state.withLock { state in
          switch state.entries[seq] {
          case .acknowledged:
            state.entries[seq] = nil
            return true
          case .cancelled, nil:
            state.entries[seq] = nil
            return false
          case .sent, .waiting:
            state.entries[seq] = .waiting(continuation)
            return nil
          }
        }
        if let known { continuation.resume(returning: known) }
      }
    } onCancel: {
      resolve(seq, acknowledged: false)
    }
  }

  /// The host has made entry `seq` durable. Numbers that were never sent are ignored.
  func acknowledge(_ seq: Int64) {
    resolve(seq, acknowledged: true)
  }

  private func resolve(_ seq: Int64, acknowledged: Bool) {
    let waiting: CheckedContinuation<Bool, Never>? = state.withLock { state in
      switch state.entries[seq] {
      case .waiting(let continuation):
        state.entries[seq] = nil
        return continuation
      case .sent:
        state.entries[seq] = acknowledged ? .acknowledged : .cancelled
      case .acknowledged, .cancelled, nil:
        break
      }
      return nil
    }
    waiting?.resume(returning: acknowledged)
  }
}
