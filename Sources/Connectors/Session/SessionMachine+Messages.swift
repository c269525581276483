import ConnectorProtocol
import Foundation
import Support

extension SessionMachine {
  mutating func line(_ data: Data, at now: Instant) -> [Action] {
    if case .failed = state { return [] }
    let envelope: Envelope
    do {
      envelope = try JSONDecoder().decode(Envelope.self, from: data)
    } catch {
      let start = String(decoding: data.prefix(80), as: UTF8.self)
      return fail(faults.protocolViolation("it wrote a line that is no message: \(start)"), at: now)
    }
    switch envelope.kind {
    case .response: return answer(envelope, at: now)
    case .notification: return notification(envelope, at: now)
    case .request:
      return fail(faults.protocolViolation("it sent a request, \(envelope.method ?? ""): only the host may"), at: now)
    case .invalid:
      return fail(faults.protocolViolation("it wrote JSON that is no JSON-RPC 2.0 message"), at: now)
    }
  }

  private mutating func notification(_ envelope: Envelope, at now: Instant) -> [Action] {
    do {
      switch envelope.method {
      case LedgerNotification.method: return ledger(try decode(envelope), at: now)
      case ProgressNotification.method: return progress(try decode(envelope), at: now)
      case CheckpointNotification.method: return checkpoint(try decode(envelope), at: now)
      case DiagnosticNotification.method: return [.deliver(.diagnostic(try decode(envelope)))]
      default: return []  // A newer connector may say things that are unknown here.
      }
    } catch {
      let what = "its \(envelope.method ?? "") is malformed: \(JSONFault.text(error))"
      return fail(faults.protocolViolation(what), at: now)
    }
  }

  private func decode<N: ConnectorNotification>(_ envelope: Envelope) throws -> N {
    try (envelope.params ?? .object([:])).decode(N.self)
  }

  private mutating func ledger(_ entry: LedgerNotification, at now: Instant) -> [Action] {
    guard entry.seq == ledgerSeq + 1 else {
      let what = "its ledger entry \(entry.seq) follows \(ledgerSeq)"
      return fail(faults.protocolViolation(what), at: now)
    }
    ledgerSeq = entry.seq
    signOfLife(of: entry.op, at: now)
    return [.deliver(.ledger(entry))]
  }

  private mutating func progress(_ progress: ProgressNotification, at now: Instant) -> [Action] {
    signOfLife(of: progress.op, at: now)
    // One that comes after the answer says nothing any more.
    return calls.values.contains { $0.operation == progress.op } ? [.deliver(.progress(progress))] : []
  }

  private mutating func checkpoint(_ checkpoint: CheckpointNotification, at now: Instant) -> [Action] {
    guard checkpoint.token.utf8.count <= MessageLimits.maxCheckpointBytes else {
      let what = "its checkpoint has \(checkpoint.token.utf8.count) bytes, of \(MessageLimits.maxCheckpointBytes)"
      return fail(faults.protocolViolation(what), at: now)
    }
    signOfLife(of: checkpoint.op, at: now)
    return [.deliver(.checkpoint(checkpoint))]
  }

  /// A call of this operation is alive, and so are the calls that have none of their own.
  private mutating func signOfLife(of operation: OperationID, at now: Instant) {
    for (id, call) in calls where call.operation == operation || call.operation == nil { calls[id]?.aliveAt = now }
  }

  mutating func acknowledge(_ seq: Int64) -> [Action] {
    if case .failed = state { return [] }
    guard let params = try? JSONValue.encoding(AckNotification(seq: seq)) else { return [] }
    return [.send(Envelope(method: AckNotification.method, params: params))]
  }
}
