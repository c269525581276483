import ConnectorProtocol
import Foundation

/// The end of a restore that is kept.
enum CommitRules {
  static func run(_ bench: Bench) {
    var trial: TrialJob?
    var committed: (machine: MachineReference, made: [Resource])?
    defer { trial?.cleanUp() }
    bench.rule("R11.6") {
      guard bench.options.commits else { throw RuleSkip("the kit was told to leave job/commit out") }
      let long = bench.patience.operation
      let conversation = try bench.opened()
      let job = try TrialJob(bench, on: conversation)
      trial = job
      try job.preflight(conversation)
      let prepared = try conversation.call(job.prepare(), seconds: long)
      let received = try conversation.call(job.receive(prepared.target, job.offer()), seconds: long)
      let machine = try conversation.call(job.create(received.disk), seconds: long).machine

      let made = job.created
      let commit = try job.stamped(
        JobCommit(
          op: ConnectorProtocol.Operation(id: OperationID(""), attempt: 1, digest: ""), job: job.job, resources: made),
        "commit")
      let result = try conversation.call(commit, seconds: long)
      let (kept, removed) = (Set(result.kept.map(\.key)), Set(result.removed.map(\.key)))
      for resource in made {
        if resource.temporary {
          try require(removed.contains(resource.key), "\(resource.key) is temporary and was not removed")
        } else {
          try require(kept.contains(resource.key), "\(resource.key) is not temporary and was not kept")
        }
      }
      let left = try job.find(conversation)
      try require(left.isEmpty, "after commit there still bear the job's mark: \(left.names)")
      // A host that did not hear the answer sends it again.
      let again = try conversation.call(commit, seconds: long)
      try require(again == result, "job/commit repeated gives another result")
      committed = (machine, made)
    }
    bench.rule("R11.7") {
      let document = try PromotionRules.announced(bench)
      guard let trial, let machine = committed?.machine else { throw RuleSkip("needs a restore that was kept (R11.6)") }
      guard let other = trial.plan.otherHardware(document) else { throw RuleSkip(PromotionRules.noChoice) }
      let long = bench.patience.operation
      // Another process, a week later.
      let conversation = try trial.opened()
      let off = try trial.stamped(
        MachinePower(op: TrialJob.blank, job: trial.job, machine: machine, state: .off), "power off")
      _ = try conversation.call(off, seconds: long)
      let promoted = try conversation.call(trial.promote(machine, other), seconds: long)
      try require(promoted.hardware == other, "asked for \(other), it has \(promoted.hardware)")
      let left = try trial.find(conversation)
      try require(left.isEmpty, "the machine bears the job's mark again: \(left.names)")
    }
    // What is kept belongs to the platform's owner from now on: it is removed here only where the connector does it
    // without a mark.
    if let trial, let made = committed?.made, let conversation = try? trial.opened() {
      _ = try? trial.delete(made, on: conversation)
    }
  }
}
