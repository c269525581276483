import ConnectorProtocol
import Foundation

/// A whole restore, the same again, and everything taken away twice.
enum RestoreRules {
  struct Done {
    var prepared: DiskPrepare.Result
    var received: DiskReceive.Result
    var created: MachineCreate.Result
    var source: DiskSource
  }

  static func run(_ bench: Bench) {
    var trial: TrialJob?
    var done: Done?
    var conversation: Conversation?
    defer { trial?.cleanUp() }
    let outcome = Result {
      let opened = try bench.opened()
      conversation = opened
      let job = try TrialJob(bench, on: opened)
      trial = job
      done = try restore(job, opened, bench)
    }
    bench.rule("R8.1") { try outcome.get() }
    func state() throws -> (TrialJob, Done, Conversation) {
      guard let trial, let done, let conversation else { throw RuleSkip("needs a restore that succeeded (R8.1)") }
      return (trial, done, conversation)
    }
    bench.rule("R8.7") {
      let (trial, done, _) = try state()
      guard let digest = done.received.digest else { throw RuleSkip("disk/receive gives no digest") }
      try require(digest == trial.disk.digest, "the digest is \(digest), that of the source \(trial.disk.digest)")
    }
    bench.rule("R8.8") {
      let (trial, done, _) = try state()
      guard try bench.knownDocument().features.contains(DiskReceive.readBackFeature) else {
        throw RuleSkip("the document has no feature \(DiskReceive.readBackFeature)")
      }
      let found = done.received.platformDigest
      try require(
        found?.algorithm == DiskReceive.PlatformDigest.content && found?.value == trial.disk.digest,
        "read back it is \(found?.value ?? "not told"), the source \(trial.disk.digest)")
    }
    repeated(bench, state)
    ledger(bench, state)
    PromotionRules.run(bench, state)
    rollback(bench, state)
  }

  private static func restore(_ trial: TrialJob, _ conversation: Conversation, _ bench: Bench) throws -> Done {
    let long = bench.patience.operation
    try trial.preflight(conversation)
    let prepared = try conversation.call(trial.prepare(), seconds: long)
    try require(
      prepared.ingest.want == trial.plan.access,
      "disk/prepare wants \(prepared.ingest.want), the plan said \(trial.plan.access)")
    let source = try trial.offer()
    let received = try conversation.call(trial.receive(prepared.target, source), seconds: long)
    bench.wholeTransferBytes = trial.bytesServed
    let created = try conversation.call(trial.create(received.disk), seconds: long)
    _ = try conversation.call(trial.configure(created.machine), seconds: long)
    return Done(prepared: prepared, received: received, created: created, source: source)
  }

  private static func repeated(_ bench: Bench, _ state: () throws -> (TrialJob, Done, Conversation)) {
    let long = bench.patience.operation
    bench.rule("R8.2") {
      let (trial, done, conversation) = try state()
      let prepared = try conversation.call(trial.prepare(attempt: 2), seconds: long)
      try require(prepared == done.prepared, "disk/prepare repeated gives another result")
      let again = try trial.receive(prepared.target, done.source, attempt: 2)
      let received = try conversation.call(again, seconds: long)
      try require(received == done.received, "disk/receive repeated gives another result")
      let created = try conversation.call(trial.create(received.disk, attempt: 2), seconds: long)
      try require(created == done.created, "machine/create repeated gives another result")
    }
    bench.rule("R8.3") {
      let (trial, done, conversation) = try state()
      let before = try trial.find(conversation)
      _ = try conversation.call(trial.prepare(attempt: 3), seconds: long)
      _ = try conversation.call(trial.create(done.received.disk, attempt: 3), seconds: long)
      let after = try trial.find(conversation)
      try require(after.names == before.names, "before: \(before.names); after: \(after.names)")
    }
    bench.rule("R8.4") {
      let (trial, _, _) = try state()
      let conversation = try trial.opened()
      let before = try trial.find(conversation)
      let prepared = try conversation.call(trial.prepare(attempt: 4), seconds: long)
      let received = try conversation.call(
        trial.receive(prepared.target, trial.offer(), attempt: 4), seconds: long)
      _ = try conversation.call(trial.create(received.disk, attempt: 4), seconds: long)
      let after = try trial.find(conversation)
      try require(after.names == before.names, "before: \(before.names); after: \(after.names)")
    }
    bench.rule("R8.5") {
      let (trial, _, conversation) = try state()
      let other = DiskPrepare(op: TrialJob.blank, job: trial.job, plan: try trial.planned(), index: 1)
      let request = try trial.stamped(other, "prepare", 2)
      try conversation.refused(DiskPrepare.method, conversation.parameters(request), .operationConflict)
    }
  }

