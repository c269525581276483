import ConnectorProtocol
import Foundation

/// What happens between the announcement of a resource and the host's acknowledgement.
enum LedgerRules {
  static func run(_ bench: Bench) {
    withheld(bench, "R10.2") { trial, conversation, id in
      conversation.acknowledging(true)
      let answer = try conversation.answer(id, seconds: bench.patience.operation, DiskPrepare.method)
      _ = try conversation.result(of: DiskPrepare.self, answer)
    }
    withheld(bench, "R10.5") { trial, conversation, _ in
      conversation.kill()
      let next = try trial.opened()
      let left = try trial.find(next)
      try require(left.isEmpty, "after the kill there are \(left.names)")
      _ = try next.call(trial.prepare(attempt: 2), seconds: bench.patience.operation)
      let announced = Set(trial.ledger.map(\.resource.key))
      let extra = try trial.find(next).filter { !announced.contains($0.key) }
      try require(extra.isEmpty, "on the platform and not in the ledger: \(extra.names)")
    }
  }

  /// A rule about a `disk/prepare` whose first ledger entry is not acknowledged.
  private static func withheld(
    _ bench: Bench, _ rule: String, _ body: (TrialJob, Conversation, RequestID) throws -> Void
  ) {
    var trial: TrialJob?
    defer { trial?.cleanUp() }
    bench.rule(rule) {
      let conversation = try bench.opened()
      let job = try TrialJob(bench, on: conversation)
      trial = job
      try job.preflight(conversation)
      conversation.acknowledging(false)
      let id = try conversation.ask(DiskPrepare.method, conversation.parameters(job.prepare()))
      _ = try conversation.wait("ledger entry", seconds: bench.patience.operation) { received in
        if received.contains(where: { notification($0.envelope, LedgerNotification.self) != nil }) { return true }
        if let answer = received.first(where: { $0.envelope.kind == .response && $0.envelope.id == id }) {
          _ = try conversation.result(of: DiskPrepare.self, answer.envelope)
          throw RuleSkip("disk/prepare makes nothing on this platform")
        }
        return nil
      }
      Thread.sleep(forTimeInterval: 0.7)
      let answered = conversation.all.contains { $0.envelope.kind == .response && $0.envelope.id == id }
      try require(!answered, "disk/prepare is answered although its ledger entry was not acknowledged")
      let watcher = try job.opened()
      let made = try job.find(watcher)
      watcher.finish()
      try require(made.isEmpty, "made before the acknowledgement: \(made.names)")
      try body(job, conversation, id)
    }
  }
}
