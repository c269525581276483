import ConnectorProtocol
import Foundation

/// What became of the operations of this process: repeats are answered from it.
///
/// Operations of earlier processes are not in it: there the connector's own idempotence counts.
struct OperationTable {
  /// What an operation stands for; a repeat must have the same.
  struct Fingerprint: Hashable {
    var method: String
    var digest: String
  }

  enum Admission {
    case start
    /// It was finished before: its result, in canonical JSON.
    case answer(Data)
    case refuse(ConnectorError)
  }

  private enum State {
    case running
    case finished(Data)
    case failed
  }

  /// How many operations are remembered; the oldest that does not run any more is forgotten first.
  static let capacity = 4096

  private var entries: [OperationID: (fingerprint: Fingerprint, state: State)] = [:]
  private var order: [OperationID] = []

  mutating func begin(_ id: OperationID, _ fingerprint: Fingerprint) -> Admission {
    if let entry = entries[id] {
      guard entry.fingerprint == fingerprint else {
        return .refuse(
          ConnectorError(
            .operationConflict, "Operation \(id) was \(entry.fingerprint.method) with other parameters.",
            remedy: "Use a new operation id for other parameters.", outcome: .none))
      }
      switch entry.state {
      case .finished(let result): return .answer(result)
      case .running:
        return .refuse(
          ConnectorError(
            .operationInProgress, "Operation \(id) is running.",
            remedy: "Wait for its answer, then send it again if it failed.", outcome: .none, afterMs: 1000))
      case .failed: break
      }
    } else {
      order.append(id)
      forgetOldest()
    }
    entries[id] = (fingerprint, .running)
    return .start
  }

  /// A success is kept for repeats; after a failure (nil) the same operation may run again.
  mutating func end(_ id: OperationID, result: Data?) {
    guard let entry = entries[id] else { return }
    entries[id] = (entry.fingerprint, result.map { .finished($0) } ?? .failed)
  }

  private mutating func forgetOldest() {
    guard order.count > Self.capacity else { return }
    let forgettable = order.firstIndex { id in
      if case .running = entries[id]?.state { return false }
      return true
    }
    guard let forgettable else { return }
    entries[order.remove(at: forgettable)] = nil
  }
}