  private static func ledger(_ bench: Bench, _ state: () throws -> (TrialJob, Done, Conversation)) {
    bench.rule("R10.1") {
      let (trial, _, conversation) = try state()
      var announced: Set<String> = []
      for entry in conversation.notifications(LedgerNotification.self) {
        if entry.event == .intend { announced.insert(entry.resource.key) }
        if entry.event == .created {
          try require(announced.contains(entry.resource.key), "\(entry.resource.key) was created without intend")
        }
      }
      try require(!trial.created.isEmpty, "a whole restore made no ledger entry")
    }
    bench.rule("R10.3") {
      let (_, _, conversation) = try state()
      let numbers = conversation.notifications(LedgerNotification.self).map(\.seq)
      try require(numbers == Array(1...Int64(max(1, numbers.count))), "the numbers are \(numbers)")
    }
    bench.rule("R10.4") {
      let (trial, _, conversation) = try state()
      let announced = Set(trial.ledger.map(\.resource.key))
      let unannounced = try trial.find(conversation).filter { !announced.contains($0.key) }
      try require(unannounced.isEmpty, "on the platform and not in the ledger: \(unannounced.names)")
    }
  }

  private static func rollback(_ bench: Bench, _ state: () throws -> (TrialJob, Done, Conversation)) {
    var found: [Resource] = []
    var conversation: Conversation?
    var removed = false
    bench.rule("R11.1") {
      let (trial, _, _) = try state()
      let opened = try trial.opened()
      conversation = opened
      found = try trial.find(opened)
      let keys = Set(found.map(\.key))
      let missing = trial.created.filter { !keys.contains($0.key) }
      try require(missing.isEmpty, "in the ledger and not found: \(missing.names)")
      try require(!found.isEmpty, "nothing is found")
    }
    func ready() throws -> (TrialJob, Conversation) {
      let (trial, _, _) = try state()
      guard let conversation, !found.isEmpty else { throw RuleSkip("needs resources that are found (R11.1)") }
      return (trial, conversation)
    }
    bench.rule("R11.5") {
      let (trial, conversation) = try ready()
      let results = try trial.delete(found, job: JobID(TimeOrderedUUID.make()), on: conversation)
      for result in results where result.state == .deleted {
        throw RuleFailure("\(result.kind) \(result.name) was deleted for another job")
      }
      let left = try trial.find(conversation)
      try require(left.names == found.names, "left are \(left.names)")
    }
    bench.rule("R11.2") {
      let (trial, conversation) = try ready()
      let results = try trial.delete(found, on: conversation)
      try require(results.count == found.count, "\(found.count) resources, \(results.count) results")
      for result in results where result.state != .deleted && result.state != .absent {
        throw RuleFailure("\(result.kind) \(result.name) is \(result.state): \(result.why ?? "no reason is given")")
      }
      removed = true
    }
    bench.rule("R11.4") {
      let (trial, conversation) = try ready()
      guard removed else { throw RuleSkip("needs a rollback (R11.2)") }
      let left = try trial.find(conversation)
      try require(left.isEmpty, "still found: \(left.names)")
    }
    bench.rule("R11.3") {
      let (trial, _) = try ready()
      guard removed else { throw RuleSkip("needs a rollback (R11.2)") }
      for result in try trial.delete(found, on: trial.opened()) where result.state != .absent {
        throw RuleFailure("\(result.kind) \(result.name) is \(result.state): \(result.why ?? "no reason is given")")
      }
    }
  }
}
